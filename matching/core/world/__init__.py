"""The synthetic world: employers that reproduce every published QCEW cell, and people who work for them.

`write_world` writes, per state (SS) and quarter (YYYYQ), the files a state would send; `cohort_people` draws people of
the same world in memory; `shock_facts` says what its shocks did. No file of the world is about anyone: SSNs are
never-issued specimens. Why and how: docs/adr/0007.

wage_records_SS_YYYYQ.csv, header: ssn,name_first,name_middle,name_last,state,uin,run,ein,year,quarter,wage,hours,weeks
wage_records_SS_YYYYQ.txt, fixed width: the LEHD layout (1-86), hours 87-90, weeks 91-92, blank where missing
establishments_SS_YYYYQ.csv, header: state_fips,year,quarter,uin,run,ein,naics,naics_vintage,county_fips,ownership,meei,
month1,month1_flag,month2,month2_flag,month3,month3_flag,total_wages,taxable_wages,contributions,predecessor_uin,
predecessor_run,successor_uin,successor_run. county_fips has three digits; flags are R (reported) or I (imputed); the
last four are filled where a firm was sold. A quarter without a published file grows from the nearest published one of
the same season.
"""

from matching.core.world.employing import keep_employers
from matching.core.world.facts import shock_facts
from matching.core.world.people import People, cohort_people, people
from matching.core.world.population import World, WorldError, build_world
from matching.core.world.shocks import Shock, ShockError, read_shock
from matching.core.world.writing import WorldFile, WorldSummary, write_files, write_world

__all__ = [
    "People",
    "Shock",
    "ShockError",
    "World",
    "WorldError",
    "WorldFile",
    "WorldSummary",
    "build_world",
    "cohort_people",
    "keep_employers",
    "people",
    "read_shock",
    "shock_facts",
    "write_files",
    "write_world",
]
