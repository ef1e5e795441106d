"""The outputs of a request on its record: what the agency made of individual records, and how each left it or not."""

from dataclasses import dataclass

from requests_app.models import DataRequest, Output, OutputDecision, OutputFile, OutputReview
from requests_app.output_states import BY_NAME, OutputState
from requests_app.templatetags.formats import moment


@dataclass(frozen=True)
class OutputRecord:
    """One output with every file ever in it, each step, and the states' answers (None for the requesting agency)."""

    output: Output
    files: list[OutputFile]
    steps: list[OutputDecision]
    reviews: list[OutputReview] | None

    @property
    def step_lines(self) -> list[str]:
        """Each step in words: when, who, what, why."""
        return [
            f"{moment(step.decided_at)}, {step.decided_by.name if step.decided_by else 'the system'}: "
            f"{BY_NAME[step.step].label}" + (f". {step.reason}" if step.reason else "")
            for step in self.steps
        ]


def outputs_of(request: DataRequest, *, inside: bool) -> list[OutputRecord]:
    """The first one first; BLS reads an output once it was submitted."""
    found = request.outputs.select_related("letter").defer("letter__content").order_by("started_at")
    if inside:
        found = found.exclude(state=OutputState.DRAFTED, decisions=None)
    found = found.prefetch_related(
        "files", "decisions__decided_by", "reviews__agency", "reviews__answered_by", "reviews__extensions"
    )
    return [
        OutputRecord(row, list(row.files.all()), list(row.decisions.all()), list(row.reviews.all()) if inside else None)
        for row in found
    ]
