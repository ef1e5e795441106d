"""The audit of real published QCEW finds what exact rank arithmetic found in it, and tells no value."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from disclosure.core.audit.published import audit_published, state_quarters
from matching.core.qcew.published import read_quarterly

QCEW = Path("data/qcew_2016")


@pytest.mark.parametrize(
    ("state", "cells", "withheld", "recoverable", "relations"),
    [("ri", 10_872, 5545, 47, 8730), ("de", 7914, 4364, 25, 6872)],
)
def test_real_quarter(state: str, cells: int, withheld: int, recoverable: int, relations: int) -> None:
    table = read_quarterly(sorted((QCEW / state).glob("*.csv.gz")))
    (one,) = audit_published(table, state_quarters(table, 20161))
    assert (one.cells, one.withheld, one.recoverable, one.relations) == (cells, withheld, recoverable, relations)


def test_command_writes_counts_only_and_fails_on_what_is_recoverable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError) as failure:
        call_command("audit_published_qcew", str(QCEW / "de"), quarter=20161, json=tmp_path / "summary.json")
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert failure.value.returncode == 1
    assert set(summary) == {"cells", "withheld", "recoverable", "relations", "seconds"}
    assert json.loads(capsys.readouterr().out) == summary


@pytest.mark.parametrize("files", [{}, {"x.csv": "a,b\n1,2\n"}])
def test_folder_without_qcew_is_an_error_of_its_own(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(CommandError) as failure:
        call_command("audit_published_qcew", str(tmp_path))
    assert failure.value.returncode == 2


def test_quarter_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandError, match="20991"):
        call_command("audit_published_qcew", str(QCEW / "de"), quarter=20991)
