// Sends a file in parts, as docs/api says for programs: begin, parts with their offset and hash, finish. After a cut
// connection it asks how far the file has come and goes on from there; so does, after the page was loaded again or left,
// who chooses the same file again: the hashes of its parts prove that it is the same.
(function (wr) {
    "use strict";

    const MOST_TRIES = 8;
    const LONGEST_WAIT = 30000;

    // `again`: worth another try, since only the network or the server's state of the moment stood in the way.
    class Refused extends Error {
        constructor(reasons, again) {
            super(reasons.join(" "));
            this.again = again;
        }
    }

    const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

    function answerOf(status, text) {
        let answer = {};
        try {
            answer = text ? JSON.parse(text) : {};
        } catch {
            throw new Refused(["Your session may have ended. Load this page again and sign in."], status >= 500);
        }
        if (status >= 200 && status < 300) {
            return answer;
        }
        const again = status >= 500 || status === 429;
        throw Object.assign(new Refused(answer.reasons ?? ["The file was not taken."], again), { status });
    }

    // One call. XMLHttpRequest, because it says how much has been sent.
    function call(method, address, token, { body, headers = {}, sent = () => {}, signal } = {}) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            request.open(method, address);
            request.setRequestHeader("Accept", "application/json");
            request.setRequestHeader("X-CSRFToken", token);
            Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value));
            request.upload.onprogress = (event) => sent(event.loaded);
            request.onload = () => {
                try {
                    resolve(answerOf(request.status, request.responseText));
                } catch (refused) {
                    reject(refused);
                }
            };
            request.onerror = request.ontimeout = () => reject(new Refused(["There is no connection."], true));
            request.onabort = () => reject(new Refused(["Stopped."], false));
            signal?.addEventListener("abort", () => request.abort(), { once: true });
            request.send(body);
        });
    }

    async function digestOf(bytes) {
        const digest = new Uint8Array(await self.crypto.subtle.digest("SHA-256", bytes));
        return btoa(String.fromCharCode(...digest));
    }

    // The hash of each part of a file of several parts, one part in memory at a time.
    async function digestsOf(file, partBytes) {
        const digests = [];
        for (let at = 0; file.size > partBytes && at < file.size; at += partBytes) {
            digests.push(await digestOf(await file.slice(at, at + partBytes).arrayBuffer()));
        }
        return digests;
    }

    // Tries again after a pause, longer each time; `waiting` is told why.
    async function persistently(work, waiting, signal) {
        for (let tries = 1; ; tries++) {
            try {
                return await work();
            } catch (refused) {
                if (!refused.again || tries === MOST_TRIES || signal?.aborted) {
                    throw refused;
                }
                waiting(refused.message);
                await wait(Math.min(LONGEST_WAIT, 500 * 2 ** tries));
            }
        }
    }

    // Sends `file` to a place of the grid. told: {goesOn(bytes), progress(bytes), waiting(words)}.
    async function send(file, place, { addresses, partBytes, token }, told, signal) {
        const json = { "Content-Type": "application/json" };
        const asked = JSON.stringify({ ...place, bytes: file.size, parts: await digestsOf(file, partBytes) });
        const begin = () => call("POST", addresses.begin, token, { body: asked, headers: json, signal });
        let upload = await persistently(begin, told.waiting, signal);
        if (upload.received) {
            told.goesOn(upload.received);
        }
        const one = addresses.one.replace("ID", upload.id), finish = addresses.finish.replace("ID", upload.id);
        const look = () => call("GET", one, token, { signal });
        const part = async () => {
            const from = upload.received;
            const bytes = await file.slice(from, from + upload.part_bytes).arrayBuffer();
            const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": from,
                "Content-Digest": `sha-256=:${await digestOf(bytes)}:` };
            const sent = (count) => told.progress(from + Math.min(count, bytes.byteLength));
            try {
                upload = await call("PUT", one, token, { body: bytes, headers, sent, signal });
            } catch (refused) {
                refused.again ||= refused.status === 400; // it did not arrive whole
                if (refused.again || refused.status === 409) {
                    upload = await persistently(look, told.waiting, signal);
                    if (!upload.ended && (upload.received > from || refused.status === 409)) {
                        return; // it had arrived after all, or another part is next
                    }
                }
                throw refused;
            }
        };
        while (upload.received < file.size) {
            await persistently(part, told.waiting, signal);
            told.progress(upload.received);
        }
        const finished = () => call("POST", finish, token, { signal });
        return persistently(finished, told.waiting, signal);
    }

    wr.send = send;
})((self.wrCohort = self.wrCohort || {}));
