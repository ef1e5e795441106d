"""The models of the workflow schema, by noun."""

from requests_app.models.amendments import Amendment
from requests_app.models.api_calls import IdempotentCall
from requests_app.models.destruction import Destruction, DestructionExtension, DestructionStatement, HeldData
from requests_app.models.documents import Document
from requests_app.models.events import Event
from requests_app.models.files import Opening, SealedFile
from requests_app.models.incidents import Incident, IncidentEntry, IncidentReport
from requests_app.models.jobs import Job
from requests_app.models.notices import Notice
from requests_app.models.outputs import Output, OutputDecision, OutputFile, OutputReview
from requests_app.models.packages import Delivery, Package, SignOff
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
    SectionVersion,
    SignedForm,
)
from requests_app.models.reviews import PartnerReview, ReviewExtension, ReviewMessage, StandingConsent
from requests_app.models.suspensions import Suspension

__all__ = [
    "Agency",
    "AgencyContact",
    "AgencyUserObjectPermission",
    "AgentAgreement",
    "Amendment",
    "ApiToken",
    "DataRequest",
    "DataRequestUserObjectPermission",
    "Decision",
    "Delivery",
    "Destruction",
    "DestructionExtension",
    "DestructionStatement",
    "Document",
    "Event",
    "FormSection",
    "HeldData",
    "IdempotentCall",
    "Incident",
    "IncidentEntry",
    "IncidentReport",
    "Job",
    "Membership",
    "Mou",
    "MouCoordinator",
    "Notice",
    "Opening",
    "Output",
    "OutputDecision",
    "OutputFile",
    "OutputReview",
    "Package",
    "PartnerReview",
    "Person",
    "PreReleaseListing",
    "Recertification",
    "RequestAgent",
    "ReviewExtension",
    "ReviewMessage",
    "SealedFile",
    "SectionVersion",
    "Separation",
    "SignOff",
    "SignedForm",
    "StandingConsent",
    "StatementOfAssurance",
    "Suspension",
    "Training",
]
