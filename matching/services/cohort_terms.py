"""What BLS set for the cohort files of a request: strict, or wrong lines left out once the coordinator confirms it."""

from django.db import transaction
from django.utils import timezone

from matching.models.cohorts import CohortPolicy, CohortTerms
from requests_app import policies, standing
from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.services.event_log import events
from requests_app.states import Role, State

SETS_POLICY = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})
BEFORE_MATCHING = frozenset(
    {State.SUBMITTED, State.IN_REVIEW, State.RECOMMENDED, State.APPROVED, State.AWAITING_COHORT}
)


def policy_of(request: DataRequest) -> CohortPolicy:
    """What holds for the request's files; strict unless BLS said otherwise."""
    terms = CohortTerms.objects.filter(request=request).first()
    return CohortPolicy(terms.policy) if terms else CohortPolicy.STRICT


def check_set_policy(person: Person, request: DataRequest) -> None:
    """A Program Analyst or Approving Official, while no match has begun."""
    if not SETS_POLICY & standing.roles_of(person):
        raise Denied("A Program Analyst or Approving Official sets this.")
    if request.status not in BEFORE_MATCHING:
        raise Denied("This is set between the request's submission and its match.")
    policies.check_may_act(person)


@transaction.atomic
def set_policy(request: DataRequest, policy: CohortPolicy, *, actor: Person) -> CohortTerms:
    """Sets it for files checked from now on; a file that was checked before stays as it was judged."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    check_set_policy(actor, locked)
    now = timezone.now()
    said = {"policy": policy, "set_at": now, "set_by": actor}
    terms, _ = CohortTerms.objects.update_or_create(request=locked, defaults=said)
    events.record("cohort.policy", actor=actor, request_number=locked.number, detail={"policy": str(policy)}, at=now)
    return terms
