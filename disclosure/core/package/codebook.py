"""What a reader of a package must know: columns, codes, measures, and what the data do not cover."""

from __future__ import annotations

from collections.abc import Sequence

from disclosure.core.measures import CATALOGUE, Measure
from disclosure.core.package.published_table import PublishedTable

COVERAGE = (
    "The absence of a wage record is not the absence of a job. Wage records hold no federal civilian workers, "
    "military, railroad or self-employed people, nor (by state) elected officials, students, and some farm, domestic "
    "and religious workers. States differ in whether wages are counted when paid or when earned, and in deferred pay."
)
CODES = (
    ("quarter", "Year and quarter, YYYYQ; quarters since the reference quarter, Q+2; or quarters pooled: a year, "
     "YYYY, or ALL. Pooled, a count at a time is the mean of the quarters the table has; dollars and flows are "
     "their sum."),
    ("area", "County FIPS code; SS000 is the state with FIPS code SS, SS995 employers with several counties whose "
             "records name none of them, SS999 an unknown county; C and four digits a metropolitan "
             "area as QCEW numbers it (its counties in the states of the table, by the delineation of July 2015), "
             "SS-NONMETRO the state's other counties; a name a region of the request's form, REST the counties in "
             "none; TOTAL is the areas of the table together."),
    ("state", "FIPS code of the state with the person's main job in the quarter; NONE is no wage record in the states "
              "searched; TOTAL is all."),
    ("industry", "NAICS code; 31-33, 44-45 and 48-49 are sectors; 99 and 999999 are unclassified; 101, 102 and "
                 "four digits that begin with 10 are QCEW's domains and supersectors; NONE is no wage record; TOTAL is "
                 "the industries of the table together."),
    ("ownership", "1 federal government (in tables of establishments: federal employers report no wage records), "
                  "2 state government, 3 local government, 5 private, X unknown; TOTAL is these together; NONE is no "
                  "wage record."),
    ("origin_state", "FIPS code of the state of the main job before: of the old job in tables of moves, of the "
                     "reference quarter in tables of people; NONE is no wage record then."),
    ("origin_industry", "NAICS code of the main job before, as origin_state."),
    ("tenure", "Quarters without a gap with the employer of the main job, as far back as the table's quarters reach; "
               "NONE is no wage record."),
    ("size", "Size class of the private establishment by its employment in March, in first quarters, and of dynamics "
             "also in second ones: 1 fewer than 5 "
             "employees, 2 from 5, 3 from 10, 4 from 20, 5 from 50, 6 from 100, 7 from 250, 8 from 500, 9 from 1,000; "
             "0 all sizes in the layout of QCEW, elsewhere those without a class; TOTAL is all."),
    ("cohort", "The cohort as named in the request; TOTAL counts a member of two cohorts twice."),
    ("disclosure_code", "N: withheld to protect confidential information. Empty: not withheld."),
)  # fmt: skip
VALUES = (
    "0 is a true zero. An empty value with N is withheld. An empty value without N is not available: a mean over no "
    "jobs, a median of a small group, a flow without the quarter before or after, a comparison with a "
    "cell that is withheld or not in the table. A combination of codes that is not listed has no record in any quarter "
    "of the table."
)

READING = (
    'Read columns of codes as text: 06 is a state, 6 is none. In R: read.csv(file, colClasses = "character"); in '
    "Python: polars.read_csv(file, infer_schema=False). tables.xlsx has the same rows, codes as text, with "
    "the titles of codes beside them; codes.csv has these titles by table, column and code."
)

Entry = tuple[str, str, str, str, str, str, str]
COLUMNS = ("table", "column", "unit", "definition", "population", "formula", "known_as")


def entries(tables: Sequence[PublishedTable]) -> list[Entry]:
    """Return one entry per table and column."""
    codes = dict(CODES)
    found: list[Entry] = []
    for table in tables:
        found += [_code(table.name, name, codes[name]) for name in table.dimensions]
        found += [_measure(table.name, CATALOGUE[name]) for name in table.measures]
        found.append(_code(table.name, "disclosure_code", codes["disclosure_code"]))
    return found


def _code(table: str, name: str, meaning: str) -> Entry:
    return table, name, "code", meaning, "", "", ""


def _measure(table: str, measure: Measure) -> Entry:
    return (table, measure.name, measure.unit, f"{measure.title}. {measure.definition}", measure.population,
            measure.formula_text, measure.known_as)  # fmt: skip


def markdown(tables: Sequence[PublishedTable]) -> str:
    """Return the codebook for people."""
    lines = ["# Codebook", "", "## Coverage", "", COVERAGE, "", "## Values", "", VALUES, "", "## Reading", "", READING]
    for table in tables:
        lines += ["", f"## {table.name}: {table.title}", "", f"| {' | '.join(COLUMNS[1:])} |", "|---" * 6 + "|"]
        lines += [f"| {' | '.join(entry[1:])} |" for entry in entries([table])]
    return "\n".join(lines) + "\n"


def statement(tables: Sequence[PublishedTable]) -> str:
    """Return the disclosure statement: what was withheld and that it was checked, without rules or parameters."""
    counts = [f"- {table.name}: {len(table.rows)} cells, {table.withheld} withheld." for table in tables]
    return "\n".join(
        [
            "Disclosure statement",
            "",
            "The tables in this package were made from confidential records. Cells marked N are withheld so that no",
            "employer's and no person's information can be worked out from the published cells, alone or together.",
            "One marker stands for every reason. Published values are unaltered. An audit of all tables found no",
            "withheld cell that can be worked out.",
            "",
            *counts,
            "",
            "Do not try to work out withheld values, or to identify a person or an employer.",
            "",
            COVERAGE,
            "",
        ]
    )
