"""The models of the workflow schema, by noun."""

from requests_app.models.events import Event
from requests_app.models.files import Opening, SealedFile
from requests_app.models.jobs import Job
from requests_app.models.notices import Notice
from requests_app.models.packages import Delivery, Destruction, Package, PartnerReview, SignOff
from requests_app.models.partners import Agency, AgencyUserObjectPermission, Mou, MouCoordinator
from requests_app.models.people import AgentAgreement, Membership, Person, Training
from requests_app.models.requests import (
    DataRequest,
    DataRequestUserObjectPermission,
    Decision,
    FormSection,
    RequestAgent,
)

__all__ = [
    "Agency",
    "AgencyUserObjectPermission",
    "AgentAgreement",
    "DataRequest",
    "DataRequestUserObjectPermission",
    "Decision",
    "Delivery",
    "Destruction",
    "Event",
    "FormSection",
    "Job",
    "Membership",
    "Mou",
    "MouCoordinator",
    "Notice",
    "Opening",
    "Package",
    "PartnerReview",
    "Person",
    "RequestAgent",
    "SealedFile",
    "SignOff",
    "Training",
]
