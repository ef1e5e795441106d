"""The models of the workflow schema, by noun."""

from requests_app.models.documents import Document
from requests_app.models.events import Event
from requests_app.models.files import Opening, SealedFile
from requests_app.models.jobs import Job
from requests_app.models.notices import Notice
from requests_app.models.packages import Delivery, Destruction, Package, PartnerReview, SignOff
from requests_app.models.partners import (
    Agency,
    AgencyContact,
    AgencyUserObjectPermission,
    Mou,
    MouCoordinator,
    StatementOfAssurance,
)
from requests_app.models.people import (
    AgentAgreement,
    ApiToken,
    Membership,
    Person,
    PreReleaseListing,
    Recertification,
    Separation,
    Training,
)
from requests_app.models.requests import (
    DataRequest,
    DataRequestUserObjectPermission,
    Decision,
    FormSection,
    RequestAgent,
)
from requests_app.models.suspensions import Incident, Suspension

__all__ = [
    "Agency",
    "AgencyContact",
    "AgencyUserObjectPermission",
    "AgentAgreement",
    "ApiToken",
    "DataRequest",
    "DataRequestUserObjectPermission",
    "Decision",
    "Delivery",
    "Destruction",
    "Document",
    "Event",
    "FormSection",
    "Incident",
    "Job",
    "Membership",
    "Mou",
    "MouCoordinator",
    "Notice",
    "Opening",
    "Package",
    "PartnerReview",
    "Person",
    "PreReleaseListing",
    "Recertification",
    "RequestAgent",
    "SealedFile",
    "Separation",
    "SignOff",
    "StatementOfAssurance",
    "Suspension",
    "Training",
]
