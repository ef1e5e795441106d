"""Flows of workers, from wage records, as LEHD defines them (Abowd and others 2009; LEHD Public Use Schema 4.6).

An employer is a UI account of a state; a job is a person with wages from it in the quarter. Whoever had wages there in
the quarter before as well was employed at the beginning of the quarter; whoever has them in the next, at its end.
"""

from __future__ import annotations

from disclosure.core.measures.formulas import Formula, Ratio, Sum
from disclosure.core.measures.measure import Measure

_POPULATION = "pairs of a person who can be matched and an employer account"
_MOVERS = "persons whose main job changed; counted where the new job is, and by where the old one was"
_CHANGES = "moves from a main job held for a full quarter to one held for a full quarter"
_BOTH = ("emp_beginning", "emp_end")


def _job(name: str, title: str, definition: str, lehd: str, formula: Formula | None = None, text: str = "",
         unit: str = "jobs", rows: tuple[str, ...] = ("jobs", "persons"), decimals: int = 0) -> Measure:  # fmt: skip
    stock = name.startswith("emp_")  # employment; the rest happens in the quarter
    return Measure(name, title, definition, unit, _POPULATION, rows, formula or Sum((name,)), text or name,
                   known_as=f"LEHD {lehd}" if lehd else "", decimals=decimals, stock=stock)  # fmt: skip


def _move(name: str, title: str, definition: str, lehd: str, formula: Formula | None = None, text: str = "") -> Measure:
    return Measure(name, title, definition, "persons", _MOVERS, ("moves",), formula or Sum((name,)), text or name,
                   known_as=f"LEHD {lehd}" if lehd else "")  # fmt: skip


def _pay(name: str, title: str, definition: str, base: str, lehd: str) -> Measure:
    return Measure(name, title, definition, "dollars", _CHANGES, ("moves",), Ratio((base,), ("stable_moves",)),
                   f"{base} / stable_moves", known_as=f"LEHD {lehd}")  # fmt: skip


FLOWS: tuple[Measure, ...] = (
    _job("emp_total", "Employment, any time in the quarter", "Jobs with wages in the quarter.", "EmpTotal (M)"),
    _job("emp_beginning", "Employment, beginning of quarter", "Jobs with wages in the quarter and the one before.",
         "Emp (B)"),
    _job("emp_end", "Employment, end of quarter", "Jobs with wages in the quarter and the next.", "EmpEnd (E)"),
    _job("emp_full", "Full-quarter employment", "Jobs with wages in the quarter, the one before and the next.",
         "EmpS (F)"),
    _job("accessions", "Accessions", "Jobs with wages in the quarter and none in the one before.", "HirA (A)"),
    _job("new_hires", "New hires", "Accessions of persons without wages from the employer in the four quarters before.",
         "HirN (H)"),
    _job("recalls", "Recalls", "Accessions of persons with wages from the employer two to four quarters before.",
         "HirR (R)"),
    _job("separations", "Separations", "Jobs with wages in the quarter and none in the next.", "Sep (S)"),
    _job("net_flow", "Net flow of jobs", "Employment at the end less employment at the beginning of the quarter; the "
         "same as accessions less separations.", "", Sum(("emp_end",), ("emp_beginning",)), "end - beginning"),
    _job("hire_rate", "Accession rate", "Accessions as a percentage of the mean of employment at the beginning and the "
         "end of the quarter.", "", Ratio(("accessions",), _BOTH, times=2000), "200 x accessions / (beginning + end)",
         unit="percent", decimals=1),
    _job("separation_rate", "Separation rate", "Separations as a percentage of the mean of employment at the beginning "
         "and the end of the quarter.", "", Ratio(("separations",), _BOTH, times=2000),
         "200 x separations / (beginning + end)", unit="percent", decimals=1),
    _job("full_quarter_pay", "Mean monthly earnings, full-quarter jobs", "Wages of full-quarter jobs by job and month.",
         "EarnS (ZW3)", Ratio(("full_quarter_wages",), ("emp_full",), divisor=3),
         "wages of full-quarter jobs / (3 x full-quarter employment)", unit="dollars"),
    _move("moves", "Job-to-job moves", "Moves within the quarter or over its beginning.", "J2JHire",
          Sum(("moves_within", "moves_next")), "moves within + moves in the next quarter"),
    _move("moves_within", "Moves within the quarter", "Persons who left their main job of the quarter's beginning in "
          "the quarter and began their main job of its end in the same quarter.", "EEHire"),
    _move("moves_next", "Moves in the next quarter", "Persons who left their main job in the quarter before, had no "
          "job when this quarter began, and began their main job of its end.", "AQHire"),
    _move("moves_later", "Moves through non-employment", "Persons who began their main job of the quarter's end, had "
          "no wages in the quarter before, and left their last main job two to four quarters before (ours: hires "
          "from LEHD's persistent non-employment, of persons whose last job is known).", "NEPersist"),
    _move("stable_moves", "Moves between full-quarter jobs", "Job-to-job moves within the quarter or over its "
          "beginning out of a full-quarter job into one.", "EEHireS + AQHireS"),
    _pay("pay_before", "Mean earnings before the move", "Quarterly earnings of the old job in its last full quarter.",
         "pay_before", "EESEarn_Orig, AQHireSEarn_Orig"),
    _pay("pay_after", "Mean earnings after the move", "Quarterly earnings of the new job in its first full quarter.",
         "pay_after", "EESEarn_Dest, AQHireSEarn_Dest"),
)  # fmt: skip
