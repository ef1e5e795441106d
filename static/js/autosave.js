// Saves a section of the form while somebody types, so that a lost connection costs at most the open field. The server
// merges what several people type (services/life/requests.py); this only sends, and says what came of it.
(function () {
    "use strict";

    const PAUSE = 1500;
    const AGAIN = 5000;
    let form, words, timer, sent = "", sending = false;

    function typed() {
        const pairs = new URLSearchParams(new FormData(form));
        pairs.delete("turn");
        return pairs.toString();
    }

    // Each save has a number, the last by the button too: one that is held up on its way and arrives after a later one
    // saves nothing.
    function nextTurn() {
        form.elements.turn.value = Number(form.elements.turn.value) + 1;
        return form.elements.turn.value;
    }

    function say(text, isProblem) {
        words.textContent = text;
        words.classList.toggle("wr-autosave--problem", Boolean(isProblem));
    }

    function soon(wait) {
        clearTimeout(timer);
        timer = setTimeout(save, wait);
    }

    async function save() {
        clearTimeout(timer);
        const now = typed();
        if (now === sent || form.dataset.wrSent) {
            return;
        }
        if (sending) {
            soon(PAUSE);
            return;
        }
        sending = true;
        try {
            await send(now);
        } catch {
            say("Not saved: there is no connection. What you typed stays here and is sent again.", true);
            soon(AGAIN);
        } finally {
            sending = false;
        }
    }

    async function send(body) {
        const answer = await fetch(form.action, {
            method: "POST",
            body: `${body}&turn=${nextTurn()}`,
            keepalive: body.length < 60000, // also while the page is being left
            redirect: "manual",
            headers: {
                "Content-Type": "application/x-www-form-urlencoded",
                "WR-While-Typing": "yes",
                "WR-By-Person": "yes",
            },
        });
        if (!answer.ok) {
            say("Not saved. Press Save to see why.", true);
            return;
        }
        const found = await answer.json();
        sent = body;
        say(found.words, found.clash);
        if (found.clash) {
            offerComparison();
        }
    }

    // The ordinary Save leads to the page that shows both versions.
    function offerComparison() {
        const button = document.createElement("button");
        button.type = "submit";
        button.className = "usa-button usa-button--unstyled";
        button.textContent = "Compare both";
        words.append(" ", button);
    }

    function start() {
        form = document.querySelector("form[data-wr-autosave]");
        if (!form) {
            return;
        }
        words = form.querySelector("[data-wr-autosaved]");
        sent = typed();
        form.addEventListener("input", () => soon(PAUSE));
        form.addEventListener("change", save);
        form.addEventListener("submit", nextTurn);
        document.addEventListener("visibilitychange", () => document.hidden && save());
        window.addEventListener("pagehide", save);
        window.addEventListener("online", save);
    }

    document.addEventListener("DOMContentLoaded", start);
})();
