"""The demonstration's own story, over a running site, with as few people at BLS as can run it."""

import json
import subprocess
from pathlib import Path

from config import launch
from config.embedded import find_place


def test_each_kind_of_request_reaches_its_end_with_three_people_at_bls(site: dict[str, str]) -> None:
    with find_place().scratch() as folder:
        report = Path(folder) / "report.json"
        command = launch.management_command(["play_requests", str(folder), str(report), "--three-at-bls"])
        done = subprocess.run(command, env=launch.environment("web", site), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        ended = json.loads(report.read_text())
    assert [(one["kind"], one["state"]) for one in ended] == [
        ("macro", "closed"),
        ("micro_to_macro", "closed"),
        ("micro", "closed"),
    ]
