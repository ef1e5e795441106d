"""Which form asks which section of a request."""

from requests_app.forms.cohorts import CohortsForm
from requests_app.forms.scope import ScopeForm
from requests_app.forms.sections import (
    CertifyForm,
    DispositionForm,
    LinkageForm,
    OutputsForm,
    PackageForm,
    ProjectForm,
    PurposeForm,
    SectionForm,
    SecurityForm,
)
from requests_app.forms.tables import TablesForm

FORMS: dict[str, type[SectionForm]] = {
    "package": PackageForm,
    "project": ProjectForm,
    "purpose": PurposeForm,
    "scope": ScopeForm,
    "cohorts": CohortsForm,
    "tables": TablesForm,
    "linkage": LinkageForm,
    "outputs": OutputsForm,
    "security": SecurityForm,
    "disposition": DispositionForm,
    "certify": CertifyForm,
}
