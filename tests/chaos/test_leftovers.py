"""What crashes leave on disk: removed when it is old and nobody will need it, and never otherwise."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from matching.services import cohort_keys
from requests_app.models import DataRequest, Job, Person
from requests_app.models.files import FileKind
from requests_app.models.jobs import JobState
from requests_app.sealed_files import Sealer, path_of
from requests_app.services.packages import files
from tests import factories
from tests.pages import hold_quarters


@pytest.fixture
def vault(settings: Settings, tmp_path: Path) -> Path:
    settings.VAULT_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def request_(people: dict[str, Person]) -> DataRequest:
    hold_quarters()
    return factories.draft(people)


def sealed(request: DataRequest, *, remembered: bool, shredded: bool = False) -> Path:
    """A finished file of two hours ago."""
    made = files.seal_bytes(os.urandom(100), request, FileKind.PACKAGE)
    path = path_of(made.sealed_sha256)
    if remembered:
        row = files.remember(made, request, FileKind.PACKAGE, "package", timezone.now())
        row.shredded_at = timezone.now() if shredded else None
        row.save()
    return aged(path)


def aged(path: Path, age: timedelta = timedelta(hours=2)) -> Path:
    then = (timezone.now() - age).timestamp()
    os.utime(path, (then, then))
    return path


def unfinished(vault: Path) -> Path:
    """What a process killed while it received a file leaves."""
    path = vault / "incoming" / "01KILLED"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"ciphertext")
    return aged(path)


def test_orphans_are_removed_and_nothing_else(vault: Path, request_: DataRequest) -> None:
    kept = sealed(request_, remembered=True)
    young = aged(sealed(request_, remembered=False), timedelta(minutes=59))
    orphans = [
        unfinished(vault),
        sealed(request_, remembered=False),
        sealed(request_, remembered=True, shredded=True),  # killed between the commit and the shredding
    ]
    with Sealer("01RECEIVING", Path(os.environ["WORKER_PUBLIC_KEY_FILE"]).read_bytes(), "cohort:1"):
        assert files.remove_orphans() == 3
        assert (vault / "incoming" / "01RECEIVING").exists()
    assert [path.exists() for path in (kept, young)] == [True, True]
    assert [path.exists() for path in orphans] == [False, False, False]
    assert files.remove_orphans() == 0


def test_orphans_of_a_job_that_still_runs_are_its_results_to_be(vault: Path, request_: DataRequest) -> None:
    result = sealed(request_, remembered=False)
    job = Job.objects.create(
        kind="match",
        request=request_,
        state=JobState.RUNNING,
        created_at=timezone.now(),
        started_at=timezone.now() - timedelta(hours=3),
    )
    assert files.remove_orphans() == 0
    assert result.exists()
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    assert files.remove_orphans() == 1


def test_cohort_key_of_a_slower_attempt_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "WR-2026-000001.pem"
    first = cohort_keys._new_private(path)
    slower = cohort_keys._new_private(path)
    assert slower.private_numbers() == first.private_numbers()
    assert [left.name for left in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600


def test_cohort_key_destruction_takes_what_a_crash_left_of_its_making(
    settings: Settings, tmp_path: Path, request_: DataRequest
) -> None:
    settings.KEY_ROOT = tmp_path
    cohort_keys._new_private(tmp_path / f"{request_.number}.pem")
    (tmp_path / f"{request_.number}.01KILLED").write_bytes(b"half a key")
    (tmp_path / "WR-2026-999999.pem").write_bytes(b"another request's")
    cohort_keys.destroy(request_, timezone.now())
    assert [left.name for left in tmp_path.iterdir()] == ["WR-2026-999999.pem"]
