"""The worker's part of an output: opens each file, checks it, and makes what the safe viewer shows."""

import base64
import json
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from disclosure import parameters
from disclosure.core.outputs.findings import findings, holds_numbers_of_people
from disclosure.core.outputs.pictures import pictures
from disclosure.core.outputs.reading import Sheet, UnreadableOutput, read_csv, read_xlsx
from requests_app.hooks import runner
from requests_app.models import DataRequest, Job, Output, OutputFile
from requests_app.models.files import FileKind
from requests_app.output_states import OutputState
from requests_app.sealed_files import Sealed
from requests_app.services.life.jobs import Progress
from requests_app.services.outputs import outputs
from requests_app.services.packages import files

NUMBERS_OF_PEOPLE = "It holds what looks like Social Security numbers. Take them out; nothing of it was kept for view."
Checked = tuple[OutputFile, Sealed | None, int, list[dict[str, Any]], str]


@runner("check_output")
def check(job: Job, progress: Progress) -> Callable[[], None]:
    """Every file of the output as it was submitted; what cannot be read sends it back, with what to do."""
    output = Output.objects.get(pk=job.subject)
    if output.status is not OutputState.SUBMITTED or outputs.check_inputs(output) != job.input_hash:
        return lambda: None  # it was taken up again meanwhile; its next submission has a job of its own
    kept = list(output.files.filter(removed_at__isnull=True).select_related("file__request", "output__request"))
    cleared = cleared_before(job.request)
    checked = []
    for place, file in enumerate(kept):
        progress.report(place, len(kept), "Checking the files")
        checked.append(_check(file, cleared))
    return lambda: _switch(output, checked)


def cleared_before(request: DataRequest) -> list[Sheet]:
    """The tables of the request's outputs that were cleared: the next is compared with them."""
    found = OutputFile.objects.filter(
        output__request=request, output__state=OutputState.CLEARED, removed_at=None, view__shredded_at=None
    )
    sheets = []
    for file in found.exclude(view=None).select_related("view__request"):
        shown = json.loads(b"".join(files.read(file.view)))  # type: ignore[arg-type]
        sheets += [Sheet(sheet["name"], sheet["rows"]) for sheet in shown.get("sheets", [])]
    return sheets


def _check(file: OutputFile, cleared: list[Sheet]) -> Checked:
    data = b"".join(files.read(file.file))
    try:
        view, pages, found = _view_of(data, file.kind, cleared)
    except UnreadableOutput as problem:
        return file, None, 0, [], str(problem)
    sealed = files.seal_bytes(json.dumps(view).encode(), file.output.request, FileKind.OUTPUT_VIEW)
    return file, sealed, pages, found, ""


def _view_of(data: bytes, kind: str, cleared: list[Sheet]) -> tuple[dict[str, Any], int, list[dict[str, Any]]]:
    if kind not in {"csv", "xlsx"}:
        drawn = pictures(data, kind)
        return {"pages": [base64.b64encode(page).decode() for page in drawn]}, len(drawn), []
    sheets = read_csv(data) if kind == "csv" else read_xlsx(data)
    if holds_numbers_of_people(sheets):
        raise UnreadableOutput(NUMBERS_OF_PEOPLE)
    found = [one.as_dict() for one in findings(sheets, cleared, parameters.current())]
    return {"sheets": [{"name": sheet.name, "rows": sheet.rows} for sheet in sheets]}, 0, found


def _switch(output: Output, checked: list[Checked]) -> None:
    """Views and findings in one transaction, then the output goes on, or back to the state."""
    now, problems = timezone.now(), []
    for file, sealed, pages, found, problem in checked:
        files.put_under_lock(file.file)
        if sealed and not file.view_id:
            file.view = files.remember(sealed, output.request, FileKind.OUTPUT_VIEW, f"{file.name} (view)", now)
        file.pages, file.findings, file.problem, file.checked_at = pages, found, problem, now
        file.save(update_fields=["view", "pages", "findings", "problem", "checked_at"])
        problems += [f"{file.name}: {problem}"] if problem else []
    if problems:
        outputs.take(output, "return_unreadable", actor=None, reason=" ".join(problems))
    else:
        outputs.take(output, "finish_checks", actor=None)
