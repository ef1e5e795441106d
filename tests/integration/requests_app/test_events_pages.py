"""The Auditor's pages of the log: narrowed, page by page, as CSV; the accounting of disclosures; the home page."""

import csv
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.reference.events_page import recorded
from requests_app.models import DataRequest, Delivery, Event, Opening, Package, Person
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.selectors.audit import events as selector
from requests_app.selectors.audit.history import WORDS
from requests_app.services.event_log import events, openings
from requests_app.services.packages import delivery, files, packages
from requests_app.states import Kind, State
from tests import factories
from tests.pages import signed_in

pytestmark = pytest.mark.django_db
URL = "event_list"
People = dict[str, Person]


@pytest.fixture
def auditor(people: People) -> Client:
    return signed_in(people["auditor"])


@pytest.fixture
def log(people: People) -> list[int]:
    """Twelve events of the kind `test.page`, an hour apart, the oldest first; their numbers."""
    start = timezone.now() - timedelta(hours=12)
    for number in range(12):
        actor = people["coordinator"] if number % 2 else None
        outcome = ("done", "refused", "failed")[number % 3]
        at = start + timedelta(hours=number)
        events.record("test.page", actor=actor, outcome=outcome, subject=f"thing {number % 4}", at=at)
    return list(Event.objects.filter(kind="test.page").order_by("seq").values_list("seq", flat=True))


def shown(client: Client, name: str = URL, **query: Any) -> list[int]:
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return [(line["event"] if isinstance(line, dict) else line.event).seq for line in answer.context["lines"]]


def exported(client: Client, name: str = URL, **query: Any) -> list[dict[str, str]]:
    answer = client.get(reverse(name), {**query, "export": "csv"})
    assert isinstance(answer, StreamingHttpResponse)
    assert answer["Cache-Control"] == "no-store"
    return list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))  # type: ignore[arg-type]


# -- narrowing -----------------------------------------------------------------------------------------------------

NARROWED: dict[str, tuple[dict[str, str], Callable[[Event], bool]]] = {
    "outcome": ({"outcome": "refused"}, lambda event: event.outcome == "refused"),
    "person by name": ({"actor": "rosa alm"}, lambda event: event.actor.startswith("Rosa Almeida")),
    "the system": ({"actor": "the system"}, lambda event: event.actor_id is None),
    "subject": ({"subject": "thing 2"}, lambda event: event.subject == "thing 2"),
    "process": ({"process": "owner"}, lambda event: event.process == "owner"),
    "another process": ({"process": "loader"}, lambda event: False),
    "nobody": ({"actor": "Nobody at all"}, lambda event: False),
    "two at once": (
        {"outcome": "failed", "actor": "rosa"},
        lambda event: event.outcome == "failed" and event.actor.startswith("Rosa"),
    ),
}


@pytest.mark.parametrize("name", NARROWED)
def test_events_are_those_asked_for(name: str, auditor: Client, log: list[int]) -> None:
    query, matches = NARROWED[name]
    expected = [event.seq for event in Event.objects.order_by("-occurred_at", "-seq") if matches(event)]
    found = list(selector.events(dict(query)).values_list("seq", flat=True))
    assert found == expected
    assert shown(auditor, **query) == [seq for seq in expected if Event.objects.get(seq=seq)][: selector.PAGE_SIZE]


def test_events_of_an_account_by_its_number(auditor: Client, log: list[int], people: People) -> None:
    found = shown(auditor, actor=str(people["coordinator"].pk))
    assert found
    assert {Event.objects.get(seq=seq).actor_id for seq in found} == {people["coordinator"].pk}


def test_events_of_days_both_included(auditor: Client, people: People) -> None:
    today = timezone.localdate()
    noon = timezone.make_aware(datetime.combine(today, datetime.min.time())) + timedelta(hours=12)
    for days in range(5):
        events.record("test.day", actor=None, at=noon - timedelta(days=days))
    asked = {"since": str(today - timedelta(days=3)), "until": str(today - timedelta(days=1))}
    found = [Event.objects.get(seq=seq) for seq in shown(auditor, **asked) if seq]
    days = [(today - timezone.localdate(event.occurred_at)).days for event in found if event.kind == "test.day"]
    assert days == [1, 2, 3]


def test_a_question_that_cannot_be_read_is_said_and_not_exported(auditor: Client, log: list[int]) -> None:
    asked = {"since": "2026-05-02", "until": "2026-05-01", "export": "csv"}
    page = auditor.get(reverse(URL), asked)
    assert "Choose a last day that is not before the first." in page.content.decode()
    assert not Event.objects.filter(kind="events.export").exists()


def test_every_kind_can_be_asked_for_in_words() -> None:
    """A kind that the code puts together while it runs has no words of its own."""
    kinds = {found.kind for found in recorded() if "<" not in found.kind}
    assert kinds <= set(WORDS), sorted(kinds - set(WORDS))


# -- pages ---------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_forward_and_back_without_gap_or_repeat(
    auditor: Client, log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selector, "PAGE_SIZE", 5)
    pages: list[list[int]] = []
    place: dict[str, int] = {}
    while True:
        answer = auditor.get(reverse(URL), {"subject": "", **place})
        pages.append([line["event"].seq for line in answer.context["lines"]])
        if not answer.context["page"].older_than:
            break
        place = {"older_than": answer.context["page"].older_than}
    everything = list(Event.objects.order_by("-occurred_at", "-seq").values_list("seq", flat=True))
    assert [seq for page in pages for seq in page] == everything
    back = [pages[-1]]
    while newer := auditor.get(reverse(URL), place).context["page"].newer_than:
        place = {"newer_than": newer}
        back.append(shown(auditor, **place))
    assert back[::-1] == pages


def test_events_of_one_moment_are_parted_by_their_number(
    auditor: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selector, "PAGE_SIZE", 2)
    now = timezone.now() + timedelta(hours=1)
    for _ in range(5):
        events.record("test.same", actor=None, at=now)
    newest = list(Event.objects.order_by("-seq").values_list("seq", flat=True)[:5])
    first = shown(auditor)
    second = shown(auditor, older_than=first[-1])
    assert first + second == newest[:4]


@pytest.mark.parametrize("place", ["older_than=abc", "older_than=-5", "newer_than=" + "9" * 40, "older_than=99999999"])
def test_a_place_that_is_none_answers_all_the_same(place: str, auditor: Client, log: list[int]) -> None:
    assert auditor.get(f"{reverse(URL)}?{place}").status_code == 200


def test_page_asks_the_same_number_of_queries_however_long_the_log(auditor: Client, log: list[int]) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse(URL))
        return [query["sql"] for query in captured]

    events.record("test.more", actor=None, subject="person 1", request_number="WR-2026-000001")
    few = queries()
    for number in range(40):
        events.record("test.more", actor=None, subject=f"person {number}", request_number=f"WR-2026-{number:06d}")
    many = queries()
    assert len(many) == len(few) <= 12
    assert not [sql for sql in many if "COUNT(" in sql and '"event"' in sql]
    assert not [sql for sql in many if "OFFSET" in sql]


def test_detail_reads_in_words(auditor: Client, people: People) -> None:
    number = factories.submitted(people).number
    events.record(
        "person.give_role", actor=None, subject=f"person {people['agent'].pk}", detail={"role": "agent", "ok": True}
    )
    page = auditor.get(reverse(URL)).content.decode()
    assert f"Tom Becker (person {people['agent'].pk})" in page
    page = auditor.get(reverse(URL), {"request": number.lower()}).content.decode()
    for words in ("Moved from", "Submitted", "Hash of the event before", reverse("record", args=[number])):
        assert words in page


# -- CSV -----------------------------------------------------------------------------------------------------------


def test_export_is_the_selection_and_an_event(auditor: Client, log: list[int], people: People) -> None:
    rows = exported(auditor, outcome="refused", subject="thing 1")
    assert [row["subject"] for row in rows] == ["thing 1"]
    event = Event.objects.get(kind="events.export")
    assert (event.actor_id, event.detail) == (people["auditor"].pk, {"outcome": "refused", "subject": "thing 1"})


# -- the accounting ------------------------------------------------------------------------------------------------


@pytest.fixture
def released(people: People, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A released package over the records of Rhode Island and Delaware, found in Delaware; a worker answers."""
    settings.VAULT_ROOT, settings.OUTBOX_ROOT = tmp_path / "vault", tmp_path / "outbox"
    request = factories.approved(people, Kind.MACRO)
    made = _package(request)
    factories.place(request, State.RELEASED)
    Delivery.objects.create(package=made, created_at=timezone.now())
    ask = openings._ask

    def ask_and_answer(*args: Any) -> Opening:
        opening = ask(*args)
        openings.answer(opening.pk)
        return opening

    monkeypatch.setattr(openings, "_ask", ask_and_answer)
    return made


def _package(request: DataRequest) -> Package:
    sealed = files.seal_bytes(b"the package", request, FileKind.PACKAGE)
    tables = files.seal_bytes(b"[]", request, FileKind.TABLES)
    sha256 = hashlib.sha256(b"the package").hexdigest()
    return packages.keep_package(request, packages.Built(sha256, sealed, ["10", "44"], ["10"], tables=tables))


def open_it(package: Package, person: Person) -> None:
    list(openings.open_file(package.file, person=person, purpose="download"))


def test_accounting_says_when_who_what_whose_data_and_why(auditor: Client, released: Package, people: People) -> None:
    open_it(released, people["coordinator"])
    [line] = auditor.get(reverse("disclosure_list")).context["lines"]
    assert line.event.actor.startswith("Rosa Almeida")
    assert (line.what, line.file_kind, line.package, line.event.outcome) == ("Opened", "Package", released, "done")
    assert (line.searched, line.found) == (("Delaware", "Rhode Island"), ("Delaware",))
    assert line.purpose == "Download of the released package"
    assert line.activity.startswith("Examine regional mobility")
    page = auditor.get(reverse("disclosure_list")).content.decode()
    for words in (released.sha256, released.request.title, "Searched: Delaware, Rhode Island"):
        assert words in page


def test_accounting_has_deliveries_and_refusals(auditor: Client, released: Package, people: People) -> None:
    with pytest.raises(Denied):
        open_it(released, people["auditor"])
    events.record(
        "package.deliver", actor=None, request_number=released.request.number, subject=released.pk,
        detail={"channel": "local_outbox"},
    )  # fmt: skip
    delivered, refused = auditor.get(reverse("disclosure_list")).context["lines"]
    assert (delivered.what, delivered.package) == ("Delivered", released)
    assert delivered.purpose == "Delivery to Rhode Island Labor Market Information"
    assert (refused.event.outcome, bool(refused.reasons)) == ("refused", True)


def test_accounting_is_narrowed_by_state_request_person_and_days(
    auditor: Client, released: Package, people: People
) -> None:
    open_it(released, people["coordinator"])
    today = str(timezone.localdate())
    name = "disclosure_list"
    for yes in ({"state": "10"}, {"state": "44"}, {"request": released.request.number}, {"actor": "Rosa"},
                {"since": today}, {"outcome": "done"}):  # fmt: skip
        assert len(shown(auditor, name, **yes)) == 1, yes
    yesterday = str(timezone.localdate() - timedelta(days=1))
    for no in ({"request": "WR-2026-999999"}, {"actor": "Dana"}, {"until": yesterday}, {"outcome": "refused"}):
        assert shown(auditor, name, **no) == [], no
    with factories.behind_the_triggers():
        Package.objects.filter(pk=released.pk).update(states_searched=["10"])
    assert shown(auditor, name, state="44") == []


def test_accounting_is_exported_and_that_is_an_event(auditor: Client, released: Package, people: People) -> None:
    open_it(released, people["coordinator"])
    [row] = exported(auditor, "disclosure_list", state="10")
    assert (row["what"], row["states_found"], row["package_sha256"]) == ("Opened", "Delaware", released.sha256)
    assert row["request_number"] == released.request.number
    assert Event.objects.get(kind="disclosures.export").detail == {"state": "10"}


def test_accounting_asks_the_same_number_of_queries_however_many_lines(
    auditor: Client, released: Package, people: People
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(reverse("disclosure_list"))
        return len(captured)

    open_it(released, people["coordinator"])
    few = queries()
    for _ in range(5):
        open_it(released, people["coordinator"])
    assert queries() == few <= 12


# -- home ----------------------------------------------------------------------------------------------------------


def test_home_says_when_the_log_was_checked_and_what_was_refused(auditor: Client, people: People) -> None:
    assert "The log has not been checked yet" in auditor.get(reverse("home")).content.decode()
    events.record("events.verify", actor=None, detail={"count": 1234, "anchors": 7, "head": "ab", "reasons": []})
    events.record("request.approve", actor=people["agent"], outcome="refused", detail={"reasons": ["Not you."]})
    page = auditor.get(reverse("home")).content.decode()
    for words in ("The log was whole", "1,234 events", "7 anchors", "Approved", "Not you.", "1 attempt</a>"):
        assert words in page


def test_home_says_that_the_check_failed(auditor: Client) -> None:
    detail = {"count": 3, "anchors": 1, "head": "ab", "reasons": ["Event 4 is the first that does not hold."]}
    events.record("events.verify", actor=None, outcome="failed", detail=detail)
    page = auditor.get(reverse("home")).content.decode()
    for words in ("The last check of the log failed", "Event 4 is the first that does not hold."):
        assert words in page


def test_home_of_somebody_with_another_role_too_has_both(people: People) -> None:
    people["program_analyst"].memberships.create(
        role="auditor", starts_on=timezone.localdate(), granted_at=timezone.now()
    )
    page = signed_in(people["program_analyst"]).get(reverse("home")).content.decode()
    assert "What waits for you" in page
    assert "Refused since yesterday" in page


def test_check_that_web_claims_to_have_made_does_not_count(auditor: Client) -> None:
    events.record("events.verify", actor=None, detail={"count": 1, "anchors": 0, "head": "", "reasons": []})
    with factories.behind_the_triggers():
        Event.objects.update(process="web")
    assert selector.last_verification() is None


def test_delivery_is_in_the_accounting_as_it_is_recorded(auditor: Client, released: Package) -> None:
    """The kind that the accounting looks for is the kind that the delivery records."""
    assert "package.deliver" in {found.kind for found in recorded() if found.where.startswith(delivery.__name__)}
