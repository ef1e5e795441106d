"""Why lines of a file were not loaded, in words; and which lines, as CSV. Never what the lines say."""

from collections.abc import Iterator

from matching.cohorts.selectors import lines_in_words
from matching.core.load_files.rejects import LINES_KEPT, Reject
from matching.models import LoadQuality
from requests_app.templatetags.formats import count

WORDS: dict[str, str] = {
    Reject.LENGTH: "The line is shorter or longer than the layout",
    Reject.COLUMNS: "The line has too few or too many columns",
    Reject.SSN: "The SSN is not nine digits",
    Reject.UIN: "The account number is missing or too long",
    Reject.RUN: "The reporting unit number cannot be read",
    Reject.EIN: "The employer number cannot be read",
    Reject.WAGE: "The wage is not whole dollars",
    Reject.WAGE_TOO_LARGE: "The wage is larger than can be kept, about 2.1 billion dollars",
    Reject.HOURS: "The hours cannot be read",
    Reject.WEEKS: "The weeks cannot be read",
    Reject.NAICS: "The NAICS code is not six digits with a known vintage",
    Reject.COUNTY: "The county code is not three digits",
    Reject.OWNERSHIP: "The ownership is none of 1, 2, 3, 5",
    Reject.MEEI: "The multi-establishment code (MEEI) is unknown",
    Reject.EMPLOYMENT: "Employment or its flag cannot be read",
    Reject.DOLLARS: "Wages or contributions cannot be read",
    Reject.LINK: "The key of the predecessor or successor cannot be read",
}
HEADER = ["code", "reason", "line"]


def words_of(code: str) -> str:
    """A code of the reject report in words; one without words here reads as itself."""
    return WORDS.get(code) or code.replace("_", " ").capitalize()


def table(quality: LoadQuality) -> list[list[str]]:
    """Reason, how many lines, and the first of their numbers; the most frequent first."""
    return [
        [words_of(code), count(number), lines_in_words(quality.reject_lines.get(code, []), number)]
        for code, number in sorted(quality.rejects.items(), key=lambda one: (-one[1], one[0]))
    ]


def csv_rows(quality: LoadQuality) -> Iterator[list[str]]:
    """A line per rejected line, up to a thousand of each reason; then how many more there are."""
    yield HEADER
    for code, number in sorted(quality.rejects.items()):
        lines = quality.reject_lines.get(code, [])
        yield from ([code, words_of(code), str(line)] for line in lines)
        if number > len(lines):
            yield [code, f"{words_of(code)}: {number - len(lines)} more beyond the first {LINES_KEPT:,}", ""]


def lines_kept(quality: LoadQuality) -> list[tuple[str, str]]:
    """Reason and every line number that was kept, the first thousand of each reason."""
    return [
        (words_of(code), ", ".join(map(str, lines))) for code, lines in sorted(quality.reject_lines.items()) if lines
    ]
