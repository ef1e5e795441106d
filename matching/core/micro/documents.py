"""What explains a micro package: the codebook, and scripts that read it without losing leading zeros.

Every script reads wage_records.csv from the current folder, or the file of one quarter if its name is put there.
"""

_TEXT_COLUMNS = 7  # the first seven and the last are codes; wages, hours and weeks are numbers
_MEANINGS = {
    "Temporary ID": "Text. The identifier your agency sent, byte for byte. No SSN is in this package.",
    "State FIPS Code": "Text, 2. State that holds the record.",
    "Unemployment Insurance Number (UIN)": "Text, 10, zero-filled. The employer's UI account in that state.",
    "Reporting Unit Number (RUN)": "Text, 5, zero-filled. 00000 where the state reports by account.",
    "Employer Identification Number (EIN)": "Text, 9, zero-filled. Zeros where unknown.",
    "Reference Year": "Text, 4. Year of the wages.",
    "Reference Quarter": "Text, 1. Quarter of the wages, 1 to 4.",
    "Quarterly Wages": "Whole dollars, taxable and not. May be negative where an employer corrected an earlier one.",
    "Hours Reported": "Whole hours; empty where the state does not collect them. Empty is not zero.",
    "Weeks worked": "Whole weeks; empty where the state does not collect them. Empty is not zero.",
    "Dominant NAICS code": "Text, 6. System definition: among the account's active units in the quarter, the industry "
    "with most employment (mean of three months; wages where employment is zero); ties by larger wages, then the "
    "quarter before, then the lower code. 999999: no establishment record, or unclassified.",
}
_NOTES = """
One line per person, quarter, state and employer record, sorted by temporary ID (as bytes), quarter, state, UIN, RUN,
then every other column. Several records of a person in a quarter are normal; repeated records are kept as reported
and are not summed. A person without a record has no line: match_summary.csv has the counts. wage_records.csv holds all
quarters; the same lines stand in one file per quarter.

match_summary.csv counts each of your cohorts and quarters, for every state searched and for all of them together:
persons sent, persons accepted by the check, persons with a record, and records. A person of several cohorts is counted
in each of them; in the records that person's lines stand once.

Spreadsheets drop leading zeros and change long codes when they open CSV. Read the records with one of the scripts, or
import every column but wages, hours and weeks as text.

The absence of a record is not the absence of a job. Wage records hold no federal civilian workers, military, railroad
or self-employed people, nor (by state) elected officials, students, some farm, domestic and religious workers; states
differ in whether wages are counted when paid or when earned, and in deferred pay.

This package holds personal data and employer-identifiable data protected by CIPSEA. Destroy it as your request says.
"""


def codebook(titles: list[str]) -> str:
    """Name and meaning of each column of the records, and what holds for all of them."""
    entries = "\n".join(f"{place:2}  {title}\n    {_MEANINGS[title]}" for place, title in enumerate(titles, start=1))
    return f"CODEBOOK\n\n{entries}\n{_NOTES}"


def reading_scripts(titles: list[str]) -> dict[str, str]:
    """File name -> script, for R, Python, SAS and Stata; each reads wage_records.csv from the current folder."""
    return {
        "read_records.py": _PYTHON.format(numbers=", ".join(f'"{t}"' for t in titles if not _is_text(titles, t))),
        "read_records.R": _R.format(
            classes=", ".join(_quoted("character" if _is_text(titles, t) else "integer") for t in titles)
        ),
        "read_records.sas": _SAS.format(
            lengths=" ".join(f"{_sas_name(t)} {'$20' if _is_text(titles, t) else '8'}" for t in titles),
            inputs="\n    ".join(_sas_name(t) for t in titles),
        ),
        "read_records.do": _STATA.format(
            text=" ".join(str(n) for n, t in enumerate(titles, start=1) if _is_text(titles, t)),
            numbers=" ".join(str(n) for n, t in enumerate(titles, start=1) if not _is_text(titles, t)),
        ),
    }


def _is_text(titles: list[str], title: str) -> bool:
    place = titles.index(title)
    return place < _TEXT_COLUMNS or place == len(titles) - 1


def _quoted(word: str) -> str:
    return f'"{word}"'


def _sas_name(title: str) -> str:
    """The abbreviation where the title has one; SAS wants names without spaces."""
    return title.split("(")[-1].rstrip(")").replace(" ", "_")


_PYTHON = '''"""Reads wage_records.csv: codes stay text with their zeros, missing hours and weeks are None."""
import csv

NUMBERS = ({numbers})


def read_records(path="wage_records.csv"):
    with open(path, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for name in NUMBERS:
                row[name] = int(row[name]) if row[name] else None
            yield row


if __name__ == "__main__":
    print(sum(1 for _ in read_records()), "records")
'''
_R = """# Codes stay text with their zeros, missing hours and weeks are NA.
records <- read.csv("wage_records.csv", check.names = FALSE, na.strings = "", fileEncoding = "UTF-8",
                    colClasses = c({classes}))
"""
_SAS = """/* Codes stay text with their zeros, missing hours and weeks are missing. */
data records;
    infile "wage_records.csv" dsd dlm="," firstobs=2 termstr=lf encoding="utf-8" truncover lrecl=512;
    length {lengths};
    input
    {inputs}
    ;
run;
"""
_STATA = """* Codes stay text with their zeros, missing hours and weeks are missing.
import delimited using "wage_records.csv", varnames(1) encoding("utf-8") bindquotes(strict) ///
    stringcols({text}) numericcols({numbers}) clear
"""
