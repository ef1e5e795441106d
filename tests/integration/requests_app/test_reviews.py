"""Reviewing: one person has a request, states no conflict, looks everything through; two persons decide."""

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.demo.reviewers import look_through
from requests_app.models import Claim, DataRequest, Event, Notice, Person
from requests_app.policies import Denied
from requests_app.review_checklist import ITEMS, Part, items_of
from requests_app.selectors.bls_review.checklist import checklist, open_items
from requests_app.selectors.bls_review.queue import Which, late_requests, queue
from requests_app.selectors.life.home import home
from requests_app.services.bls_review import claims, desk
from requests_app.services.life import requests as service
from requests_app.services.life import workflow
from requests_app.services.people import absences, memberships
from requests_app.states import Kind, Role, State
from tests import factories
from tests.pages import signed_in


@pytest.fixture
def second(people: dict[str, Person]) -> Person:
    """Another Program Analyst."""
    other = people["release_officer"]
    memberships.give_role(other, Role.PROGRAM_ANALYST, actor=None, starts_on=timezone.localdate())
    return other


@pytest.fixture
def in_review(people: dict[str, Person]) -> DataRequest:
    """A request whose review the Program Analyst has started."""
    return workflow.transition(factories.submitted(people), "start_review", actor=people["program_analyst"])


def test_who_starts_a_review_has_it_and_nobody_else_recommends(
    in_review: DataRequest, people: dict[str, Person], second: Person
) -> None:
    assert Claim.objects.get().person == people["program_analyst"]
    with pytest.raises(Denied, match="has this request"):
        workflow.transition(in_review, "recommend", actor=second, reason="Sound.")
    with pytest.raises(Denied, match=r"has WR-.*Ask for it"):
        claims.claim(in_review, actor=second)


def test_handed_over_review_is_told_and_kept_in_history(
    in_review: DataRequest, people: dict[str, Person], second: Person
) -> None:
    claims.hand_over(in_review, second, actor=people["program_analyst"], note="I am away.")
    assert [held.person for held in Claim.objects.filter(ended_at__isnull=True)] == [second]
    assert Claim.objects.count() == 2
    assert Notice.objects.filter(person=second, text__contains="handed").count() == 1
    assert Event.objects.filter(kind="review.hand_over", request_number=in_review.number).count() == 1


def test_conflict_of_interest_takes_the_review_away_for_good(in_review: DataRequest, people: dict[str, Person]) -> None:
    analyst = people["program_analyst"]
    desk.state_interest(in_review, actor=analyst, has_conflict=True, words="I wrote their grant.")
    assert not Claim.objects.filter(ended_at__isnull=True).exists()
    for attempt in (
        lambda: claims.claim(in_review, actor=analyst),
        lambda: workflow.transition(in_review, "recommend", actor=analyst, reason="Sound."),
    ):
        with pytest.raises(Denied, match="conflict of interest"):
            attempt()


def test_recommendation_needs_statement_checklist_viability_and_settled_findings(
    in_review: DataRequest, people: dict[str, Person]
) -> None:
    analyst = people["program_analyst"]
    desk.raise_finding(in_review, actor=analyst, section="scope", text="Why Delaware?", must_change=True)
    with pytest.raises(Denied) as refused:
        workflow.transition(in_review, "recommend", actor=analyst, reason="Sound.")
    said = " ".join(refused.value.reasons)
    for part in ("conflict of interest", "items of the checklist are open", "1 finding must be settled", "viability"):
        assert part in said


def test_changed_section_opens_its_items_of_the_checklist_again(
    in_review: DataRequest, people: dict[str, Person]
) -> None:
    analyst, coordinator = people["program_analyst"], people["coordinator"]
    look_through(in_review, analyst)
    assert open_items(in_review, Part.REVIEW) == []
    workflow.transition(in_review, "return_to_state", actor=analyst, reason="See the findings.")
    section = in_review.sections.get(name="scope")
    data = section.data | {"quarters": [20161]}
    service.save_section(in_review, "scope", data, actor=coordinator, seen_version=section.version)
    in_review.refresh_from_db()
    assert [item.name for item in open_items(in_review, Part.REVIEW)] == ["scope"]


def test_state_reads_findings_only_after_the_return(in_review: DataRequest, people: dict[str, Person]) -> None:
    analyst, hub = people["program_analyst"], reverse("request", args=[in_review.number])
    desk.raise_finding(in_review, actor=analyst, section="scope", text="Why is Delaware needed?", must_change=True)
    client = signed_in(people["coordinator"])
    assert "Why is Delaware needed?" not in client.get(hub).content.decode()
    desk.state_interest(in_review, actor=analyst, has_conflict=False)
    workflow.transition(in_review, "return_to_state", actor=analyst, reason="See the findings.")
    assert "Why is Delaware needed?" in client.get(hub).content.decode()


def test_notes_are_for_bls_only(in_review: DataRequest, people: dict[str, Person]) -> None:
    desk.write_note(in_review, actor=people["program_analyst"], text="Call the economist first.")
    review = signed_in(people["approving_official"]).get(reverse("review", args=[in_review.number]))
    assert "Call the economist first." in review.content.decode()
    state = signed_in(people["coordinator"])
    for page in ("request", "record", "request_questions", "form"):
        assert "economist" not in state.get(reverse(page, args=[in_review.number])).content.decode()


def test_who_denied_does_not_decide_on_the_appeal(people: dict[str, Person], in_review: DataRequest) -> None:
    official = people["approving_official"]
    factories.place(in_review, State.RECOMMENDED)
    look_through(in_review, official)
    workflow.transition(in_review, "deny", actor=official, reason="Too small.")
    workflow.transition(in_review, "appeal", actor=people["coordinator"], reason="It is not.")
    in_review.refresh_from_db()
    with pytest.raises(Denied, match="another Approving Official must decide on the appeal"):
        workflow.transition(in_review, "uphold_denial", actor=official, reason="It is.")


@pytest.mark.parametrize("kind", list(Kind))
def test_every_section_of_the_form_is_looked_at(kind: Kind) -> None:
    from requests_app.form import sections_of

    looked_at = {item.section for item in items_of(Part.REVIEW, kind)}
    assert looked_at == set(sections_of(kind))
    assert len({item.name for item in ITEMS}) == len(ITEMS)


def test_decision_asks_for_its_own_checklist_since_the_recommendation(
    in_review: DataRequest, people: dict[str, Person]
) -> None:
    analyst, official = people["program_analyst"], people["approving_official"]
    look_through(in_review, analyst)
    service.answer_viability(in_review, actor=analyst, enough_data=True, reason="Enough.")
    request = workflow.transition(in_review, "recommend", actor=analyst, reason="Sound.")
    look_through(request, official)
    assert all(line.is_done for line in checklist(request, Part.DECISION))
    request = workflow.transition(request, "send_back", actor=official, reason="Look at Delaware again.")
    request = workflow.transition(request, "recommend", actor=analyst, reason="Looked.")
    assert not any(line.is_done for line in checklist(request, Part.DECISION))
    look_through(request, official)
    assert all(line.is_done for line in checklist(request, Part.DECISION))


def test_queue_shows_mine_unclaimed_and_late(in_review: DataRequest, people: dict[str, Person], second: Person) -> None:
    new, analyst = factories.submitted(people), people["program_analyst"]
    with factories.behind_the_triggers():
        DataRequest.objects.filter(pk=new.pk).update(state_since=timezone.now() - timezone.timedelta(days=30))
    assert [row.number for row in queue(analyst)] == [new.number, in_review.number]
    assert [row.number for row in queue(analyst, Which.MINE)] == [in_review.number]
    assert [row.number for row in queue(second, Which.UNCLAIMED)] == [new.number]
    assert [row.number for row in queue(second, Which.LATE)] == [new.number]
    assert DataRequest.objects.filter(late_requests([State.SUBMITTED], timezone.localdate())).count() == 1


def test_queue_and_review_say_who_is_away_and_offer_the_stand_in(
    in_review: DataRequest, people: dict[str, Person], second: Person
) -> None:
    analyst, today = people["program_analyst"], timezone.localdate()
    assert not queue(second, Which.AWAY).exists()
    away = absences.announce(actor=analyst, starts_on=today, ends_on=today, stand_in=second)
    assert [row.number for row in queue(second, Which.AWAY)] == [in_review.number]
    client = signed_in(second)
    assert f"{second.name} stands in" in client.get(reverse("review_queue") + "?which=away").content.decode()
    page = client.get(reverse("review", args=[in_review.number]))
    assert f"{analyst.name} is away until" in page.content.decode()
    offered = signed_in(third_of(people, second)).get(reverse("review", args=[in_review.number])).context["forms"]
    assert offered["hand-over"].initial == {"to": second.public_id}
    absences.take_back(away, actor=analyst)
    assert not queue(second, Which.AWAY).exists()


def third_of(people: dict[str, Person], second: Person) -> Person:
    """One more Program Analyst, who is neither away nor the stand-in."""
    other = people["approving_official"]
    memberships.give_role(other, Role.PROGRAM_ANALYST, actor=None, starts_on=timezone.localdate())
    return other


def test_queue_claims_and_hands_over_many_at_once(people: dict[str, Person], second: Person) -> None:
    numbers = [factories.submitted(people).number for _ in range(2)]
    client, page = signed_in(people["program_analyst"]), reverse("review_queue")
    shown = client.post(page, {"act": "claim", "number": numbers}, follow=True).content.decode()
    assert "2 requests yours now." in shown
    shown = client.post(page, {"act": "hand-over", "number": numbers, "to": second.public_id}, follow=True)
    assert f"2 requests handed over to {second.name}." in shown.content.decode()
    assert set(Claim.objects.filter(ended_at__isnull=True).values_list("person", flat=True)) == {second.pk}


def test_home_says_who_has_a_review_that_another_claimed(
    in_review: DataRequest, people: dict[str, Person], second: Person
) -> None:
    mine, theirs = home(people["program_analyst"]), home(second)
    assert in_review.number in [item.id for item in mine.waits_for_me]
    assert in_review.number not in [item.id for item in theirs.waits_for_me]
    assert people["program_analyst"].name in next(i.who for i in theirs.i_wait_for if i.id == in_review.number)


def test_review_page_does_each_act(in_review: DataRequest, people: dict[str, Person]) -> None:
    client = signed_in(people["program_analyst"])

    def act(name: str, **said: str) -> int:
        return client.post(reverse("review_act", args=[in_review.number, name]), said).status_code

    assert act("interest", has_conflict="yes", words="") == 400
    assert act("interest", has_conflict="no") == 302
    assert act("checklist", activity="yes", need="no") == 302
    assert act("finding", section="", text="", must_change="yes") == 400
    assert act("finding", section="scope", text="Which quarters?", must_change="yes") == 302
    assert act("settle", finding=in_review.findings.get().pk, how="They said which.") == 302
    assert act("note", text="A note.") == 302
    assert act("give-up") == 302
    assert act("claim") == 302
    assert act("nothing") == 404
    assert client.get(reverse("review", args=[in_review.number])).status_code == 200


def test_similar_and_earlier_requests_are_at_hand(people: dict[str, Person]) -> None:
    from requests_app.selectors.bls_review.desk import desk_of

    def titled(person: str, title: str) -> DataRequest:
        request = service.start_draft(actor=people[person])
        service.save_section(request, "project", {"title": title}, actor=people[person], seen_version=0)
        service.save_section(request, "package", {"kind": "macro"}, actor=people[person], seen_version=0)
        request.refresh_from_db()
        factories.place(request, State.IN_REVIEW)
        return request

    earlier = titled("coordinator", "Apprentices in construction")
    other = titled("coordinator_de", "Where licensed nurses work after graduation")
    titled("coordinator_de", "Fishing")
    now = titled("coordinator", "Earnings of nurses")
    found = desk_of(now, people["program_analyst"])
    assert [row.number for row in found.earlier] == [earlier.number]
    assert [row.number for row in found.similar] == [other.number]


def test_emailed_form_is_entered_by_bls_and_signed_by_the_state_only(people: dict[str, Person]) -> None:
    analyst, coordinator, today = people["program_analyst"], people["coordinator"], timezone.localdate()
    client = signed_in(analyst)
    parts = {f"received_on_{part}": getattr(today, part) for part in ("year", "month", "day")}
    answer = client.post(reverse("enter_emailed_form"), {"coordinator": coordinator.public_id, **parts})
    request = DataRequest.objects.get()
    assert answer["Location"] == reverse("form", args=[request.number])
    section = {"title": "By email", "seen_version": 0}
    client.post(reverse("form_section", args=[request.number, "project"]), section)
    request.refresh_from_db()
    assert (request.title, request.coordinator) == ("By email", coordinator)
    with pytest.raises(Denied, match="Project Coordinator"):
        workflow.transition(request, "submit", actor=analyst)
    assert Notice.objects.filter(person=coordinator, text__contains="sent by email").count() == 1


def test_other_drafts_are_neither_seen_nor_changed_by_bls(people: dict[str, Person]) -> None:
    draft = factories.draft(people)
    page = reverse("form_section", args=[draft.number, "project"])
    assert signed_in(people["program_analyst"]).get(page).status_code == 404


def test_answers_changed_on_resubmission_are_marked_with_what_they_were(
    in_review: DataRequest, people: dict[str, Person]
) -> None:
    analyst, coordinator = people["program_analyst"], people["coordinator"]
    desk.state_interest(in_review, actor=analyst, has_conflict=False)
    workflow.transition(in_review, "return_to_state", actor=analyst, reason="Which quarters?")
    section = in_review.sections.get(name="purpose")
    data = section.data | {"questions": "How many find work in Delaware?"}
    service.save_section(in_review, "purpose", data, actor=coordinator, seen_version=section.version)
    in_review.refresh_from_db()
    again = workflow.transition(in_review, "submit", actor=coordinator)
    shown = signed_in(analyst).get(reverse("review", args=[again.number]))
    sections = {section["name"]: section for section in shown.context["sections"]}
    marks = {row["key"]: row["changed"] for row in sections.pop("purpose")["rows"] if row["changed"]}
    assert marks == {"Research questions": "Changed. Before: How many find work in the neighbouring state?"}
    assert not any(section["changed"] for section in sections.values())
