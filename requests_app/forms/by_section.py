"""Which form asks which section of a request."""

from requests_app.forms.cohorts import CohortsForm
from requests_app.forms.scope import ScopeForm
from requests_app.forms.sections import CertifyForm, PackageForm, ProjectForm, SectionForm, SecurityForm
from requests_app.forms.tables import TablesForm

FORMS: dict[str, type[SectionForm]] = {
    "project": ProjectForm,
    "package": PackageForm,
    "scope": ScopeForm,
    "cohorts": CohortsForm,
    "tables": TablesForm,
    "security": SecurityForm,
    "certify": CertifyForm,
}
