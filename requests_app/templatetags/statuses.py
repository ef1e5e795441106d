"""How a status looks: words, an icon and a colour, so that colour alone never tells (house-style.md, point 8).

The key is the stored value of any state machine of the system: requests, cohort files, jobs, votes, loads, form
sections. A value without a line here reads as its own words in a neutral tone, so a new state never breaks a page.
"""

from typing import NamedTuple

from django import template

register = template.Library()


class Look(NamedTuple):
    """Words for people; `tone` chooses the colour; `icon` is a name in the USWDS sprite."""

    words: str
    tone: str
    icon: str


ICON_OF_TONE = {
    "neutral": "radio_button_unchecked",
    "waiting": "schedule",
    "working": "autorenew",
    "good": "check_circle",
    "attention": "warning",
    "bad": "error",
}

# tone -> stored values whose words are the value itself in sentence case
TONES = {
    "neutral": "draft drafted not_started closed withdrawn expired replaced superseded optional none reviewed "
    "published undone dropped recalled registered",
    "waiting": "submitted in_review recommended appealed awaiting_cohort disclosure_review partner_review "
    "sharing_review queued waiting pending asked protects_others bls_check",
    "working": "matching building uploading checking running loading in_progress received",
    "good": "approved ready_for_release released cleared_to_share cleared in_use destruction_confirmed accepted done "
    "complete delivered no_objection consent_by_lapse standing_consent active loaded valid visible",
    "attention": "returned destruction_due missing failing incomplete question warning lapses_soon sensitive "
    "cleared_for_a_part to_confirm",
    "bad": "denied denied_for_good not_cleared failed refused suspended objection overdue lapsed revoked error stopped",
}
WORDS = {
    "in_review": "In review at BLS",
    "bls_check": "Being checked by BLS",
    "disclosure_review": "In disclosure review",
    "partner_review": "With partner states for review",
    "sharing_review": "In review before sharing",
    "awaiting_cohort": "Waiting for cohort files",
    "none": "Nothing yet",
    "received": "Being checked",
    "to_confirm": "Waits for your confirmation",
    "sensitive": "Withheld: sensitive",
    "protects_others": "Withheld: protects others",
    "cleared_for_a_part": "Cleared for a part of the day",
    "visible": "In use",
    "stopped": "Stopped: somebody must act",
    "recalled": "Taken back",
    "superseded": "Replaced by a later version",
    "dropped": "Dropped: its records are gone",
}
ICONS = {"sensitive": "lock", "protects_others": "shield"}


def _looks() -> dict[str, Look]:
    return {
        value: Look(WORDS.get(value, _sentence(value)), tone, ICONS.get(value, ICON_OF_TONE[tone]))
        for tone, values in TONES.items()
        for value in values.split()
    }


def _sentence(value: str) -> str:
    return value.replace("_", " ").replace("-", " ").capitalize()


LOOKS = _looks()


@register.filter
def status_look(value: object) -> Look:
    """The look of a stored status value; `None` reads as nothing yet."""
    text = "none" if value is None else str(value)
    key = text.strip().lower().replace(" ", "_").replace("-", "_")
    return LOOKS.get(key) or Look(_sentence(text), "neutral", ICON_OF_TONE["neutral"])
