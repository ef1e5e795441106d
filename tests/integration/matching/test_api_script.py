"""The documented script drafts a request and sends its cohort file with curl alone; a person signs in between."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from requests_app.models import DataRequest, Job, Person
from requests_app.models.jobs import JobState
from requests_app.services.life import jobs
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import Kind, State
from tests import factories
from tests.pages import hold_quarters

SCRIPT = settings.BASE_DIR / "docs" / "scripts" / "draft-and-send.sh"
NEEDS = ("bash", "curl", "jq", "openssl")
pytestmark = [
    pytest.mark.skipif(not all(map(shutil.which, NEEDS)), reason="The script needs bash, curl, jq and openssl."),
    pytest.mark.django_db(transaction=True),
]
SECONDS = 120


def work(request: DataRequest) -> None:
    """What a worker would do."""
    for job in Job.objects.filter(request=request, state=JobState.WAITING):
        jobs.run(job.pk)


def test_script_drafts_and_sends(people: dict[str, Person], live_server: LiveServer, tmp_path: Path) -> None:
    hold_quarters()
    _, token = create_token(actor=people["coordinator"], name="script", scopes=list(Scope))
    environment = {"PATH": os.environ["PATH"], "SITE": live_server.url, "TOKEN": token}
    for name, data in factories.answers(Kind.MICRO, states=["10", "44"], quarters=[20161]).items():
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    drafted = subprocess.run(
        [SCRIPT, "draft", tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    request = DataRequest.objects.get(number=drafted.stdout.strip())
    assert "form/check/" in drafted.stderr
    request = factories.decided(request, people)
    work(request)
    request.refresh_from_db()
    assert request.status is State.AWAITING_COHORT
    cohort = tmp_path / "cohort.csv"
    cohort.write_text("44,20161\n" + "".join(f"P{n},{900}{n % 49 + 1:02d}{n + 1:04d}\n" for n in range(500)))
    arguments = [str(SCRIPT), "send", request.number, "Trainees", "20161", str(cohort)]
    with subprocess.Popen(
        arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as sent:
        until = time.monotonic() + SECONDS
        while sent.poll() is None and time.monotonic() < until:
            work(request)
            time.sleep(0.2)
        said, complaints = sent.communicate(timeout=5)
    assert (said.strip(), complaints) == ("accepted", "")
