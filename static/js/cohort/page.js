// The page that sends cohort files: every chosen file is checked in a worker, and only one without problems is sent.
// Without this script the page of one place takes its file as a plain form, and the server checks it.
(function (wr) {
    "use strict";

    const SHOW_TIME_LEFT_AFTER = 2000;
    const quarterWords = (quarter) => `${Math.floor(quarter / 10)} Q${quarter % 10}`;
    const count = (number) => number.toLocaleString("en-US");

    let settings, form, input, list, button, token, worker;
    const chosen = [];

    // One file after the other is checked; the rules stay loaded.
    let queue = Promise.resolve();
    function check(file, options, progress) {
        const run = () => new Promise((resolve) => {
            worker.onmessage = ({ data }) => ("done" in data ? progress(data.done, data.total) : resolve(data));
            worker.onerror = () => resolve({ unreadable: true });
            worker.postMessage({ file, options });
        });
        return (queue = queue.then(run));
    }

    function timeLeft(begun, done, total) {
        const spent = performance.now() - begun;
        if (spent < SHOW_TIME_LEFT_AFTER || !done) {
            return "";
        }
        const seconds = Math.ceil((spent / done) * (total - done) / 1000);
        return seconds < 60 ? `, ${seconds} seconds left` : `, ${Math.ceil(seconds / 60)} minutes left`;
    }

    // One chosen file: checking, refused, ready, sending, sent, stopped.
    class Chosen {
        constructor(file) {
            this.file = file;
            this.state = "checking";
            this.row = document.getElementById("cohort-file-row").content.firstElementChild.cloneNode(true);
            this.part("name").textContent = file.name;
            this.part("remove").append(this.hidden(` ${file.name}`));
            this.part("again").append(this.hidden(` to send ${file.name}`));
            this.part("remove").addEventListener("click", () => this.remove());
            this.part("again").addEventListener("click", () => this.send().then(settle));
            this.bar = this.part("bar");
            this.bar.setAttribute("aria-label", `Progress of ${file.name}`);
            this.choices();
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

        choices() {
            const select = this.row.querySelector("select"), label = this.row.querySelector("label");
            select.id = `cohort-of-${chosen.length}-${Date.now()}`;
            label.htmlFor = select.id;
            label.append(this.hidden(` of ${this.file.name}`));
            const empty = settings.cohorts.length > 1 ? [new Option("Choose the cohort", "")] : [];
            select.append(...empty, ...settings.cohorts.map((name) => new Option(name, name)));
            select.addEventListener("change", settle);
            this.part("choose").hidden = settings.cohorts.length < 2;
            this.select = select;
        }

        get place() {
            return { cohort: this.select.value, quarter: this.quarter };
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

        async check() {
            this.say("Waiting to be checked");
            if (this.file.size > settings.maxBytes) {
                return this.end("refused", "The file is larger than the limit. Split the cohort, or ask BLS.");
            }
            const { state, quarters, world, policy } = settings;
            const percent = (done, total) => Math.round(100 * done / (total || 1));
            const { result } = await check(this.file, { state, quarters, world, policy }, (done, total) =>
                this.progress(done, total, `Checking: ${percent(done, total)} percent`));
            this.bar.hidden = true;
            if (!result) {
                return this.end("refused", "The file was changed or taken away while it was read. Choose it again.");
            }
            this.quarter = result.quarter;
            this.part("place").textContent = result.quarter ? quarterWords(result.quarter) : "";
            if (result.problems.length) {
                this.part("report").replaceChildren(wr.reportOf(result.problems, settings.hints, this.file.name));
            }
            if (!result.ok) {
                return this.end("refused", `Not sent: ${count(result.rows)} lines were read, and something is wrong.`);
            }
            this.people = result.rows - result.excluded;
            this.leftOut = result.excluded;
            return this.end("ready", this.readyWords());
        }

        readyWords() {
            const out = this.leftOut ? ` ${count(this.leftOut)} lines would be left out; you confirm that later.` : "";
            return `Checked: ${count(this.people)} people.${out}`;
        }

        end(state, words) {
            this.state = state;
            this.row.dataset.state = state;
            this.bar.hidden = true;
            this.say(words);
            this.part("again").hidden = state !== "stopped";
            this.part("remove").hidden = state === "sent" || state === "sending";
            this.select.disabled = state === "sent" || state === "sending";
        }

        async send() {
            this.end("sending", "Sending");
            const begun = performance.now(), total = this.file.size;
            const told = {
                progress: (done) => this.progress(done, total,
                    `Sending: ${Math.floor(100 * done / total)} percent${timeLeft(begun, done, total)}`),
                waiting: (words) => this.say(`${words} Trying again from where it stopped.`),
            };
            try {
                await wr.send(this.file, this.place, { addresses: settings.addresses, token }, told);
                this.end("sent", "Sent. It is checked once more and compared with the other files of the request.");
            } catch (refused) {
                this.end("stopped", refused.message);
            }
        }

        remove() {
            chosen.splice(chosen.indexOf(this), 1);
            this.row.remove();
            settle();
            input.focus();
        }
    }

    // Two files for one place, or none chosen: said before anything is sent.
    function placed(one) {
        const { cohort, quarter } = one.place;
        if (!cohort) {
            return "Choose the named cohort.";
        }
        const same = (other) => other !== one && ["ready", "sent"].includes(other.state) &&
            other.place.cohort === cohort && other.place.quarter === quarter;
        if (chosen.some(same)) {
            return "Another file chosen here is for the same cohort and quarter. Remove one.";
        }
        const standing = settings.standing[`${cohort}/${quarter}`];
        return standing && standing !== "refused" ? "replaces" : "";
    }

    function settle() {
        const ready = chosen.filter((one) => one.state === "ready");
        let possible = 0;
        for (const one of ready) {
            const said = placed(one);
            one.possible = said === "" || said === "replaces";
            possible += one.possible;
            const note = said === "replaces" ? "It takes the place of the file sent before." : said;
            one.say(`${one.readyWords()} ${note}`.trim(), false);
        }
        form.querySelector("[data-wr-sending]").hidden = !chosen.length;
        button.hidden = Boolean(settings.grid) && !possible;
        button.textContent = possible > 1 ? `Send ${possible} files` : "Send file";
    }

    function choose() {
        const added = [...input.files].map((file) => new Chosen(file));
        if (!settings.grid) {
            chosen.splice(0).forEach((one) => one.row.remove());
        }
        chosen.push(...added);
        list.append(...added.map((one) => one.row));
        settle();
        if (settings.grid) {
            input.value = ""; // the same file can be chosen again once it was mended
        }
        for (const one of added) {
            one.checked = one.check().then(settle);
        }
    }

    async function sendAll(event) {
        if (!chosen.length) {
            return; // the server says what is missing
        }
        event.preventDefault();
        if (chosen.some((one) => one.state === "sending")) {
            return;
        }
        await Promise.all(chosen.map((one) => one.checked));
        const refused = chosen.find((one) => one.state === "refused");
        if (refused) {
            refused.row.scrollIntoView({ block: "nearest" });
            refused.say(refused.part("words").textContent);
        }
        for (const one of chosen.filter((each) => each.state === "ready" && each.possible)) {
            if (chosen.includes(one)) {
                await one.send();
                refreshGrid();
            }
        }
        settle();
        if (settings.after && chosen.length && chosen.every((one) => one.state === "sent")) {
            location.assign(settings.after);
        }
    }

    function refreshGrid() {
        if (settings.grid) {
            self.htmx.ajax("GET", settings.grid, { target: "#cohort-grid", swap: "outerHTML" });
        }
    }

    function warn(event) {
        if (chosen.some((one) => one.state === "sending")) {
            event.preventDefault();
        }
    }

    function start() {
        form = document.querySelector("[data-wr-cohort-form]");
        const said = document.getElementById("cohort-settings");
        if (!form || !said || !self.Worker || !self.crypto.subtle) {
            return;
        }
        settings = JSON.parse(said.textContent);
        input = form.querySelector("input[type='file']");
        list = form.querySelector("[data-wr-files]");
        button = form.querySelector("[data-wr-send]");
        token = form.querySelector("[name='csrfmiddlewaretoken']").value;
        worker = new Worker(settings.worker);
        worker.postMessage({ scripts: settings.rules });
        input.addEventListener("change", choose);
        form.addEventListener("submit", sendAll);
        self.addEventListener("beforeunload", warn);
        self.addEventListener("pagehide", () => worker.terminate());
    }

    start();
})((self.wrCohort = self.wrCohort || {}));
