"""The checker as a command: exit status and JSON report."""

import json

import pytest
from django.core.management import CommandError, call_command


def run(tmp_path, text: str, **options) -> tuple[int, dict]:
    path, out = tmp_path / "cohort.csv", tmp_path / "out.json"
    path.write_text(text)
    status = 0
    try:
        call_command("check_cohort", str(path), state="44", quarters="20161,20162", out=out, **options)
    except SystemExit as ended:
        status = ended.code
    return status, json.loads(out.read_text())


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
