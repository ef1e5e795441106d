// The public page that checks files and sends nothing: not even where it could is a call made (its policy forbids any).
(function (wr) {
    "use strict";

    const QUARTERS = Array.from({ length: 800 }, (_, n) => (1900 + Math.floor(n / 4)) * 10 + 1 + (n % 4));

    let settings, form, input, state, list, checker;
    const chosen = [];

    class Looked extends wr.Chosen {
        readyWords() {
            return `Nothing is wrong: ${wr.countOf(this.people, "person", "people")}.`;
        }

        async look() {
            const { world } = settings;
            if (!state.value) {
                this.part("report").replaceChildren();
                return this.end("waiting", "Choose the state above.");
            }
            return this.check(checker, { state: state.value, quarters: QUARTERS, world, policy: "strict" }, settings);
        }
    }

    function remove(one) {
        chosen.splice(chosen.indexOf(one), 1);
        one.row.remove();
        form.querySelector("[data-wr-sending]").hidden = !chosen.length;
        input.focus();
    }

    function choose() {
        const added = [...input.files].map((file) => new Looked(file, remove));
        chosen.push(...added);
        list.append(...added.map((one) => one.row));
        form.querySelector("[data-wr-sending]").hidden = !chosen.length;
        input.value = ""; // the same file can be chosen again once it was mended
        added.forEach((one) => one.look());
    }

    function start() {
        form = document.querySelector("[data-wr-check-form]");
        const said = document.getElementById("cohort-settings");
        if (!form || !said || !self.Worker) {
            return;
        }
        settings = JSON.parse(said.textContent);
        input = form.querySelector("input[type='file']");
        state = form.querySelector("select[name='state']");
        list = form.querySelector("[data-wr-files]");
        checker = new wr.Checker(settings);
        input.addEventListener("change", choose);
        state.addEventListener("change", () => chosen.forEach((one) => one.look()));
        form.addEventListener("submit", (event) => event.preventDefault());
    }

    start();
})((self.wrCohort = self.wrCohort || {}));
