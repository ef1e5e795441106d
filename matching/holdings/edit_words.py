"""What each edit looks for, in plain words with its source; and how the places of records are known."""

from dataclasses import dataclass

from matching.core.edits import accounts as account_edits
from matching.core.edits import records as edits
from matching.core.edits.accounts import AccountEdit
from matching.core.edits.fences import MULTIPLIER
from matching.core.edits.records import RecordEdit
from matching.models import LoadQuality
from requests_app.templatetags.formats import count, percent

RESISTANT_RULE = (
    f"Resistant rule on logarithms, outer fences (k = {MULTIPLIER:g}): Hoaglin, Iglewicz and Tukey, Performance of "
    "Some Resistant Rules for Outlier Labeling, Journal of the American Statistical Association 81 (1986), 991-999"
)
BY_FENCES = {RecordEdit.HIGH, RecordEdit.LOW, AccountEdit.WEEKLY_HIGH, AccountEdit.WEEKLY_LOW}
MEANINGS = {str(edit): words for edit, words in [*edits.WORDS.items(), *account_edits.WORDS.items()]}
TITLES: dict[str, str] = {
    RecordEdit.DUPLICATE: "Repeated record",
    RecordEdit.SAME_UNIT: "Same person and unit again",
    RecordEdit.EMPLOYERS: "Many employers",
    AccountEdit.NO_ESTABLISHMENT: "No establishment",
    AccountEdit.WAGES_APART: "Wages apart from establishments",
    AccountEdit.TWICE: "Unit twice",
    AccountEdit.MEEI_RUN: "MEEI and unit number",
    AccountEdit.NO_EMPLOYMENT: "Wages without employment",
    AccountEdit.NO_WAGES: "Employment without wages",
    AccountEdit.MONTH_JUMP: "Employment jumps",
    AccountEdit.TAXABLE: "Taxable over total wages",
}
PLACES = {
    "unit": "The reporting unit named",
    "single": "The account's only unit",
    "dominant": "The account's one county",
    "several": "The account's largest county of several",
    "none": "Not known: no establishment record",
}


@dataclass(frozen=True)
class Line:
    """One edit of one load: how many of what (records, units, accounts) it flagged, and what a flag means."""

    title: str
    meaning: str
    source: str
    flagged: int
    of: str


def title_of(code: str) -> str:
    """An edit's name; one without a name here reads as its own code."""
    return TITLES.get(code) or code.replace("_", " ").capitalize()


def lines(quality: LoadQuality) -> list[Line]:
    """Every edit that was made on the load: of records or units first, then of accounts."""
    of_rows = "record" if quality.kind == "wage_records" else "unit"
    return [
        *(_line(code, number, of_rows) for code, number in sorted(quality.edits.items())),
        *(_line(code, number, "account") for code, number in sorted(quality.account_edits.items())),
    ]


def _line(code: str, flagged: int, of: str) -> Line:
    return Line(title_of(code), MEANINGS.get(code, ""), RESISTANT_RULE if code in BY_FENCES else "", flagged, of)


def places(quality: LoadQuality) -> list[dict[str, str]]:
    """How the place of records is known: rows of holdings/figures.html."""
    return [
        {
            "label": PLACES.get(code) or code.replace("_", " ").capitalize(),
            "what": f"{count(number)} records",
            "value": percent(number / quality.rows if quality.rows else 0.0),
        }
        for code, number in sorted(quality.places.items(), key=lambda one: -one[1])
    ]
