// What a browser says about a passkey that did not work, in plain words beside the button. allauth's scripts do the rest.
(function () {
    "use strict";

    const WORDS = {
        NotAllowedError: "Nothing was confirmed: it was cancelled, took too long, or this device has no passkey for this site. Try again, or use another way.",
        InvalidStateError: "This device has a passkey for your account already.",
        SecurityError: "This browser does not use passkeys on this address. Use another way.",
    };

    function explain(event) {
        const problem = event.detail && event.detail.exception;
        const place = document.querySelector("[data-wr-passkey-problem]");
        if (place) {
            event.preventDefault();
            place.textContent = WORDS[problem && problem.name] || "The passkey did not work here. Try again, or use another way.";
        }
    }

    document.addEventListener("allauth.error", explain);
})();
