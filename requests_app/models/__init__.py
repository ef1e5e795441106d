"""The models of the workflow schema, by noun."""

from requests_app.models.amendments import Amendment
from requests_app.models.api_calls import IdempotentCall
from requests_app.models.bls_reviews import (
    ChecklistAnswer,
    Claim,
    ConflictStatement,
    EmailedForm,
    Finding,
    ReplyTemplate,
    StaffNote,
)
from requests_app.models.destruction import Destruction, DestructionStatement, HeldData
from requests_app.models.documents import Document
from requests_app.models.events import Event
from requests_app.models.files import Opening, SealedFile
from requests_app.models.incidents import Incident, IncidentEntry, IncidentReport
from requests_app.models.jobs import Job
from requests_app.models.notices import Notice, NoticeChoice
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
from requests_app.models.questions import Question, Reply
from requests_app.models.requests import (
    DataRequest,
    DataRequestUserObjectPermission,
    Decision,
    FormSection,
    RequestAgent,
    SectionVersion,
    SignedForm,
)
from requests_app.models.reviews import PartnerReview, ReviewExtension, ReviewMessage, StandingConsent, StateReview
from requests_app.models.saved import Figure, SavedView
from requests_app.models.suspensions import Suspension
from requests_app.models.time import Absence, Milestone

__all__ = [
    "Absence",
    "Agency",
    "AgencyContact",
    "AgencyUserObjectPermission",
    "AgentAgreement",
    "Amendment",
    "ApiToken",
    "ChecklistAnswer",
    "Claim",
    "ConflictStatement",
    "DataRequest",
    "DataRequestUserObjectPermission",
    "Decision",
    "Delivery",
    "Destruction",
    "DestructionStatement",
    "Document",
    "EmailedForm",
    "Event",
    "Figure",
    "Finding",
    "FormSection",
    "HeldData",
    "IdempotentCall",
    "Incident",
    "IncidentEntry",
    "IncidentReport",
    "Job",
    "Membership",
    "Milestone",
    "Mou",
    "MouCoordinator",
    "Notice",
    "NoticeChoice",
    "Opening",
    "Output",
    "OutputDecision",
    "OutputFile",
    "OutputReview",
    "Package",
    "PartnerReview",
    "Person",
    "PreReleaseListing",
    "Question",
    "Recertification",
    "Reply",
    "ReplyTemplate",
    "RequestAgent",
    "ReviewExtension",
    "ReviewMessage",
    "SavedView",
    "SealedFile",
    "SectionVersion",
    "Separation",
    "SignOff",
    "SignedForm",
    "StaffNote",
    "StandingConsent",
    "StateReview",
    "StatementOfAssurance",
    "Suspension",
    "Training",
]
