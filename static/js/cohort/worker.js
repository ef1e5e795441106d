// Runs the checker beside the page. The first message names the scripts that hold the rules (only the page knows the
// hashes in their addresses), each later one a file and what it is checked against.
"use strict";

self.onmessage = async ({ data: { scripts, file, options } }) => {
    if (scripts) {
        importScripts(...scripts);
        return;
    }
    try {
        const progress = (done, total) => self.postMessage({ done, total });
        self.postMessage({ result: await self.wrCohort.check(file, options, progress) });
    } catch {
        self.postMessage({ unreadable: true }); // the file was changed or taken away while it was read
    }
};
