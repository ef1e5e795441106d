// The cohort checker for the browser: the rules of matching/core/cohort/file.py once more, so that a file with problems
// is not sent at all. Its answer holds kinds, counts and line numbers, never anything of the file. A property test holds
// these rules against those of the server (tests/browser/test_cohort_rules.py).
(function (wr) {
    "use strict";

    const MAX_ROWS = 5000000;
    const HEAD_BYTES = 4096;

    // The answer of matching.core.cohort.file.check: {ok, quarter, rows, excluded, problems: [{kind, count, lines}]}.
    // options: {state, quarters: [YYYYQ], world, policy, maxRows, sliceBytes}; progress(done, total) in bytes.
    async function check(file, options, progress = () => {}) {
        const asked = { policy: "strict", maxRows: MAX_ROWS, ...options };
        const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
        const reader = new wr.Reader(asked);
        const log = reader.fileLog;
        const foreign = wr.foreignFormat(head);
        if (foreign) {
            log.add(foreign);
            return answer(reader, asked, 0);
        }
        const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
        await wr.readLines(file, hasMark ? 3 : 0, reader, progress);
        if (reader.headless && reader.seen) {
            log.add("header_missing", 1);
        }
        if (reader.stopped) {
            log.add("too_large");
            return answer(reader, asked, 0);
        }
        log.absorb(reader.log);
        const good = wr.checkRows(reader.rows, asked.world, log);
        if (reader.seen === 0 || (asked.policy === "exclude" && good === 0 && !log.refusesFile)) {
            log.add("empty");
        }
        return answer(reader, asked, good);
    }

    function answer(reader, { policy, maxRows }, good) {
        const log = reader.fileLog;
        const ok = policy === "strict" ? log.found.size === 0 : !log.refusesFile;
        const rows = Math.min(reader.seen, maxRows + 1);
        return { ok, quarter: reader.quarter, rows, excluded: ok ? rows - good : 0, problems: log.problems() };
    }

    wr.check = check;
})((self.wrCohort = self.wrCohort || {}));
