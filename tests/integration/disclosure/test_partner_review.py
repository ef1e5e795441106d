"""A state's review: independent until decided, bound to exact bytes, with questions, deadlines, lapse and consents."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from disclosure.selectors import windows
from disclosure.services import gathering, ledger
from requests_app.business_days import add_business_days
from requests_app.models import Event, Notice, Opening, PartnerReview, Person, StandingConsent
from requests_app.policies import Denied
from requests_app.services.life import milestones, workflow
from requests_app.services.packages import files, packages
from requests_app.services.people import absences, memberships
from requests_app.services.reviews import answers, consents, deadlines, messages
from requests_app.states import Role, State
from requests_app.targets import first_in_time
from tests import factories
from tests.integration.disclosure.partner_review import also_asked, maine, under_review
from tests.integration.disclosure.review import work_off
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import signed_in

People = dict[str, Person]
Patch = pytest.MonkeyPatch


def agree(review: PartnerReview, people: People, verdict: str = "no_objection", **said: Any) -> PartnerReview:
    return answers.answer(
        review, actor=people["output_reviewer"], verdict=verdict, package_sha256=review.package_sha256, **said
    )


def published(review: PartnerReview) -> list[str]:
    """A cell of the package that is published, without totals."""
    tables = json.loads(b"".join(files.read(review.package.tables)))  # type: ignore[arg-type]
    return next(codes for codes, _, code in tables[0]["rows"] if code == "" and "TOTAL" not in codes)


def test_reviewer_sees_the_output_with_their_own_part_marked(people: People, monkeypatch: Patch) -> None:
    _request, package, review = under_review(people, monkeypatch)
    rows = [line for table in json.loads(b"".join(files.read(package.tables))) for line in table["rows"]]  # type: ignore[arg-type]
    page = signed_in(people["output_reviewer"]).get(reverse("partner_review", args=[review.pk])).content.decode()
    own = [codes for codes, _, _ in rows if codes[1].startswith("10")]
    assert page.count("wr-shown__own") == len(own)
    assert f"{len(own)} row" in page or "No row is about Delaware alone" in page


def test_rows_are_turned_and_narrowed_without_losing_the_answer(people: People, monkeypatch: Patch) -> None:
    monkeypatch.setattr(windows, "WINDOW", 10)
    _request, package, review = under_review(people, monkeypatch)
    rows = json.loads(b"".join(files.read(package.tables)))[0]["rows"]  # type: ignore[arg-type]
    first, last = (next(n for n in places if not rows[n][2]) for places in (range(10), range(len(rows) - 1, 10, -1)))
    client, address = signed_in(people["output_reviewer"]), reverse("partner_review", args=[review.pk])
    typed = {"package_sha256": review.package_sha256, "verdict": "cells", "reason": "One employer."}
    page = client.post(address, typed | {"cells": [first], "page": "2", "at": "1"})
    assert (page.status_code, PartnerReview.objects.get(pk=review.pk).verdict) == (200, "")
    assert [line.row.number for line in page.context["elsewhere"]] == [first]
    assert f"Rows 11 to 20 of {len(rows)}" in page.content.decode()
    assert "One employer." in page.content.decode()
    own = client.post(address, typed | {"rows": "own", "page": "1"}).context["page"].object_list
    assert own == [line for line in own if line.row.key[1].startswith("10")]
    refused = client.post(address, typed | {"reason": "", "cells": [first, last], "at": "2"})
    assert (refused.status_code, refused.context["page"].number) == (422, 2)
    assert refused.context["marked"] == {str(first), str(last)}
    assert client.post(address, typed | {"cells": [first, last], "at": "2"}).status_code == 302
    assert PartnerReview.objects.get(pk=review.pk).cells == [rows[first][0], rows[last][0]]


def test_answers_of_other_states_are_unknown_until_all_are_in(people: People, monkeypatch: Patch) -> None:
    request, package, review = under_review(people, monkeypatch)
    other = also_asked(package, maine())
    agree(review, people)
    client = signed_in(people["output_reviewer"])
    pages = [reverse("partner_review", args=[review.pk]), reverse("request", args=[request.number]),
             reverse("record", args=[request.number]), reverse("review_list"), reverse("uses_of_records")]  # fmt: skip
    assert not [page for page in pages if "Maine" in client.get(page).content.decode()]
    factories.lapse(PartnerReview.objects.filter(pk=other.pk), verdict="no_objection", answered_at=timezone.now())
    factories.place(request, State.READY_FOR_RELEASE)
    decided = client.get(pages[0]).content.decode()
    assert "How every state answered" in decided
    assert "Maine" in decided


def test_withdrawn_objection_lets_the_same_bytes_go(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    agree(review, people, "objection", reason="One employer can be recognized.", cells=[published(review)])
    with pytest.raises(Denied, match="Say why"):
        answers.withdraw_objection(review, actor=people["output_reviewer"], why=" ")
    with pytest.raises(Denied, match="Only an Output Reviewer of Delaware"):
        answers.withdraw_objection(review, actor=people["output_reviewer_ri"], why="Mine.")
    page = reverse("withdraw_objection", args=[review.pk])
    answer = signed_in(people["output_reviewer"]).post(page, {"why": "The employer agreed in writing."})
    assert answer.status_code == 302
    request.refresh_from_db()
    assert request.status is State.READY_FOR_RELEASE
    review.refresh_from_db()
    assert (review.verdict, review.agrees, review.stands_against) == ("objection", True, False)


def test_database_keeps_answers_and_takes_one_withdrawal(people: People, monkeypatch: Patch) -> None:
    _request, _package, review = under_review(people, monkeypatch)
    agree(review, people, "objection", reason="All of it.")
    row, now, by = PartnerReview.objects.filter(pk=review.pk), timezone.now(), people["output_reviewer"]
    for change in ({"verdict": "no_objection"}, {"reason": "Other."}, {"cells": [["20161"]]}):
        with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
            row.update(**change)
    row.update(withdrawn_at=now, withdrawn_by=by, withdrawn_why="Mended.")
    with pytest.raises(DatabaseError, match="kept as it is"), transaction.atomic():
        row.update(withdrawn_at=None, withdrawn_by=None, withdrawn_why="")


def test_rebuilt_tables_say_what_changed_since_the_last_answer(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    agree(review, people, "objection", reason="One employer.", cells=[published(review)])
    workflow.transition(request, "withdraw_cells", actor=people["disclosure_analyst"], reason="As Delaware asks.")
    request = work_off(request)
    again = request.packages.order_by("-version")[0]
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=again.sha256)
    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    new = PartnerReview.objects.get(package=again)
    client = signed_in(people["output_reviewer"])
    page = client.get(reverse("partner_review", args=[new.pk])).content.decode()
    assert "Since then these rows are others" in page
    assert "Now withheld" in page
    assert "Now published" not in page  # what was once withheld stays so
    with pytest.raises(Denied, match="built again"):
        agree(review, people)
    late = {"verdict": "no_objection", "package_sha256": review.package_sha256}
    assert client.post(reverse("partner_review", args=[new.pk]), late).status_code == 403
    assert PartnerReview.objects.get(pk=new.pk).verdict == ""


def test_several_are_agreed_to_at_once_only_where_they_were_opened(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    client, listed = signed_in(people["output_reviewer"]), reverse("review_list")
    sent = {"review": [review.pk], f"sha256-{review.pk}": review.package_sha256}
    assert "Not opened by you yet" in client.get(listed).content.decode()
    assert "Open the tables" in client.post(listed, sent, follow=True).content.decode()
    client.get(reverse("partner_review", args=[review.pk]))
    assert Opening.objects.filter(person=people["output_reviewer"], used_at__isnull=False).exists()
    other = sent | {f"sha256-{review.pk}": "0" * 64}
    assert "built while" in client.post(listed, other, follow=True).content.decode().replace("rebuilt", "built")
    assert "no objection to" in client.post(listed, sent, follow=True).content.decode()
    request.refresh_from_db()
    assert request.status is State.READY_FOR_RELEASE


def test_questions_go_both_ways_and_move_nothing(people: People, monkeypatch: Patch) -> None:
    request, package, review = under_review(people, monkeypatch)
    other = also_asked(package, maine())
    reviewer, analyst = signed_in(people["output_reviewer"]), signed_in(people["disclosure_analyst"])
    asked = {"text": "Does row 3 rest on one employer?"}
    assert reviewer.post(reverse("partner_review_ask", args=[review.pk]), asked).status_code == 302
    care = reverse("review_care", args=[request.number, review.pk])
    assert asked["text"] in analyst.get(care).content.decode()
    assert analyst.post(care, {"act": "message", "text": "No, on many."}).status_code == 302
    assert "No, on many." in reviewer.get(reverse("partner_review", args=[review.pk])).content.decode()
    assert asked["text"] not in analyst.get(reverse("review_care", args=[request.number, other.pk])).content.decode()
    assert not Notice.objects.filter(text__contains="employer").exists()
    review.refresh_from_db()
    assert (review.verdict, request.status) == ("", State.PARTNER_REVIEW)
    with pytest.raises(Denied, match="between the reviewing state and BLS"):
        messages.write(review, actor=people["coordinator"], text="May I read along?")


def told(person: Person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("text", flat=True))


def test_reminders_and_escalation_come_once_however_often_one_looks(people: People, monkeypatch: Patch) -> None:
    _request, _package, review = under_review(people, monkeypatch)
    Notice.objects.all().delete()
    for left, expected in ((6, 0), (5, 1), (4, 1), (1, 2), (0, 3)):
        for _ in range(3):
            milestones.follow(morning_of(first_in_time(left, review.due_on)))
        assert len(told(people["output_reviewer"])) == expected, left
    for _ in range(3):
        milestones.follow(morning_of(review.due_on + timedelta(days=1)))
    assert len(told(people["output_reviewer"])) == 4
    assert [text[:29] for text in told(people["approving_official"])] == ["Delaware has not answered abo"]
    assert Event.objects.filter(kind="partner_review.escalate").count() == 1


def test_bls_is_told_once_where_nobody_of_a_state_can_answer(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    reviewer, official, today = people["output_reviewer"], people["approving_official"], timezone.localdate()
    Notice.objects.all().delete()
    milestones.follow(timezone.now())
    assert told(official) == []
    away = absences.announce(actor=reviewer, starts_on=today, ends_on=today + timedelta(days=9), stand_in=None)
    for _ in range(2):
        milestones.follow(timezone.now())
    (words,) = told(official)
    assert words.startswith(f"Nobody in Delaware can answer about {request.number}")
    care = signed_in(official).get(reverse("review_care", args=[request.number, review.pk])).content.decode()
    assert "Nobody: the state" in care
    absences.take_back(away, actor=reviewer)
    care = signed_in(official).get(reverse("review_care", args=[request.number, review.pk])).content.decode()
    assert reviewer.name in care
    assert Event.objects.filter(kind="reviewers.nobody").count() == 1


def test_lapsed_training_leaves_nobody_who_can_answer(people: People, monkeypatch: Patch) -> None:
    under_review(people, monkeypatch)
    Notice.objects.all().delete()
    factories.lapse(people["output_reviewer"].trainings.all(), completed_on=timezone.localdate() - timedelta(days=800))
    milestones.follow(timezone.now())
    assert [text[:26] for text in told(people["program_analyst"])] == ["Nobody in Delaware can ans"]


def test_only_another_reviewer_of_the_state_stands_in_for_one(people: People) -> None:
    reviewer, today = people["output_reviewer"], timezone.localdate()
    days = {"starts_on": today, "ends_on": today}
    page = signed_in(reviewer).get(reverse("absence"))
    assert "only Output Reviewer" in page.content.decode()
    with pytest.raises(Denied, match="Only an Output Reviewer of Delaware"):
        absences.announce(actor=reviewer, stand_in=people["coordinator_de"], **days)
    memberships.give_role(people["coordinator_de"], Role.OUTPUT_REVIEWER, actor=None, starts_on=today)
    assert "only Output Reviewer" not in signed_in(reviewer).get(reverse("absence")).content.decode()
    assert absences.announce(actor=reviewer, stand_in=people["coordinator_de"], **days).stand_in


def morning_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def test_more_time_is_given_with_a_reason_and_begins_anew(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    today = timezone.localdate()
    PartnerReview.objects.filter(pk=review.pk).update(due_on=today - timedelta(days=3))
    milestones.follow(timezone.now())
    later = add_business_days(today, 4)
    care = reverse("review_care", args=[request.number, review.pk])
    sent = {"act": "extend", "extend_reason": "A holiday of the state.", "to_due_year": later.year,
            "to_due_month": later.month, "to_due_day": later.day}  # fmt: skip
    assert signed_in(people["program_analyst"]).post(care, sent).status_code == 302
    review.refresh_from_db()
    assert (review.due_on, review.extensions.get().reason) == (later, "A holiday of the state.")
    with pytest.raises(Denied, match="Only BLS's Program Analysts"):
        deadlines.extend(review, actor=people["disclosure_analyst"], to_due=add_business_days(later, 1), reason="No.")
    with pytest.raises(Denied, match="by at most 30"):
        deadlines.extend(review, actor=people["program_analyst"], to_due=add_business_days(later, 31), reason="No.")
    Notice.objects.all().delete()
    milestones.follow(morning_of(later))
    assert len(told(people["output_reviewer"])) == 2  # a day before, and on the day
    milestones.follow(morning_of(later + timedelta(days=1)))
    assert Event.objects.filter(kind="partner_review.escalate").count() == 2


def test_lapse_is_consent_only_after_the_deadline_and_where_the_mou_says_so(people: People, monkeypatch: Patch) -> None:
    request, _package, review = under_review(people, monkeypatch)
    official = people["approving_official"]
    with pytest.raises(Denied, match="has not passed yet"):
        answers.record_lapse(review, actor=official, reason="Asked twice.")
    PartnerReview.objects.filter(pk=review.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    review.refresh_from_db()
    with pytest.raises(Denied, match="does not take a missed deadline for consent"):
        answers.record_lapse(review, actor=official, reason="Asked twice.")
    factories.lapse(people["output_reviewer"].agency.mous.all(), consent_by_lapse=True)
    with pytest.raises(Denied, match="Only BLS's Program Analysts"):
        answers.record_lapse(review, actor=people["output_reviewer"], reason="Mine.")
    care = reverse("review_care", args=[request.number, review.pk])
    sent = {"act": "lapse", "lapse_reason": "Reminded three times, called on Monday."}
    assert signed_in(official).post(care, sent).status_code == 302
    review.refresh_from_db()
    request.refresh_from_db()
    assert (review.verdict, review.answered_by) == ("consent_by_lapse", official)
    assert request.status is State.READY_FOR_RELEASE


def test_consent_in_advance_answers_what_it_covers_and_nothing_else(people: People, monkeypatch: Patch) -> None:
    reviewer, last = people["output_reviewer"], timezone.localdate() + timedelta(days=90)
    consents.give(actor=reviewer, covers="macro_state", ends_on=last)  # the tables are by county
    request, package, review = under_review(people, monkeypatch)
    assert review.verdict == ""
    consents.give(actor=reviewer, covers="macro", ends_on=last)
    workflow.transition(request, "withdraw", actor=people["coordinator"], reason="Another try.")
    Notice.objects.all().delete()
    again, package, review = under_review(people, monkeypatch)
    assert (review.verdict, review.consent.covers, review.answered_by) == ("standing_consent", "macro", None)  # type: ignore[union-attr]
    assert again.status is State.READY_FOR_RELEASE
    assert any("consent in advance" in text for text in told(reviewer))
    uses = signed_in(reviewer).get(reverse("uses_of_records"))
    assert again.number in uses.content.decode()
    assert "Consent given in advance" in uses.content.decode()
    assert package.sha256 in b"".join(signed_in(reviewer).get("/reviews/uses/?export=csv").streaming_content).decode()  # type: ignore[attr-defined]


def test_ended_or_uncovered_consent_counts_no_more(people: People) -> None:
    reviewer, today = people["output_reviewer"], timezone.localdate()
    consent = consents.give(actor=reviewer, covers="macro", ends_on=today + timedelta(days=5))
    with pytest.raises(Denied, match="has given this consent already"):
        consents.give(actor=reviewer, covers="macro", ends_on=today)
    assert consents.consent_to(["macro"], reviewer.agency, today) == consent
    assert consents.consent_to(["macro"], reviewer.agency, today + timedelta(days=6)) is None
    assert signed_in(people["output_reviewer_ri"]).post(reverse("end_consent", args=[consent.pk])).status_code == 404
    assert signed_in(reviewer).post(reverse("end_consent", args=[consent.pk])).status_code == 302
    assert consents.consent_to(["macro"], reviewer.agency, today) is None
    with pytest.raises(DatabaseError, match="What is filled in stays"), transaction.atomic():
        StandingConsent.objects.filter(pk=consent.pk).update(ended_at=None, ended_by=None)
    with pytest.raises(Denied, match="between today and a year"):
        consents.give(actor=reviewer, covers="macro", ends_on=today + timedelta(days=400))


def test_objection_before_sharing_is_resolved_by_refusal_or_by_keeping_the_tables(
    people: People, monkeypatch: Patch
) -> None:
    request, _package, review = under_review(people, monkeypatch)
    factories.place(request, State.SHARING_REVIEW)
    official = people["approving_official"]
    with pytest.raises(Denied, match="No state objects"):
        workflow.transition(request, "refuse_sharing", actor=official, reason="None.")
    review.refresh_from_db()
    agree(review, people, "objection", reason="All of it.")
    assert workflow.transition(request, "refuse_sharing", actor=official, reason="As it asks.").status is State.CLOSED


GATHER = gathering.gather  # as it is, where a test's contributions are made up


def test_state_whose_mou_ends_meanwhile_is_dropped_and_the_tables_built_again(
    people: People, monkeypatch: Patch
) -> None:
    request, first, review = under_review(people, monkeypatch)
    agree(review, people)
    request.refresh_from_db()
    assert (request.status, first.states_searched) == (State.READY_FOR_RELEASE, ["10", "44"])
    Notice.objects.all().delete()
    today = timezone.localdate()
    factories.lapse(review.agency.mous.all(), ends_on=today - timedelta(days=1))
    with pytest.raises(Denied, match="Delaware's MOU is not in force, and its records are in these tables"):
        workflow.transition(request, "release", actor=people["release_officer"])
    read: list[list[str]] = []
    monkeypatch.setattr(gathering, "gather", GATHER)
    monkeypatch.setattr(
        gathering, "_macro", lambda _design, states, _quarters: (read.append(states) or contributions(), None)
    )
    ledger.tend()
    ledger.tend()
    request = work_off(request)
    second = request.packages.order_by("-version")[0]
    assert (request.status, second.states_searched, second.version) == (State.DISCLOSURE_REVIEW, ["44"], 2)
    assert read == [["44"]]
    why = "Without the records of Delaware, whose MOU is no longer in force."
    assert any(why in text for text in told(people["coordinator"]))
    assert why in signed_in(people["coordinator"]).get(reverse("record", args=[request.number])).content.decode()
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=second.sha256)
    request = workflow.transition(request, "clear_for_release", actor=people["second_disclosure_analyst"])
    assert PartnerReview.objects.get(request=request).package == first  # nobody else's records are left to ask about
    factories.lapse(review.agency.mous.all(), ends_on=today + timedelta(days=9))
    ledger.tend()
    request.refresh_from_db()
    assert request.status is State.READY_FOR_RELEASE
