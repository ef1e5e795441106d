"""Tables of the confidential data plane: wage store, quality of loads, cohort files, the match, published QCEW."""

from matching.models.cohorts import (
    CohortFile,
    CohortFileState,
    CohortKey,
    CohortPolicy,
    CohortTerms,
    CohortUpload,
    MatchCount,
    MatchResult,
)
from matching.models.looks import LoadLook
from matching.models.matches import CohortOverlap, CohortPersons, PersonSet
from matching.models.published import PublishedFile, PublishedQuarter, PublishedYear
from matching.models.quality import AccountFlag, LoadQuality, PinnedLoad, PinStep, PublishedComparison, RecordFlag
from matching.models.wage_store import (
    EmployerQuarter,
    Establishment,
    Holding,
    Kind,
    Load,
    Segment,
    Status,
    Unit,
    VaultKey,
    VaultPerson,
    WageRecord,
)

__all__ = [
    "AccountFlag",
    "CohortFile",
    "CohortFileState",
    "CohortKey",
    "CohortOverlap",
    "CohortPersons",
    "CohortPolicy",
    "CohortTerms",
    "CohortUpload",
    "EmployerQuarter",
    "Establishment",
    "Holding",
    "Kind",
    "Load",
    "LoadLook",
    "LoadQuality",
    "MatchCount",
    "MatchResult",
    "PersonSet",
    "PinStep",
    "PinnedLoad",
    "PublishedComparison",
    "PublishedFile",
    "PublishedQuarter",
    "PublishedYear",
    "RecordFlag",
    "Segment",
    "Status",
    "Unit",
    "VaultKey",
    "VaultPerson",
    "WageRecord",
]
