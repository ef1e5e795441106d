"""What can be wrong with a cohort file, and what to do about it: one literal table, and the log that fills it.

Hints are words only. No hint, and no other text made here, holds anything read from the file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

LINES_KEPT = 1_000


class Kind(StrEnum):
    """Every kind of problem, in the order in which a report lists them."""

    EMPTY = "empty"
    ARCHIVE = "not_csv_archive"
    UTF16 = "not_csv_utf16"
    NUL = "not_csv_nul_bytes"
    NOT_UTF8 = "not_utf8"
    TOO_LARGE = "too_large"
    MATCHING_STARTED = "matching_under_way"
    DELIMITER = "wrong_delimiter"
    HEADER_MISSING = "header_missing"
    HEADER_LITERAL = "header_left_as_template"
    HEADER_MALFORMED = "header_malformed"
    HEADER_STATE = "header_wrong_state"
    HEADER_QUARTER = "header_not_a_quarter"
    QUARTER_NOT_APPROVED = "quarter_not_approved"
    HEADER_REPEATED = "header_repeated"
    COLUMNS_SWAPPED = "columns_swapped"
    LINE_TOO_LONG = "line_too_long"
    BLANK_LINE = "blank_line"
    QUOTES = "broken_quotes"
    COLUMN_COUNT = "wrong_number_of_columns"
    SSN_MISSING = "ssn_missing"
    SSN_HYPHENS = "ssn_with_hyphens_or_spaces"
    SSN_LEADING_ZERO = "ssn_lost_leading_zero"
    SSN_SCIENTIFIC = "ssn_scientific_notation"
    SSN_DECIMAL = "ssn_with_decimals"
    SSN_NOT_NINE = "ssn_not_nine_digits"
    SSN_AREA = "ssn_impossible_area"
    SSN_GROUP = "ssn_impossible_group"
    SSN_SERIAL = "ssn_impossible_serial"
    SSN_ITIN = "ssn_is_itin"
    SSN_ATIN = "ssn_is_atin"
    SSN_WELL_KNOWN = "ssn_well_known_specimen"
    SSN_NOT_SPECIMEN = "ssn_not_a_specimen"
    ID_MISSING = "id_missing"
    ID_TOO_LONG = "id_too_long"
    ID_FORMULA = "id_is_formula"
    ID_CHARACTERS = "id_characters"
    ID_IS_SSN = "id_is_ssn"
    EXACT_DUPLICATE = "exact_duplicate"
    SSN_OTHER_ID = "ssn_with_other_id"
    ID_OTHER_SSN = "id_with_other_ssn"
    ACROSS_SSN_OTHER_ID = "across_files_ssn_with_other_id"
    ACROSS_ID_OTHER_SSN = "across_files_id_with_other_ssn"


_IMPOSSIBLE = "Ask the office that keeps these records for the right number, or leave the person out."
HINTS: dict[Kind, str] = {
    Kind.EMPTY: "The file holds no person. Below the first line put one line per person: temporary ID, comma, SSN.",
    Kind.ARCHIVE: "This is a workbook, an archive, a document or a statistics program's own file. Open it where it was "
    "made and save it as CSV (UTF-8).",
    Kind.UTF16: "This is 'Unicode text', with two bytes per letter. Save it again as 'CSV UTF-8 (comma delimited)'.",
    Kind.NUL: "The file holds NUL bytes, which text never does. Export it again as CSV.",
    Kind.NOT_UTF8: "These lines are not UTF-8 text. Save the file as 'CSV UTF-8', or use plain letters and digits.",
    Kind.TOO_LARGE: "A file may hold at most five million persons. Divide the cohort and ask BLS for a second one.",
    Kind.MATCHING_STARTED: "Matching has begun: the file can no longer be replaced. Ask BLS to cancel the match first.",
    Kind.DELIMITER: "The fields are not parted by commas. Save the file as 'comma delimited' CSV.",
    Kind.HEADER_MISSING: "The first line must be your state's two-digit FIPS code, a comma, and year and quarter "
    "as five digits; the persons follow from the second line on. No column titles.",
    Kind.HEADER_LITERAL: "The first line is still the template. Put your state's FIPS code for SS and the year and "
    "quarter for YYYYQ.",
    Kind.HEADER_MALFORMED: "The first line must be exactly two fields, FIPS code and year and quarter, without spaces.",
    Kind.HEADER_STATE: "The first line must begin with the two-digit FIPS code of the requesting state (keep a leading "
    "zero).",
    Kind.HEADER_QUARTER: "The second field of the first line must be four digits of the year and one digit, one to "
    "four, of the quarter.",
    Kind.QUARTER_NOT_APPROVED: "This request is not approved for the quarter in the first line. Send a file for an "
    "approved quarter, or ask for an amendment.",
    Kind.HEADER_REPEATED: "A first line stands again further down, as in joined files. Send one file per quarter.",
    Kind.COLUMNS_SWAPPED: "The columns seem to be the wrong way round: first the temporary ID, then the SSN.",
    Kind.LINE_TOO_LONG: "These lines are too long for a temporary ID and an SSN. Check the line ends of the export.",
    Kind.BLANK_LINE: "Blank lines may stand at the end only. Remove these, and lines that hold nothing but commas.",
    Kind.QUOTES: "A quotation mark is opened and not closed, or stands inside a field. Write it twice or leave it out.",
    Kind.COLUMN_COUNT: "Each line has exactly two fields: temporary ID and SSN. Remove names and other columns, and "
    "commas at the end.",
    Kind.SSN_MISSING: "These lines have no SSN. Leave the person out, or add the number.",
    Kind.SSN_HYPHENS: "Write the SSN as nine digits, without hyphens and spaces.",
    Kind.SSN_LEADING_ZERO: "The SSN is too short: a spreadsheet has probably cut the leading zero. Format the column "
    "as text, restore the zeros from the source, and save again. They are never added here.",
    Kind.SSN_SCIENTIFIC: "A spreadsheet has written the SSN in scientific notation and lost digits. Format the column "
    "as text and export again from the source.",
    Kind.SSN_DECIMAL: "The SSN has a decimal point. Export the column as text.",
    Kind.SSN_NOT_NINE: "An SSN is exactly nine digits. Nor does a line of column titles belong in the file.",
    Kind.SSN_AREA: "No SSN begins with these three digits. " + _IMPOSSIBLE,
    Kind.SSN_GROUP: "No SSN has zeros as its fourth and fifth digit. " + _IMPOSSIBLE,
    Kind.SSN_SERIAL: "No SSN ends in four zeros. " + _IMPOSSIBLE,
    Kind.SSN_ITIN: "This is an Individual Taxpayer Identification Number (ITIN); it cannot match. " + _IMPOSSIBLE,
    Kind.SSN_ATIN: "This is an adoption taxpayer number (ATIN); it cannot match. " + _IMPOSSIBLE,
    Kind.SSN_WELL_KNOWN: "This is a placeholder or a number known from advertising, not a person's. " + _IMPOSSIBLE,
    Kind.SSN_NOT_SPECIMEN: "This system is a demonstration or test: it accepts specimen numbers only, never a number "
    "that a person could have.",
    Kind.ID_MISSING: "These lines have no temporary ID.",
    Kind.ID_TOO_LONG: "A temporary ID has at most twenty bytes (an accented letter counts as two or more).",
    Kind.ID_FORMULA: "A spreadsheet would run this temporary ID as a formula. Begin it with a letter or a digit.",
    Kind.ID_CHARACTERS: "A temporary ID may not begin or end with a space, or hold tabs and control characters.",
    Kind.ID_IS_SSN: "The temporary ID is an SSN of this file, as it is, with hyphens or backwards, or it holds the SSN "
    "of its own line. The ID comes back in the package, so it must not tell the SSN. Make new IDs.",
    Kind.EXACT_DUPLICATE: "These lines repeat an earlier line. Keep one line per person.",
    Kind.SSN_OTHER_ID: "One SSN stands under several temporary IDs. Give each person one ID.",
    Kind.ID_OTHER_SSN: "One temporary ID stands for several SSNs. Give each person an ID of their own.",
    Kind.ACROSS_SSN_OTHER_ID: "These persons have another temporary ID in another file of this request. Use the same "
    "ID for a person in every file.",
    Kind.ACROSS_ID_OTHER_SSN: "These temporary IDs mean another person in another file of this request. Use an ID for "
    "one person only.",
}

# Kinds that belong to single lines: under the policy "exclude" such lines are left out instead of refusing the file.
LINE_KINDS = frozenset(kind for kind in Kind if list(Kind).index(kind) >= list(Kind).index(Kind.LINE_TOO_LONG)) - {
    Kind.ACROSS_SSN_OTHER_ID,
    Kind.ACROSS_ID_OTHER_SSN,
} | {Kind.NOT_UTF8}


@dataclass(frozen=True)
class Problem:
    """One kind of problem: how many lines, the first 1,000 line numbers, what to do; ``file`` names the
    other file that contradicts.
    """

    kind: str
    count: int
    lines: list[int]
    hint: str
    file: str = ""


@dataclass
class ProblemLog:
    """Counts per kind with the first line numbers; holds nothing else, however many lines are wrong."""

    counts: dict[Kind, int] = field(default_factory=dict)
    lines: dict[Kind, list[int]] = field(default_factory=dict)

    def add(self, kind: Kind, line: int | None = None) -> None:
        """Note one problem, of a line or (None) of the file."""
        self.add_lines(kind, () if line is None else (line,), count=1)

    def add_lines(
        self, kind: Kind, lines: Iterable[int] | npt.NDArray[np.integer], *, count: int | None = None
    ) -> None:
        """Note a problem of several lines, given in any order within one call."""
        numbers = sorted(int(number) for number in lines)
        if not numbers and count is None:
            return
        self.counts[kind] = self.counts.get(kind, 0) + (len(numbers) if count is None else count)
        kept = self.lines.setdefault(kind, [])
        kept.extend(numbers[: LINES_KEPT - len(kept)])

    def absorb(self, other: "ProblemLog") -> None:
        """Adds what another log noted further down in the file."""
        for kind, count in other.counts.items():
            self.add_lines(kind, other.lines[kind], count=count)

    def problems(self, file: str = "") -> list[Problem]:
        """Everything noted, in the order of ``Kind``."""
        return [
            Problem(kind.value, self.counts[kind], list(self.lines[kind]), HINTS[kind], file)
            for kind in Kind
            if kind in self.counts
        ]

    @property
    def refuses_file(self) -> bool:
        """True when a problem concerns the file as a whole, so that leaving lines out would not help."""
        return any(kind not in LINE_KINDS for kind in self.counts)
