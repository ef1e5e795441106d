"""Which outputs, files and reviews of outputs a person sees, and what they could do with one."""

from typing import Any

from django.utils import timezone

from requests_app import output_policies, policies, standing
from requests_app.hooks import PageSection, page_section
from requests_app.models import DataRequest, Output, OutputFile, OutputReview, Person
from requests_app.output_states import STEPS, OutputState, OutputStep
from requests_app.policies import Denied
from requests_app.request_rows import there_is
from requests_app.selectors.life.requests import visible_to
from requests_app.selectors.people.people_work import PeopleWork
from requests_app.states import Role, State


def find_output(request: DataRequest, person: Person, output_id: str) -> Output:
    """The output, for BLS once it is submitted, and for the agency; `Output.DoesNotExist` for others."""
    found = request.outputs.select_related("letter", "started_by", "request__agency").defer("letter__content")
    output = found.get(pk=output_id)
    if not policies.is_party(person, request) or (person.agency.is_bls and output.status is OutputState.DRAFTED):
        raise Output.DoesNotExist
    return output


def earlier_review(review: OutputReview) -> OutputReview | None:
    """What the same state answered last about this output with other files."""
    earlier = OutputReview.objects.filter(output=review.output, agency=review.agency, asked_at__lt=review.asked_at)
    return earlier.exclude(verdict="").select_related("answered_by").order_by("asked_at").last()


def files_for_review(review: OutputReview, earlier: OutputReview | None) -> list[tuple[OutputFile, str]]:
    """The files under review, each with “New” where it was added since the state's last answer; and those taken out
    since."""
    since = earlier.answered_at if earlier else None
    kept = [
        (file, "New since your state's last answer" if since and file.added_at > since else "")
        for file in review.output.files.filter(removed_at__isnull=True)
    ]
    gone = review.output.files.filter(removed_at__gt=since, added_at__lt=since) if since else []
    return [*kept, *((file, "Taken out since your state's last answer") for file in gone)]


def answers_of_all(review: OutputReview) -> list[OutputReview]:
    """How every state answered about these files, once that is over; before it the states do not know."""
    if review.output.status is OutputState.PARTNER_REVIEW and review.output.files_sha256 == review.files_sha256:
        return []
    asked = OutputReview.objects.filter(output=review.output, files_sha256=review.files_sha256)
    return list(asked.select_related("agency").order_by("agency__state_name"))


def find_file(person: Person, file_id: str) -> OutputFile:
    """A file with a view, for whom it could be opened in some state; `OutputFile.DoesNotExist` for everybody else."""
    rows = OutputFile.objects.filter(removed_at__isnull=True, view__isnull=False)
    found = rows.select_related("view__request", "output__request__agency").get(pk=file_id)
    asked = found.output.reviews.filter(agency=person.agency_id).exists()
    reviews = asked and Role.OUTPUT_REVIEWER in standing.roles_of(person)
    party = policies.is_party(person, found.output.request)
    if not reviews and not (party and visible_to(person).filter(pk=found.output.request_id).exists()):
        raise OutputFile.DoesNotExist
    return found


def page_of(output: Output, person: Person) -> str:
    """The page from which the person came to a file: their state's review of these files, or the output itself."""
    review = output.reviews.filter(agency=person.agency_id, files_sha256=output.files_sha256).first()
    return review.page if review else f"/requests/{output.request.number}/outputs/{output.pk}/"


def steps_for(output: Output, person: Person) -> list[tuple[OutputStep, list[str]]]:
    """The steps of the person's roles that lead on from here, each with what stands in the way."""
    offered = []
    for step in STEPS:
        if output.status in step.sources and step.role in standing.roles_on(person, output.request):
            offered.append((step, _reasons(output, person, step)))
    return offered


def _reasons(output: Output, person: Person, step: OutputStep) -> list[str]:
    try:
        output_policies.check_take(person, output, step, "given with the step")
    except Denied as denied:
        return denied.reasons
    return []


def output_work(person: Person, roles: frozenset[Role]) -> list[PeopleWork]:
    """What waits for the person about outputs: reviews of their state's, checks of BLS's."""
    today, found = timezone.localdate(), []
    if Role.OUTPUT_REVIEWER in roles:
        asked = OutputReview.objects.filter(
            agency=person.agency_id, verdict="", output__state=OutputState.PARTNER_REVIEW
        ).select_related("output__request__agency")
        found += [
            PeopleWork(
                f"Review {one.output.request.agency.state_name}'s output “{one.output.title}”", one.asked_at,
                f"/output-reviews/{one.pk}/", "Review", due=one.due_on, late=one.due_on < today,
            )
            for one in asked[:50]
        ]  # fmt: skip
    for role, state in ((Role.DISCLOSURE_ANALYST, OutputState.BLS_CHECK),):
        if role in roles:
            waiting = Output.objects.filter(state=state).select_related("request__agency")
            found += [
                PeopleWork(
                    f"Check {one.request.agency.state_name}'s output “{one.title}”", one.state_since,
                    f"/requests/{one.request.number}/outputs/{one.pk}/", "Check",
                )
                for one in waiting[:50]
            ]  # fmt: skip
    return found


def section_context(request: DataRequest, person: Person) -> dict[str, Any] | None:
    """On the request's page: the outputs, for BLS and the agency, while there may be any."""
    if request.kind != "micro" or not policies.is_party(person, request):
        return None
    outputs = list(request.outputs.all()) if there_is(request).outputs else []
    if person.agency.is_bls:
        outputs = [one for one in outputs if one.status is not OutputState.DRAFTED]
    if not outputs and request.status is not State.IN_USE:
        return None
    return {"outputs": outputs}


page_section(PageSection("outputs", "outputs/section.html", section_context))
