// The page that sends cohort files: every chosen file is checked in a worker, and only one without problems is sent.
// Without this script the page of one place takes its file as a plain form, and the server checks it.
(function (wr) {
    "use strict";

    const SHOW_TIME_LEFT_AFTER = 2000;

    let settings, form, input, list, button, token, checker;
    let made = 0;
    const chosen = [];

    function timeLeft(begun, done, total) {
        const spent = performance.now() - begun;
        if (spent < SHOW_TIME_LEFT_AFTER || !done) {
            return "";
        }
        const seconds = Math.ceil((spent / done) * (total - done) / 1000);
        return seconds < 60 ? `, ${seconds} seconds left` : `, ${Math.ceil(seconds / 60)} minutes left`;
    }

    // A file that can be sent: after its check refused, ready, sending, sent or stopped.
    class Sending extends wr.Chosen {
        constructor(file) {
            super(file, remove);
            this.part("again").append(this.hidden(` to send ${file.name}`));
            this.part("again").addEventListener("click", () => this.send().then(settle));
            this.choices();
        }

        choices() {
            const select = this.row.querySelector("select"), label = this.row.querySelector("label");
            select.id = `cohort-of-${++made}`;
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

        refusedWords(lines) {
            return `Not sent: ${super.refusedWords(lines)}`;
        }

        end(state, words) {
            super.end(state, words);
            this.part("again").hidden = state !== "stopped";
            this.part("remove").hidden = state === "sent" || state === "sending";
            this.select.disabled = state === "sent" || state === "sending";
        }

        async send() {
            this.end("sending", "Sending");
            const begun = performance.now(), total = this.file.size;
            let arrived = 0;
            const told = {
                goesOn: (received) => {
                    arrived = received;
                    this.progress(received, total, `Going on: ${wr.percent(received, total)} percent had arrived`, true);
                },
                progress: (done) => this.progress(done, total,
                    `Sending: ${wr.percent(done, total)} percent${timeLeft(begun, done - arrived, total - arrived)}`),
                waiting: (words) => this.say(`${words} Trying again from where it stopped.`),
            };
            try {
                await wr.send(this.file, this.place, { ...settings, token }, told);
                this.end("sent", "Sent. It is checked once more and compared with the other files of the request.");
            } catch (refused) {
                this.end("stopped", refused.message);
            }
        }
    }

    function remove(one) {
        chosen.splice(chosen.indexOf(one), 1);
        one.row.remove();
        settle();
        input.focus();
    }

    // Two files for one place, or none chosen: said before anything is sent.
    function placed(one) {
        const { cohort, quarter } = one.place;
        if (!cohort) {
            return "Choose the named cohort.";
        }
        const same = chosen.filter((other) => other !== one && other.place.cohort === cohort &&
            other.place.quarter === quarter);
        if (same.some((other) => ["ready", "sending", "stopped"].includes(other.state))) {
            return "Another file chosen here is for the same cohort and quarter. Remove one.";
        }
        const standing = settings.standing[`${cohort}/${quarter}`];
        const stands = (standing && standing !== "refused") || same.some((other) => other.state === "sent");
        return stands ? "replaces" : "";
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
        const added = [...input.files].map((file) => new Sending(file));
        if (!settings.grid) {
            chosen.splice(0).forEach((one) => one.row.remove());
        }
        chosen.push(...added);
        list.append(...added.map((one) => one.row));
        settle();
        if (settings.grid) {
            input.value = ""; // the same file can be chosen again once it was mended
        }
        const { state, quarters, world, policy } = settings;
        for (const one of added) {
            one.checked = one.check(checker, { state, quarters, world, policy }, settings).then(settle);
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
        checker = new wr.Checker(settings);
        input.addEventListener("change", choose);
        form.addEventListener("submit", sendAll);
        self.addEventListener("beforeunload", warn);
    }

    start();
})((self.wrCohort = self.wrCohort || {}));
