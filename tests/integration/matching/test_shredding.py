"""The end of cohort files: destroyed with proof, and a restored backup of database and files reads nothing."""

import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from matching.loads.loading import load_wage_records
from matching.models.cohorts import CohortFile
from matching.services import cohort_files, cohort_keys, shredding
from requests_app import sealed_files
from requests_app.models import DataRequest, Event, Job, Person, SealedFile
from requests_app.models.jobs import JobState
from requests_app.services.life import workflow
from requests_app.states import State
from tests import match_office
from tests.integration.matching.test_loads import records, specimen

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(people: dict[str, Person], tmp_path: Path, settings: Settings) -> DataRequest:
    settings.KEY_ROOT = tmp_path / "keys"
    settings.KEY_ROOT.mkdir()
    load_wage_records(records(tmp_path / "a.csv", {"wage": 5}))
    rows = [(f"{n:04d}", specimen(n)) for n in range(1, 20)]
    return match_office.matching(people, {("Welding", 20161): rows}, states=["44"])


def test_proof_follows_the_package(request_: DataRequest) -> None:
    assert match_office.do_jobs(request_).status is State.READY_FOR_RELEASE
    proof = Event.objects.get(kind="cohort.destroyed", request_number=request_.number)
    assert proof.detail == {"files": 1, "keys_left": 0, "ciphertexts_left": 0, "rows_that_open_them": 0}
    kinds = Event.objects.filter(request_number=request_.number).order_by("seq").values_list("kind", flat=True)
    assert [kind for kind in kinds if "destroy" in kind or "shred" in kind] == [
        "cohort_key.destroy", "file.shred", "cohort.destroyed",
    ]  # fmt: skip
    assert shredding.what_is_left(request_) == {"keys": 0, "ciphertexts": 0, "rows": 0}


def test_withdrawn_request_ends_with_a_proof_too(request_: DataRequest, people: dict[str, Person]) -> None:
    workflow.transition(request_, "withdraw", actor=people["coordinator"], reason="Not needed.")
    match_office.do_jobs(request_)
    assert Event.objects.filter(kind="cohort.destroyed", request_number=request_.number).count() == 1


def test_no_proof_while_something_is_left(request_: DataRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort_keys, "destroy", lambda *_: None)
    match_office.do_jobs(request_)
    assert shredding.what_is_left(request_)["keys"] == 1
    assert not Event.objects.filter(kind="cohort.destroyed").exists()


def test_ciphertext_a_crash_left_is_destroyed_before_the_proof(
    request_: DataRequest, settings: Settings, tmp_path: Path
) -> None:
    row = CohortFile.objects.select_related("file").get()
    ciphertext = sealed_files.path_of(row.file.sealed_sha256)
    shutil.copy(ciphertext, tmp_path / "left")
    match_office.do_jobs(request_)
    ciphertext.parent.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "left", ciphertext)
    Job.objects.filter(kind="prove_shredding").update(state=JobState.WAITING)
    match_office.do_jobs(request_)
    assert not ciphertext.exists()


def test_restored_backup_of_database_and_files_reads_nothing(request_: DataRequest, tmp_path: Path) -> None:
    row = CohortFile.objects.select_related("file").get()
    ciphertext = sealed_files.path_of(row.file.sealed_sha256)
    backup = SealedFile.objects.filter(pk=row.file_id).values().get()
    shutil.copy(ciphertext, tmp_path / "backup")
    assert b"".join(cohort_files.read(row)).startswith(b"44,20161\n")
    match_office.do_jobs(request_)
    SealedFile.objects.filter(pk=row.file_id).update(**backup)
    ciphertext.parent.mkdir(exist_ok=True)
    shutil.copy(tmp_path / "backup", ciphertext)
    restored = CohortFile.objects.select_related("file", "request").get()
    assert bytes(restored.file.wrapped_key) != b""
    with pytest.raises(cohort_keys.KeyDestroyed):
        list(cohort_files.read(restored))
