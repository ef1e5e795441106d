"""Which requests a person sees, and what they could do with one."""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet, Subquery

from requests_app import policies, standing
from requests_app.models import DataRequest, DataRequestUserObjectPermission, EmailedForm, PartnerReview, Person
from requests_app.reading import is_reading
from requests_app.request_rows import with_kinds
from requests_app.states import BLS_ROLES, STATE_ROLES, Kind, Role, State, Transition, transitions_from

# The Administrator and the Data Steward see no request, the Auditor reads the record page only.
SEES_ALL = BLS_ROLES - {Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.AUDITOR}


def visible_to(person: Person) -> QuerySet[DataRequest]:
    """The requests the person sees today.

    BLS staff with a role in the workflow see all but drafts, and Program Analysts the drafts they enter from an emailed
    form; a state's coordinators see their agency's; agents see those they are named on; output reviewers see those
    their state is, or was, asked about.
    """
    roles = standing.roles_of(person)
    seen = Q(pk__in=[])
    if roles & SEES_ALL:
        seen |= ~Q(state=State.DRAFT)
    if Role.PROGRAM_ANALYST in roles:
        seen |= Q(state=State.DRAFT, pk__in=EmailedForm.objects.values("request"))
    if Role.COORDINATOR in roles:
        seen |= Q(agency=person.agency_id)
    if Role.AGENT in roles:
        work_on = Permission.objects.filter(codename="work_on", content_type__app_label="requests_app").values("pk")
        named = DataRequestUserObjectPermission.objects.filter(user=person, permission=Subquery(work_on[:1]))
        seen |= Q(pk__in=named.values("content_object"))
    if Role.OUTPUT_REVIEWER in roles:
        seen |= Q(pk__in=PartnerReview.objects.filter(agency=person.agency_id).values("request"))
    return DataRequest.objects.filter(seen).select_related("agency")


def get_visible(person: Person, number: str) -> DataRequest:
    """The request of this number; `DataRequest.DoesNotExist` where the person does not see it."""
    return _one(visible_to(person), number)


def get_recorded(person: Person, number: str) -> DataRequest:
    """The request for its record page: whoever sees it, and the Auditor, who reads every record but drafts'."""
    if Role.AUDITOR in standing.roles_of(person):
        return _one(DataRequest.objects.exclude(state=State.DRAFT), number)
    return get_visible(person, number)


def _one(requests: QuerySet[DataRequest], number: str) -> DataRequest:
    found = requests.select_related("agency", "coordinator__agency")
    return (with_kinds(found) if is_reading() else found).get(number=number)


@dataclass(frozen=True)
class Action:
    """A transition as a button: enabled where `reasons` is empty, else disabled with them."""

    transition: Transition
    reasons: list[str]

    @property
    def enabled(self) -> bool:
        """True where the person may take it now."""
        return not self.reasons


def actions(person: Person, request: DataRequest, among: Collection[str] | None = None) -> list[Action]:
    """What the person could do now, by the table: their roles' transitions (or those named of them), each with what
    stands in the way."""
    found = []
    for step in transitions_from(request.status, _kind(request)):
        if (among is not None and step.name not in among) or not step.roles & standing.roles_of(person):
            continue
        if step.roles <= STATE_ROLES and person.agency_id != request.agency_id:
            continue
        try:
            policies.check_transition(person, request, step, reason="given on the step's own page")
            found.append(Action(step, []))
        except policies.Denied as denied:
            found.append(Action(step, denied.reasons))
    return found


def _kind(request: DataRequest) -> Kind:
    """A draft without a package type yet moves as a macro request would: it can be submitted or withdrawn."""
    return Kind(request.kind) if request.kind else Kind.MACRO
