// Files chosen on a page, each in a line of its own, and their check beside the page (worker.js). What becomes of a
// checked file is the page's: page.js sends it, check_page.js does not.
(function (wr) {
    "use strict";

    const quarterWords = (quarter) => `${Math.floor(quarter / 10)} Q${quarter % 10}`;
    const count = (number) => number.toLocaleString("en-US");
    const countOf = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;
    const percent = (done, total) => Math.floor(100 * done / (total || 1));

    // One file after the other is checked; the rules stay loaded.
    class Checker {
        constructor({ worker, rules }) {
            this.worker = new Worker(worker);
            this.worker.postMessage({ scripts: rules });
            this.queue = Promise.resolve();
            self.addEventListener("pagehide", () => this.worker.terminate());
        }

        check(file, options, progress) {
            const run = () => new Promise((resolve) => {
                this.worker.onmessage = ({ data }) =>
                    ("done" in data ? progress(data.done, data.total) : resolve(data));
                this.worker.onerror = () => resolve({ unreadable: true });
                this.worker.postMessage({ file, options });
            });
            return (this.queue = this.queue.then(run));
        }
    }

    // One chosen file: checking, then refused or ready.
    class Chosen {
        constructor(file, removed) {
            this.file = file;
            this.state = "checking";
            this.row = document.getElementById("cohort-file-row").content.firstElementChild.cloneNode(true);
            this.part("name").textContent = file.name;
            this.part("remove").append(this.hidden(` ${file.name}`));
            this.part("remove").addEventListener("click", () => removed(this));
            this.bar = this.part("bar");
            this.bar.setAttribute("aria-label", `Progress of ${file.name}`);
        }

        part(name) {
            return this.row.querySelector(`[data-wr-${name}]`);
        }

        hidden(text) {
            const words = document.createElement("span");
            words.className = "usa-sr-only";
            words.textContent = text;
            return words;
        }

        say(words, announce = true) {
            this.part("words").textContent = words;
            if (announce) {
                document.getElementById("wr-live").textContent = `${this.file.name}: ${words}`;
            }
        }

        progress(done, total, words, announce = false) {
            this.bar.hidden = false;
            this.bar.max = total;
            this.bar.value = done;
            this.say(words, announce);
        }

        // Checks the file by the rules in `options`; `maxBytes` and `hints` are the server's.
        async check(checker, options, { maxBytes, hints }) {
            this.say("Waiting to be checked");
            if (this.file.size > maxBytes) {
                return this.end("refused", "The file is larger than the limit. Split the cohort, or ask BLS.");
            }
            const { result } = await checker.check(this.file, options, (done, total) =>
                this.progress(done, total, `Checking: ${percent(done, total)} percent`));
            if (!result) {
                return this.end("refused", "The file was changed or taken away while it was read. Choose it again.");
            }
            this.quarter = result.quarter;
            this.part("place").textContent = result.quarter ? quarterWords(result.quarter) : "";
            const report = result.problems.length ? [wr.reportOf(result.problems, hints, this.file.name)] : [];
            this.part("report").replaceChildren(...report);
            this.people = result.rows - result.excluded;
            this.leftOut = result.excluded;
            return result.ok ? this.end("ready", this.readyWords()) : this.end("refused", this.refusedWords(result.rows));
        }

        readyWords() {
            const out = this.leftOut ? ` ${countOf(this.leftOut, "line")} would be left out; you confirm that later.` : "";
            return `Checked: ${countOf(this.people, "person", "people")}.${out}`;
        }

        refusedWords(lines) {
            return `${countOf(lines, "line")} ${lines === 1 ? "was" : "were"} read, and something is wrong.`;
        }

        end(state, words) {
            this.state = state;
            this.row.dataset.state = state;
            this.bar.hidden = true;
            this.say(words);
        }
    }

    Object.assign(wr, { Checker, Chosen, countOf, percent });
})((self.wrCohort = self.wrCohort || {}));
