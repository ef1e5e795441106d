"""The Administrator's pages about Section II.G: name, change, end, and hand the work over."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from requests_app.forms.section_ii_g import CoordinatorForm, EndLineForm, HandOverForm, StandInForm, initial_stand_in
from requests_app.models import Agency, MouCoordinator, Person
from requests_app.selectors.holdings.partners import open_requests_of
from requests_app.services.partners import section_ii_g
from requests_app.standing import in_force, mou_of
from requests_app.templatetags.formats import count_of, day
from requests_app.views.partners.partners import Act, act_page, found_agency, sent
from requests_app.views.people.access import person_of


def _found(postal: str, line_id: str) -> tuple[Agency, MouCoordinator]:
    found = found_agency(postal)
    lines = MouCoordinator.objects.filter(mou__agency=found).select_related("person", "mou__agency", "successor")
    return found, get_object_or_404(lines, pk=line_id)


def add_coordinator(request: HttpRequest, postal: str) -> HttpResponse:
    """Names a person."""
    found = found_agency(postal)
    bound = CoordinatorForm(found, initial={"listed_from": timezone.localdate()}, **sent(request))

    def carry_out(said: dict[str, Any]) -> str:
        days = {name: said[name] for name in ("listed_from", "listed_until")}
        section_ii_g.add_coordinator(found, said["person"], actor=person_of(request), stand_in=bound.stand_in(), **days)
        return f"{said['person'].name} is listed in Section II.G from {day(said['listed_from'])}."

    lead = "Who is listed may submit requests for the agency. The role of Project Coordinator is given with the name."
    return act_page(request, found, bound, Act("Name a coordinator", "Name this person", lead), carry_out)


def change_coordinator(request: HttpRequest, postal: str, line_id: str) -> HttpResponse:
    """Another successor or fallback contact."""
    found, line = _found(postal, line_id)
    bound = StandInForm(found, but=line.person, initial=initial_stand_in(line), **sent(request))

    def carry_out(_said: dict[str, Any]) -> str:
        section_ii_g.change_stand_in(line, bound.stand_in(), actor=person_of(request))
        return f"Kept: who stands in for {line.person.name}."

    act = Act(f"Who stands in for {line.person.name}", "Keep it", "The names of before stay in the agency's history.")
    return act_page(request, found, bound, act, carry_out)


def end_coordinator(request: HttpRequest, postal: str, line_id: str) -> HttpResponse:
    """The last day on the list; the requests that are left are named, and handed over next."""
    found, line = _found(postal, line_id)
    left = list(open_requests_of(line.person).filter(agency=found))

    def carry_out(said: dict[str, Any]) -> str | tuple[str, str]:
        still = section_ii_g.end_coordinator(line, actor=person_of(request), last_day=said["last_day"])
        words = f"{line.person.name}'s last day on the list is {day(said['last_day'])}."
        if not still:
            return words
        return (
            f"{words} {count_of(len(still), 'open request')} can be handed over.",
            reverse("hand_over", args=[found.postal, line.person.public_id]),
        )

    facts = [{"key": "Open requests", "lines": [f"{one.number}, {one.status.label}" for one in left]}] if left else []
    lead = f"From the next day {line.person.name} can only read, report an incident and confirm destruction."
    if left:
        lead += f" {count_of(len(left), 'open request')} must be handed over to somebody else: that comes next."
    act = Act(f"Take {line.person.name} off the list", "End the line", lead, "secondary", facts)
    bound = EndLineForm(initial={"last_day": timezone.localdate()}, **sent(request))
    return act_page(request, found, bound, act, carry_out)


def hand_over(request: HttpRequest, postal: str, coordinator_id: str) -> HttpResponse:
    """All open requests of one coordinator go to another; the successor is proposed."""
    found = found_agency(postal)
    leaving = get_object_or_404(Person, public_id=coordinator_id, agency=found)
    left = list(open_requests_of(leaving).filter(agency=found))
    if not left:
        raise Http404
    today = timezone.localdate()
    listed = Person.objects.filter(
        in_force(today, "section_ii_g_lines__listed_from", "section_ii_g_lines__listed_until"),
        section_ii_g_lines__mou=mou_of(found, today),
        is_active=True,
    ).exclude(pk=leaving.pk)
    line = leaving.section_ii_g_lines.filter(successor__isnull=False).order_by("-listed_from").first()
    proposed = line.successor.public_id if line and line.successor else None
    bound = HandOverForm(listed.distinct(), initial={"to_person": proposed}, **sent(request))

    def carry_out(said: dict[str, Any]) -> str:
        moved = section_ii_g.hand_over(found, leaving, said["to_person"], actor=person_of(request))
        return f"{said['to_person'].name} now coordinates {count_of(len(moved), 'request')} of {leaving.name}'s."

    facts = [{"key": "Open requests", "lines": [f"{one.number}, {one.status.label}" for one in left]}]
    lead = f"All open requests that {leaving.name} coordinates, at once. The agency's coordinators are told."
    return act_page(request, found, bound, Act("Hand the requests over", "Hand over", lead, facts=facts), carry_out)
