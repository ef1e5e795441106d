"""Who is told of a step, in which way; what is mailed, when, and again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app.models import DataRequest, Notice, NoticeChoice, Package, Person, SealedFile, SignOff
from requests_app.models.files import FileKind
from requests_app.models.notices import NoticeKind, Way
from requests_app.policies import Denied
from requests_app.services.life import mailing, notices, workflow
from requests_app.services.people import absences
from requests_app.states import Kind, State
from requests_app.targets import next_daily_mail
from tests import factories
from tests.pages import signed_in

SHA256 = "0" * 64


def with_signed_package(people: dict[str, Person]) -> DataRequest:
    """A macro request in disclosure review, whose package searched both states and has its first signature."""
    request, now = factories.draft(people, Kind.MACRO), timezone.now()
    file = SealedFile.objects.create(
        request=request, kind=FileKind.PACKAGE, name="package.zip", wrapped_key=b"", plain_bytes=0,
        sealed_sha256=SHA256, created_at=now,
    )  # fmt: skip
    package = Package.objects.create(
        request=request, version=1, sha256=SHA256, file=file, states_searched=["10", "44"], audit_is_clean=True,
        built_at=now,
    )  # fmt: skip
    SignOff.objects.create(package=package, package_sha256=SHA256, person=people["disclosure_analyst"], signed_at=now)
    factories.place(request, State.DISCLOSURE_REVIEW)
    return request


def test_reviewers_of_the_states_asked_are_told_and_no_others(people: dict[str, Person]) -> None:
    request = with_signed_package(people)

    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])

    [notice] = Notice.objects.filter(request=request)
    assert notice.person == people["output_reviewer"]
    assert notice.text.startswith(request.number)


def test_coordinator_is_told_of_the_approval(people: dict[str, Person]) -> None:
    request = factories.approved(people, Kind.MICRO)

    told = Notice.objects.filter(request=request, person=people["coordinator"]).values_list("text", flat=True)
    assert f"{request.number}: Approve. It is now “Approved”." in told


@pytest.fixture
def mailbox(settings: Settings) -> list[mail.EmailMessage]:
    """Mails stay in memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


class Refusing:
    """A mail server that is down."""

    def __init__(self, **_settings: object) -> None:
        """Takes what Django gives a backend."""

    def send_messages(self, _messages: list[mail.EmailMessage]) -> int:
        """Nothing goes."""
        raise ConnectionRefusedError


def tell(person: Person, text: str = "WR-2026-000001: it moved on.", kind: NoticeKind = NoticeKind.NEWS) -> Notice:
    notices.tell_person(person, text, timezone.now(), path="/home/", kind=kind)
    return Notice.objects.filter(person=person).latest("pk")


def test_notice_is_mailed_once_plain_and_html(
    people: dict[str, Person], mailbox: list[mail.EmailMessage], settings: Settings
) -> None:
    tell(people["coordinator"])
    assert mailing.send_waiting() == 1
    assert mailing.send_waiting() == 0
    [sent] = mailbox
    assert sent.to == [people["coordinator"].email]
    assert f"Open it: {settings.SITE_URL}/home/" in sent.body
    [(html, kind)] = sent.alternatives  # type: ignore[attr-defined]
    assert (kind, f'href="{settings.SITE_URL}/home/"' in html) == ("text/html", True)


def test_failed_mail_waits_longer_each_time_and_staff_try_again(
    people: dict[str, Person], settings: Settings, mailbox: list[mail.EmailMessage]
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    notice = tell(people["coordinator"])
    waits = []
    for _ in range(3):
        Notice.objects.update(not_before=timezone.now())
        mailing.send_waiting()
        notice.refresh_from_db()
        waits.append(round((notice.not_before - timezone.now()).total_seconds() / 60))
    assert (waits, notice.attempts, notice.last_error) == ([2, 4, 8], 3, "ConnectionRefusedError")
    staff, page = signed_in(people["program_analyst"]), reverse("outbox")
    assert "3 failed" in staff.get(page).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mailing.send_waiting() == 0
    staff.post(page, {"notice": notice.pk})
    assert mailing.send_waiting() == 1


def test_daily_mail_holds_all_of_the_day(people: dict[str, Person], mailbox: list[mail.EmailMessage]) -> None:
    person = people["coordinator"]
    NoticeChoice.objects.create(person=person, kind=NoticeKind.NEWS, way=Way.DAILY)
    tell(person, "WR-2026-000001: one.")
    tell(person, "WR-2026-000002: two.")
    assert mailing.send_waiting() == 0
    Notice.objects.update(not_before=timezone.now())
    assert mailing.send_waiting() == 1
    [sent] = mailbox
    assert sent.subject == "Wage records: 2 notices of the day"
    assert ("one." in sent.body, "two." in sent.body) == (True, True)


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        (datetime(2026, 11, 25, 11, 0, tzinfo=UTC), datetime(2026, 11, 25, 12, 0, tzinfo=UTC)),
        (datetime(2026, 11, 25, 13, 0, tzinfo=UTC), datetime(2026, 11, 27, 12, 0, tzinfo=UTC)),  # Thanksgiving between
        (datetime(2026, 3, 6, 20, 0, tzinfo=UTC), datetime(2026, 3, 9, 11, 0, tzinfo=UTC)),  # summer time began
    ],
)
def test_daily_mail_goes_at_seven_local_of_a_business_day(now: datetime, goes: datetime) -> None:
    assert next_daily_mail(now) == goes


def test_alert_comes_at_once_whatever_was_chosen(people: dict[str, Person]) -> None:
    person = people["coordinator"]
    for kind in NoticeKind:
        NoticeChoice.objects.create(person=person, kind=kind, way=Way.HERE)
    assert tell(person, kind=NoticeKind.ALERT).is_mailed
    assert not tell(person, kind=NoticeKind.WORK).is_mailed
    with pytest.raises(Denied):
        absences.choose_ways({"alert": Way.HERE}, actor=person)


def test_stand_in_of_somebody_away_is_told_too(people: dict[str, Person]) -> None:
    away, other, today = people["program_analyst"], people["release_officer"], timezone.localdate()
    with pytest.raises(Denied, match="another active person of your agency"):
        absences.announce(actor=away, starts_on=today, ends_on=today, stand_in=people["coordinator"])
    absence = absences.announce(actor=away, starts_on=today, ends_on=today + timedelta(days=3), stand_in=other)
    tell(away)
    assert Notice.objects.filter(person=other).count() == 1
    absences.take_back(absence, actor=away)
    tell(away)
    assert Notice.objects.filter(person=other).count() == 1


def test_program_mailbox_gets_a_copy_of_the_submission(
    people: dict[str, Person], mailbox: list[mail.EmailMessage], settings: Settings
) -> None:
    settings.PROGRAM_MAILBOX = "program@bls.example"
    request = factories.submitted(people)
    mailing.send_waiting()
    copies = [sent for sent in mailbox if sent.to == ["program@bls.example"]]
    assert [sent.subject for sent in copies] == [f"Wage records: {request.number}"]


def test_inbox_shows_own_notices_and_marks_them_read(people: dict[str, Person]) -> None:
    mine, theirs = tell(people["coordinator"], "Mine."), tell(people["agent"], "Theirs.")
    client, page = signed_in(people["coordinator"]), reverse("inbox")
    shown = client.get(page).content.decode()
    assert ("Mine." in shown, "Theirs." in shown, "Notices (new)" in shown) == (True, False, True)
    client.post(page, {"notice": theirs.pk})
    client.post(page, {"notice": mine.pk})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.read_at is None, theirs.read_at is None) == (False, True)
    assert "Notices (new)" not in client.get(page).content.decode()


def test_ways_and_absences_are_kept_by_their_pages(people: dict[str, Person]) -> None:
    client, day = signed_in(people["coordinator"]), timezone.localdate() + timedelta(days=3)
    ways = {kind.value: Way.DAILY.value for kind in NoticeKind if kind is not NoticeKind.ALERT}
    assert client.post(reverse("notice_choices"), {}).status_code == 400
    client.post(reverse("notice_choices"), ways)
    assert set(people["coordinator"].notice_choices.values_list("way", flat=True)) == {Way.DAILY}
    backwards = _days(day, day - timedelta(days=1))
    assert client.post(reverse("absence"), backwards).status_code == 400
    client.post(reverse("absence"), _days(day, day))
    assert people["coordinator"].absences.get().starts_on == day


def _days(first: date, last: date) -> dict[str, object]:
    parts = {"starts_on": first, "ends_on": last}
    return {f"{name}_{part}": getattr(on, part) for name, on in parts.items() for part in ("year", "month", "day")}
