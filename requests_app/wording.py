"""The words of a table design: what its stored names are called on pages.

The measures belong to disclosure (disclosure/core/measures.py), which this app may not import; a test holds both to
the same names and definitions.
"""

SOURCES = {"wage_records": "Wage records (persons and their jobs)", "establishments": "Establishments (QCEW)"}
DIMENSIONS = {
    "cohort": "Cohort",
    "state": "State of employment",
    "area": "Area of employment",
    "industry": "Industry",
    "ownership": "Ownership",
}
AREA_LEVELS = {"county": "County", "state": "State"}
INDUSTRY_LEVELS = {
    "2": "Sector (2 digits)",
    "3": "Subsector (3 digits)",
    "4": "Industry group (4 digits)",
    "6": "National industry (6 digits)",
}
MEASURES = {
    "persons": "Persons",
    "jobs": "Jobs",
    "wages": "Total wages",
    "mean_wages": "Mean wages per job",
    "establishments": "Establishments",
    "month1": "Employment, month 1",
    "month2": "Employment, month 2",
    "month3": "Employment, month 3",
    "avg_wkly_wage": "Average weekly wage",
}
DEFINITIONS = {
    "persons": "Persons with wages in the quarter, counted where they are placed; in a table by cohort, members of the "
    "cohort, with or without a wage record.",
    "jobs": "Pairs of a person and an employer account with wages in the quarter.",
    "wages": "Wages paid in the quarter.",
    "mean_wages": "Total wages divided by jobs, rounded half up.",
    "establishments": "Establishments that report in the quarter.",
    "month1": "Employees who worked in or were paid for the pay period with the 12th of month 1.",
    "month2": "Employees who worked in or were paid for the pay period with the 12th of month 2.",
    "month3": "Employees who worked in or were paid for the pay period with the 12th of month 3.",
    "avg_wkly_wage": "Total wages divided by 13 times the mean of the three months' employment, rounded half up.",
}
MEASURES_OF_SOURCE = {
    "wage_records": ("persons", "jobs", "wages", "mean_wages"),
    "establishments": ("establishments", "month1", "month2", "month3", "wages", "avg_wkly_wage"),
}
PERSON_DIMENSIONS = ("cohort", "state")
