"""Workers and pay, from wage records (data.md; ours where the field has no name)."""

from __future__ import annotations

from disclosure.core.measures.formulas import Formula, Quantile, Ratio, Sum
from disclosure.core.measures.measure import Measure

_JOBS = "jobs with wages in the quarter"
_SUMMED = ("employers", "jobs")


def _of_jobs(
    name: str, title: str, definition: str, unit: str, formula: Formula, text: str, decimals: int = 0
) -> Measure:
    return Measure(name, title, definition, unit, _JOBS, ("jobs",), formula, text, decimals=decimals)


def _percentile(percent: int) -> Measure:
    name, title = ("median_wages", "Median wages per job") if percent == 50 else (
        f"p{percent}_wages", f"{percent}th percentile of wages per job")  # fmt: skip
    definition = (
        f"Quarterly wages that {percent} percent of the jobs do not exceed, linear between the two nearest jobs."
    )
    return _of_jobs(name, title, definition, "dollars", Quantile("wages", percent, "jobs"),
                    f"percentile {percent} of wages per job")  # fmt: skip


WORKERS: tuple[Measure, ...] = (
    Measure("persons", "Persons", "Persons with wages in the quarter, counted where they are placed; in a table by "
            "cohort, members of the cohort, with or without a wage record.", "persons",
            "persons with wages in the quarter, once in each unit; members of the cohort", (*_SUMMED, "persons"),
            Sum(("persons",)), "persons", stock=True),
    Measure("jobs", "Jobs", "Pairs of a person and an employer account with wages in the quarter.", "jobs", _JOBS,
            (*_SUMMED, "persons"), Sum(("jobs",)), "jobs", stock=True),
    Measure("wages", "Total wages", "Wages paid in the quarter; of people followed, in their main job.", "dollars",
            "all wages of the quarter", (*_SUMMED, "persons", "establishments"), Sum(("wages",)), "wages",
            known_as="QCEW total_qtrly_wages; LEHD Payroll"),
    Measure("mean_wages", "Mean wages per job", "Total wages divided by jobs, rounded half up.", "dollars", _JOBS,
            _SUMMED, Ratio(("wages",), ("jobs",)), "wages / jobs"),
    *(_percentile(percent) for percent in (10, 25, 50, 75, 90)),
    _of_jobs("hours", "Hours reported", "Hours of the jobs that report hours; most states report none.", "hours",
             Sum(("hours",)), "hours"),
    _of_jobs("hours_coverage", "Jobs with hours", "Share of the jobs whose hours are reported.", "percent",
             Ratio(("jobs_with_hours",), ("jobs",), times=1000), "100 x jobs with hours / jobs", decimals=1),
    _of_jobs("weeks", "Weeks reported", "Weeks of the jobs that report weeks; most states report none.", "weeks",
             Sum(("weeks",)), "weeks"),
    _of_jobs("weeks_coverage", "Jobs with weeks", "Share of the jobs whose weeks are reported.", "percent",
             Ratio(("jobs_with_weeks",), ("jobs",), times=1000), "100 x jobs with weeks / jobs", decimals=1),
)  # fmt: skip
