"""What must hold before a review goes on or a decision is made: one person has it, no conflict, all looked at."""

from requests_app import form
from requests_app.bls_review_policies import open_claim, stated_conflict
from requests_app.hooks import guard
from requests_app.models import DataRequest, Person
from requests_app.request_rows import last_decision, there_is
from requests_app.selectors.bls_review.checklist import open_items, part_of
from requests_app.separation import TWO_PERSONS
from requests_app.templatetags.formats import count_of


@guard("nobody_else_has_it")
def nobody_else_has_it(request: DataRequest, person: Person | None) -> list[str]:
    """Nobody decides over the head of the person who has the request; whoever wants it takes it over first."""
    held = open_claim(request)
    if held and person and held.person_id != person.pk:
        return [
            f"{held.person.name} has this request. Ask for it to be handed over, or take it over on its review page."
        ]
    return []


@guard("no_conflict_of_interest")
def no_conflict_of_interest(request: DataRequest, person: Person | None) -> list[str]:
    """Who reviews or decides has stated that they have no conflict of interest on this request."""
    stated = stated_conflict(person, request) if person else False
    if stated is None:
        return ["State on the review page whether you have a conflict of interest on this request."]
    return [TWO_PERSONS["conflict_of_interest"].refusal] if stated else []


@guard("checklist_is_done")
def checklist_is_done(request: DataRequest, _person: Person | None) -> list[str]:
    """Every item of the part's checklist is answered, none with no, and about the form as it is now."""
    part = part_of(request)
    still_open = open_items(request, part) if part else []
    if not still_open:
        return []
    names = dict.fromkeys(form.SECTIONS[item.section][0] for item in still_open)
    words = count_of(len(still_open), "item")
    return [f"{words} of the checklist {'is' if len(still_open) == 1 else 'are'} open: {', '.join(names)}."]


@guard("findings_are_settled")
def findings_are_settled(request: DataRequest, _person: Person | None) -> list[str]:
    """No finding that must be changed is open."""
    found = 0
    if there_is(request).findings:
        found = request.findings.filter(settled_at__isnull=True, must_change=True).count()
    return [f"{count_of(found, 'finding')} must be settled first, or the request returned."] if found else []


@guard("appeal_is_decided_by_another")
def appeal_is_decided_by_another(request: DataRequest, person: Person | None) -> list[str]:
    """Two persons: who denied does not decide on the appeal."""
    last = last_decision(request, "deny", "refuse_release")
    if last and person and last.decided_by_id == person.pk:
        return [TWO_PERSONS["appeal"].refusal]
    return []
