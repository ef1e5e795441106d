// Progressive enhancement only: every page works without this file.
(function () {
    "use strict";

    document.documentElement.classList.replace("wr-no-js", "wr-js");

    // A page that comes back with errors starts at their summary, so that nobody has to look for it.
    function focusErrorSummary() {
        const summary = document.querySelector("[data-wr-focus]");
        if (summary) {
            summary.focus();
        }
    }

    // A link of the summary leads to the control itself: in a group of choices, to the first.
    function followErrorLink(event) {
        const link = event.target.closest(".wr-error-summary a[href^='#'], .wr-still-needed a[href^='#']");
        const place = link && document.getElementById(link.getAttribute("href").slice(1));
        if (place) {
            event.preventDefault();
            goTo(place);
        }
    }

    function goTo(place) {
        const control = place.matches("input, select, textarea") ? place : place.querySelector("input, select, textarea");
        (place.closest(".wr-field") || place).scrollIntoView({ block: "start" });
        (control || place).focus({ preventScroll: true });
    }

    // A summary on another page names the question it is about in the address.
    function followAddress() {
        const place = location.hash.startsWith("#id_") && document.getElementById(location.hash.slice(1));
        if (place) {
            goTo(place);
        }
    }

    // Progress is read out when its words change, not on every poll.
    let announced = "";
    function announceProgress() {
        const words = document.querySelector("[data-wr-announce]");
        const live = document.getElementById("wr-live");
        if (words && live && words.textContent !== announced) {
            announced = words.textContent;
            live.textContent = announced;
        }
    }

    // A second click on the same button does not send the form twice. A download leaves its page standing: it may.
    function sendOnce(event) {
        const form = event.target;
        if (form.method !== "post" || event.defaultPrevented || "wrStays" in form.dataset) {
            return;
        }
        if (form.dataset.wrSent) {
            event.preventDefault();
            return;
        }
        form.dataset.wrSent = "yes";
        setTimeout(() => delete form.dataset.wrSent, 3000); // a download leaves the page standing
    }

    function forgetSent() {
        document.querySelectorAll("form[data-wr-sent]").forEach((form) => delete form.dataset.wrSent);
    }

    // A button that says why it may not be pressed does nothing.
    function ignoreDisabled(event) {
        if (event.target.closest("[aria-disabled='true']")) {
            event.preventDefault();
        }
    }

    document.addEventListener("DOMContentLoaded", focusErrorSummary);
    document.addEventListener("DOMContentLoaded", followAddress);
    document.addEventListener("click", followErrorLink);
    document.addEventListener("click", ignoreDisabled);
    document.addEventListener("submit", sendOnce);
    window.addEventListener("pageshow", forgetSent);
    document.addEventListener("htmx:afterSwap", announceProgress);
})();
