"""Another design for a package under disclosure review: BLS suggests a coarser one, the state accepts it or not.

What reaches the state names what its own form could have asked for, and nothing of what was found: the suggestion is
picked from the coarser designs that follow from the signed one, never written by hand (security.md, "Permissions").
The signed form stays as it was; the design agreed on is a decision beside it.
"""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from disclosure.core.advice.suggest import Coarser, coarser
from disclosure.core.tabulation.design import TableDesign
from disclosure.selectors.design_words import changes_of
from requests_app import form, policies
from requests_app.hooks import guard
from requests_app.models import DataRequest, Decision, Person
from requests_app.policies import Denied
from requests_app.request_rows import decisions, last_decision
from requests_app.services.event_log import events
from requests_app.services.life import notices
from requests_app.services.life.workflow import decide
from requests_app.states import Kind, Role

OFFERED_AT_MOST = 12
NOTICE = "{number}: BLS suggests a coarser design of the table, so that more of it can be published."


def asked_design(request: DataRequest) -> dict[str, Any]:
    """The design tables are built by, as the form would have it: the one last accepted, else the signed one."""
    accepted = _accepted(request)
    return dict(accepted.facts["design"]) if accepted else form.read(request).design


def design_of(request: DataRequest) -> TableDesign:
    """The design tables are built by; of people where the request sends cohorts. Raises DesignError."""
    return _read(request, asked_design(request))


def _read(request: DataRequest, design: dict[str, Any]) -> TableDesign:
    return TableDesign.from_dict(design, people=request.kind == Kind.MICRO_TO_MACRO)


def accepted_design(request: DataRequest) -> Coarser | None:
    """The design the state accepted instead of the signed one; None where it accepted none."""
    accepted = _accepted(request)
    return _kept(request, accepted) if accepted else None


def _accepted(request: DataRequest) -> Decision | None:
    """The suggestion that was accepted last."""
    last = last_decision(request, "accept_design")
    return _suggested(request, before=last) if last else None


def _kept(request: DataRequest, decision: Decision) -> Coarser:
    return Coarser(_read(request, decision.facts["design"]), tuple(changes_of(decision.facts["changes"])))


def designs_to_offer(request: DataRequest) -> list[Coarser]:
    """Coarser designs that the state's form could ask for."""
    return list(coarser(design_of(request), len(form.read(request).quarters), at_most=OFFERED_AT_MOST))


@transaction.atomic
def suggest_design(request: DataRequest, place: int, *, actor: Person) -> Decision:
    """An analyst sends one of the coarser designs to the state; the request stays where it is."""
    locked = DataRequest.objects.select_for_update().get(pk=request.pk)
    policies.check_disclosure_work(actor, locked)
    policies.check_not_suspended(locked)
    offered = designs_to_offer(locked)
    if locked.state != "disclosure_review" or not 0 <= place < len(offered):
        raise Denied("Pick one of the coarser designs while the disclosure review is on.")
    one, now = offered[place], timezone.now()
    facts = {"changes": [asdict(change) for change in one.changes], "design": one.design.as_dict()}
    decision = decide(locked, "suggest_design", actor=actor, at=now, facts=facts)
    events.record("request.suggest_design", actor=actor, request_number=locked.number, detail=facts, at=now)
    notices.tell_about(locked, NOTICE.format(number=locked.number), [Role.COORDINATOR], now)
    return decision


def suggestion_for(request: DataRequest) -> Coarser | None:
    """The coarser design the state may accept now, as its page shows it."""
    suggested = open_suggestion(request)
    return _kept(request, suggested) if suggested else None


def open_suggestion(request: DataRequest) -> Decision | None:
    """The suggestion the state may accept now: the newest, unless the tables were built anew after it."""
    if request.state != "disclosure_review":
        return None
    suggested = _suggested(request)
    return suggested if suggested and suggested.decided_at >= request.state_since else None


def _suggested(request: DataRequest, before: Decision | None = None) -> Decision | None:
    found = [one for one in decisions(request) if one.transition == "suggest_design"]
    return next((one for one in reversed(found) if before is None or one.decided_at <= before.decided_at), None)


@guard("design_is_suggested")
def design_is_suggested(request: DataRequest, _person: Person | None) -> list[str]:
    """BLS has suggested a design for the tables now under review."""
    return [] if open_suggestion(request) else ["BLS has not suggested another design."]
