"""The checker as a command: exit status and JSON report."""

import json

import pytest
from django.core.management import CommandError, call_command


def run(tmp_path, text: str, **options) -> tuple[int, dict]:
    path, out = tmp_path / "cohort.csv", tmp_path / "out.json"
    path.write_text(text)
    return status_of(path, out, **options), json.loads(out.read_text())


def status_of(path, out, **options) -> int:
    try:
        call_command("check_cohort", str(path), state="44", quarters="20161,20162", out=out, **options)
    except SystemExit as ended:
        return ended.code
    return 0


def specimen(n: int) -> str:
    return f"90101{n:04d}"


def test_accepted_file_ends_with_status_zero(tmp_path):
    status, report = run(tmp_path, f"44,20162\na,{specimen(1)}\n")
    assert (status, report) == (0, {"ok": True, "rows": 1, "problems": []})


def test_refused_file_ends_with_status_one_and_says_why(tmp_path, capsys):
    status, report = run(tmp_path, f"44,20162\na,{specimen(1)}\nb,{specimen(1)}\n")
    assert (status, report["ok"]) == (1, False)
    assert [(p["kind"], p["count"], p["lines"]) for p in report["problems"]] == [("ssn_with_other_id", 2, [2, 3])]
    assert set(report["problems"][0]) == {"kind", "count", "lines", "hint"}
    assert specimen(1)[:4] not in capsys.readouterr().out


def test_lines_left_out_are_counted_where_that_is_the_policy(tmp_path):
    status, report = run(tmp_path, f"44,20162\na,{specimen(1)}\nb,\n", policy="exclude")
    assert (status, report["ok"], report["rows"], report["excluded"]) == (0, True, 2, 1)


def test_world_decides_what_is_possible(tmp_path, settings):
    settings.SSN_WORLD = "real"
    status, report = run(tmp_path, f"44,20162\na,{specimen(1)}\n")
    assert (status, report["problems"][0]["kind"]) == (1, "ssn_impossible_area")


@pytest.mark.parametrize("quarters", ["2016", "20165", ""])
def test_quarters_are_asked_for_in_plain_words(tmp_path, quarters):
    (tmp_path / "f").write_text("")
    with pytest.raises(CommandError, match="YYYYQ"):
        call_command("check_cohort", str(tmp_path / "f"), state="44", quarters=quarters)


@pytest.mark.parametrize("state", ["4", "RI", "044", ""])
def test_state_is_asked_for_in_plain_words(tmp_path, state):
    (tmp_path / "f").write_text("")
    with pytest.raises(CommandError, match="two-digit"):
        call_command("check_cohort", str(tmp_path / "f"), state=state, quarters="20161")


@pytest.mark.parametrize("name", ["nobody.csv", "."])
def test_file_that_cannot_be_read_is_reported_too(tmp_path, name):
    out = tmp_path / "out.json"
    with pytest.raises(CommandError, match="cannot be read"):
        status_of(tmp_path / name, out)
    report = json.loads(out.read_text())
    assert (report["ok"], report["rows"], [p["kind"] for p in report["problems"]]) == (False, 0, ["not_readable"])
    assert set(report["problems"][0]) == {"kind", "count", "lines", "hint"}


def test_report_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "f").write_text("44,20161\n")
    with pytest.raises(CommandError, match="cannot be written"):
        status_of(tmp_path / "f", tmp_path / "nowhere" / "out.json")


def test_files_of_one_request_must_agree(tmp_path):
    beside = []
    for name, text in {
        "first": f"44,20161\na,{specimen(1)}\nb,{specimen(2)}\nc,\n",
        "second": f"44,20161\nz,{specimen(3)}\n",
    }.items():
        beside.append(tmp_path / name)
        beside[-1].write_text(text)
    status, report = run(tmp_path, f"44,20162\na,{specimen(3)}\nb,{specimen(2)}\n", beside=beside)
    assert (status, report["ok"], report["rows"]) == (1, False, 2)
    assert [(p["kind"], p["lines"], p["hint"].split("(")[-1]) for p in report["problems"]] == [
        ("across_files_id_with_other_ssn", [2], "Compared with the other file number 1.)"),
        ("across_files_ssn_with_other_id", [2], "Compared with the other file number 2.)"),
    ]
    assert run(tmp_path, f"44,20162\na,{specimen(1)}\n", beside=beside)[0] == 0


def test_other_file_that_is_none_is_said(tmp_path):
    (tmp_path / "other").write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="other file number 1"):
        run(tmp_path, f"44,20162\na,{specimen(1)}\n", beside=[tmp_path / "other"])
