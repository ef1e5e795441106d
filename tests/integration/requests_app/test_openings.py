"""Opening a file needs a grant: the worker checks for itself, once, at a limited rate; every opening is an event."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django.fixtures import Settings

from matching.models import Holding
from requests_app import keys, sealed_files
from requests_app.models import DataRequest, Delivery, Event, Opening, Package, Person, SealedFile
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.sealed_files import Unreadable
from requests_app.services.event_log import openings
from requests_app.services.packages import files, packages
from requests_app.services.people import pre_release
from requests_app.states import Kind, State
from tests import factories

CONTENT = b"the released package"
Play = dict[str, Person]


@pytest.fixture(autouse=True)
def small_keys_and_own_vault(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAULT_ROOT = tmp_path
    monkeypatch.setattr(openings, "OPENING_KEY_BITS", 2048)
    monkeypatch.setattr(openings, "WAIT_SECONDS", 0.2)


@pytest.fixture
def package(people: Play) -> SealedFile:
    """The package of a released request of Rhode Island, over Rhode Island's and Delaware's records."""
    request = factories.approved(people, Kind.MACRO)
    made = _package_of(request)
    factories.place(request, State.RELEASED)
    Delivery.objects.create(package=made, created_at=timezone.now())
    return made.file


def _package_of(request: DataRequest) -> Package:
    sealed = files.seal_bytes(CONTENT, request, FileKind.PACKAGE)
    tables = files.seal_bytes(b"[]", request, FileKind.TABLES)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return packages.keep_package(request, packages.Built(sha256, sealed, ["10", "44"], ["10"], tables=tables))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Opening], None]], None]:
    """A worker answers each opening at once; what is given happens to the opening just before."""

    def start(before: Callable[[Opening], None] = lambda opening: None) -> None:
        ask = openings._ask

        def ask_and_answer(*args: object) -> Opening:
            opening = ask(*args)  # type: ignore[arg-type]
            before(opening)
            openings.answer(opening.pk)
            return opening

        monkeypatch.setattr(openings, "_ask", ask_and_answer)

    return start


def opened(file: SealedFile, person: Person) -> bytes:
    return b"".join(openings.open_file(file, person=person, purpose="download"))


def _now() -> datetime:
    return timezone.now()


def recorded(file: SealedFile) -> list[tuple[str, int | None]]:
    return list(
        Event.objects.filter(kind="file.open", subject=file.pk).values_list("outcome", "actor_id").order_by("seq")
    )


def test_opening_gives_the_file_once_and_is_an_accounting_of_disclosure(
    package: SealedFile, people: Play, worker: Callable[..., None]
) -> None:
    worker()
    assert opened(package, people["coordinator"]) == CONTENT
    opening = Opening.objects.get()
    assert opening.used_at
    assert opening.sealed_key is None
    event = Event.objects.get(kind="file.open")
    assert event.actor.startswith("Rosa Almeida (Project Coordinator)")
    assert event.request_number == package.request.number
    expected = {"kind": "package", "purpose": "download", "states": ["10", "44"], "opening": opening.pk}
    assert (event.outcome, event.subject, event.detail) == ("done", package.pk, expected)


def test_answer_can_be_taken_once(package: SealedFile, people: Play) -> None:
    public_pem, private = keys.new_pair(2048)
    opening = openings._ask(package, people["coordinator"], "download", public_pem)
    openings.answer(opening.pk)
    assert len(openings._take_answer(opening, private)) == 32
    with pytest.raises(Denied):
        openings._take_answer(opening, private)


def test_answered_opening_is_not_answered_again(package: SealedFile, people: Play) -> None:
    opening = openings._ask(package, people["coordinator"], "download", keys.new_pair(2048)[0])
    openings.answer(opening.pk)
    Opening.objects.update(sealed_key=None, used_at=timezone.now())
    openings.answer(opening.pk)
    assert Opening.objects.get().sealed_key is None
    assert recorded(package) == [("done", people["coordinator"].pk)]


def test_answer_is_readable_with_the_key_pair_of_that_opening_only(package: SealedFile, people: Play) -> None:
    opening = openings._ask(package, people["coordinator"], "download", keys.new_pair(2048)[0])
    openings.answer(opening.pk)
    with pytest.raises(ValueError, match=r"[Dd]ecryption|[Ee]ncryption"):
        openings._take_answer(opening, keys.new_pair(2048)[1])


@pytest.mark.parametrize(
    "player",
    ["coordinator_de", "agent", "program_analyst", "release_officer", "auditor", "administrator", "data_steward"],
)
def test_person_without_the_right_is_refused_and_that_is_an_event(
    package: SealedFile, people: Play, player: str
) -> None:
    with pytest.raises(Denied):
        opened(package, people[player])
    assert recorded(package) == [("refused", people[player].pk)]
    assert not Opening.objects.exists()


def test_worker_refuses_what_a_stolen_web_server_asks(package: SealedFile, people: Play) -> None:
    opening = openings._ask(package, people["auditor"], "download", keys.new_pair(2048)[0])
    openings.answer(opening.pk)
    opening.refresh_from_db()
    assert opening.sealed_key is None
    assert "coordinators" in opening.refused_reason
    assert recorded(package) == [("refused", people["auditor"].pk)]


def test_right_lost_between_asking_and_answering_is_refused(
    package: SealedFile, people: Play, worker: Callable[..., None]
) -> None:
    worker(
        lambda opening: factories.lapse(
            opening.person.trainings.all(), completed_on=timezone.localdate() - timedelta(days=400)
        )
    )
    with pytest.raises(Denied, match="training"):
        opened(package, people["coordinator"])
    assert recorded(package) == [("refused", people["coordinator"].pk)]


@pytest.mark.parametrize("kind", [FileKind.COHORT, FileKind.MATCH_RESULT])
def test_cohort_and_match_result_are_opened_by_nobody(package: SealedFile, people: Play, kind: FileKind) -> None:
    SealedFile.objects.update(kind=kind)
    package.refresh_from_db()
    for person in people.values():
        with pytest.raises(Denied, match="cannot be opened by anyone"):
            opened(package, person)


@pytest.mark.parametrize("kind", [FileKind.MATCH_RESULT, FileKind.WORKBENCH, FileKind.COHORT])
def test_other_file_dressed_up_as_the_package_is_not_opened(package: SealedFile, people: Play, kind: FileKind) -> None:
    """A stolen web server may write rows of files, but the data key says what it was made for."""
    hidden = files.remember(files.seal_bytes(b"secret", package.request, kind), package.request, kind, "x", _now())
    SealedFile.objects.filter(pk=package.pk).update(
        wrapped_key=hidden.wrapped_key, sealed_sha256=hidden.sealed_sha256, plain_bytes=hidden.plain_bytes
    )
    opening = openings._ask(package, people["coordinator"], "download", keys.new_pair(2048)[0])
    openings.answer(opening.pk)
    opening.refresh_from_db()
    assert opening.sealed_key is None
    assert "not what it is kept as" in opening.refused_reason
    assert recorded(package) == [("refused", people["coordinator"].pk)]


def test_file_of_another_request_is_not_opened_as_ones_own(package: SealedFile, people: Play) -> None:
    theirs = factories.draft(people, Kind.MACRO)
    sealed = files.seal_bytes(b"secret", theirs, FileKind.PACKAGE)
    other = files.remember(sealed, theirs, FileKind.PACKAGE, "x", _now())
    SealedFile.objects.filter(pk=other.pk).update(request=package.request)
    other.refresh_from_db()
    with pytest.raises(Unreadable):
        files.data_key(other, keys.worker_private_key())
    with pytest.raises(ValueError, match="another request"):
        files.remember(sealed, package.request, FileKind.PACKAGE, "x", _now())


def test_earlier_version_is_not_opened_after_release(
    package: SealedFile, people: Play, worker: Callable[..., None]
) -> None:
    worker()
    newer = _package_of(package.request)
    Delivery.objects.create(package=newer, created_at=_now())
    earlier_tables = Package.objects.get(file=package).tables
    for old in (package, earlier_tables):
        assert old is not None
        with pytest.raises(Denied, match="not released"):
            opened(old, people["coordinator"])
    assert opened(newer.file, people["coordinator"]) == CONTENT


def test_package_that_was_not_released_is_not_opened(package: SealedFile, people: Play) -> None:
    newer = _package_of(package.request)  # the state says released, but nothing was sent
    with pytest.raises(Denied, match="not released"):
        opened(newer.file, people["coordinator"])


def test_shredded_file_is_opened_by_nobody(package: SealedFile, people: Play) -> None:
    files.shred(package, at=timezone.now(), why="test")
    with pytest.raises(Denied, match="cannot be opened by anyone"):
        opened(package, people["coordinator"])


def test_stale_opening_is_not_answered(package: SealedFile, people: Play, worker: Callable[..., None]) -> None:
    too_late = timezone.now() - openings.VALID_FOR - timedelta(seconds=1)
    worker(lambda opening: Opening.objects.filter(pk=opening.pk).update(asked_at=too_late) and None)
    with pytest.raises(Denied, match="no worker answered"):
        opened(package, people["coordinator"])
    assert Opening.objects.get().answered_at is None
    assert recorded(package) == []


def test_rate_is_limited_and_forgetting_the_openings_does_not_help(
    package: SealedFile, people: Play, worker: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openings, "OPENINGS_AN_HOUR", 2)
    worker()
    for _ in range(2):
        opened(package, people["coordinator"])
    Opening.objects.all().delete()  # web may do this, but not to the events
    with pytest.raises(Denied, match="last hour"):
        opened(package, people["coordinator"])
    forged = openings._ask(package, people["coordinator"], "download", keys.new_pair(2048)[0])
    openings.answer(forged.pk)
    forged.refresh_from_db()
    assert forged.sealed_key is None
    assert [outcome for outcome, _ in recorded(package)] == ["done", "done", "refused", "refused"]


def test_web_opens_nothing_with_what_it_holds(package: SealedFile, settings: Settings) -> None:
    settings.WR_PROCESS, settings.WORKER_PRIVATE_KEY_FILE = "web", None
    keys.worker_private_key.cache_clear()
    with pytest.raises(ImproperlyConfigured, match="no WORKER_PRIVATE_KEY_FILE"):
        keys.worker_private_key()
    held = [
        configured.SECRET_KEY.encode(),
        configured.MFA_KEY_FILE.read_bytes(),
        keys.worker_public_pem(),
        bytes(package.wrapped_key),
    ]
    for secret in held:
        with pytest.raises(Unreadable):
            list(sealed_files.read_sealed(package.pk, package.sealed_sha256, secret[:32].ljust(32, b"\0")))


def test_package_of_a_quarter_before_its_release_opens_for_the_listed_only(people: Play, package: SealedFile) -> None:
    Holding.objects.filter(quarter=20161).update(release_date=timezone.localdate() + timedelta(days=1))
    with pytest.raises(Denied, match="not on the pre-release list"):
        openings.check(people["coordinator"], package)
    pre_release.add(
        people["coordinator"],
        actor=people["administrator"],
        listed_from=timezone.localdate(),
        listed_until=None,
        others_are_needed=True,
    )
    openings.check(people["coordinator"], package)
