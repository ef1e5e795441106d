// Warns before the session locks and covers the page once it has. The server decides; this only asks it and shows.
(function () {
    "use strict";

    const REPORT_EVERY = 60000; // keys and clicks on a page that is not sent yet
    const WHILE_COVERED = 5000;
    let place, warning, cover, timer, title, until = 0, reported = Date.now();

    async function ask(method) {
        const stay = method === "POST";
        const answer = await fetch(stay ? warning.action : place.dataset.state, {
            method,
            body: stay ? new FormData(warning) : undefined,
            headers: { Accept: "application/json" },
        });
        return answer.json();
    }

    async function look(method) {
        clearTimeout(timer);
        let found;
        try {
            found = await ask(method);
        } catch {
            timer = setTimeout(look, WHILE_COVERED); // no network: asked again
            return;
        }
        if (found.session !== place.dataset.session) {
            leave();
        } else if (found.state === "locked") {
            lock();
        } else {
            uncover();
            wait(found.seconds);
        }
    }

    function leave() {
        const page = encodeURIComponent(location.pathname + location.search);
        location.replace(`${place.dataset.signIn}?next=${page}`);
    }

    function wait(seconds) {
        const warn = Number(place.dataset.warn);
        until = Date.now() + seconds * 1000;
        if (seconds > warn) {
            warning.hidden = true;
            place.hidden = cover.hidden;
            timer = setTimeout(look, (seconds - warn) * 1000);
            return;
        }
        place.hidden = warning.hidden = false;
        say(seconds);
        timer = setTimeout(look, Math.max(1, seconds) * 1000);
    }

    // Read out once; the seconds that follow are for eyes only.
    function say(seconds) {
        const words = `Your session locks in ${seconds} seconds, because nothing has happened here.`;
        place.querySelector("[data-wr-idle-words]").textContent = words;
    }

    function lock() {
        if (cover.hidden) {
            document.documentElement.classList.add("wr-covered");
            document.title = "Locked | Wage Records Application";
            warning.hidden = true;
            place.hidden = cover.hidden = false;
            cover.querySelector("h2").focus();
        }
        timer = setTimeout(look, WHILE_COVERED);
    }

    function uncover() {
        if (!cover.hidden) {
            document.documentElement.classList.remove("wr-covered");
            document.title = title;
            place.hidden = cover.hidden = true;
        }
    }

    function stay(event) {
        event.preventDefault();
        event.stopPropagation();
        look("POST");
    }

    function report(event) {
        const warned = !warning.hidden;
        if (event.isTrusted && cover.hidden && !warned && Date.now() - reported > REPORT_EVERY) {
            reported = Date.now();
            look("POST");
        }
    }

    // A request of htmx with a person behind it says so; one that a page makes by itself does not.
    function markPerson(event) {
        if (event.detail.triggeringEvent && event.detail.triggeringEvent.isTrusted) {
            event.detail.headers["WR-By-Person"] = "yes";
        }
    }

    function start() {
        title = document.title;
        place = document.querySelector("[data-wr-idle]");
        if (!place) {
            return;
        }
        warning = place.querySelector("[data-wr-idle-warning]");
        cover = place.querySelector("[data-wr-idle-cover]");
        warning.addEventListener("submit", stay);
        wait(Number(place.dataset.seconds));
        for (const kind of ["keydown", "pointerdown"]) {
            document.addEventListener(kind, report, { passive: true });
        }
        document.addEventListener("visibilitychange", () => document.hidden || look());
        window.addEventListener("focus", () => Date.now() > until - 60000 && look());
    }

    document.addEventListener("DOMContentLoaded", start);
    document.addEventListener("htmx:configRequest", markPerson);
})();
