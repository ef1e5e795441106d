"""Who may do what about an output made from micro data. Every refusal gives its reasons in plain words."""

from requests_app.models import DataRequest, Output, OutputFile, OutputReview, Person, SealedFile
from requests_app.output_states import OutputState, OutputStep
from requests_app.policies import Denied, check_may_act, check_not_suspended, check_request_team, permitted
from requests_app.standing import roles_of, roles_on
from requests_app.states import Role

AT_BLS = frozenset({Role.DISCLOSURE_ANALYST, Role.APPROVING_OFFICIAL})
LOOKED_AT = frozenset({OutputState.BLS_CHECK, OutputState.PARTNER_REVIEW})


def check_start_output(person: Person, request: DataRequest) -> None:
    """A cleared coordinator, while the agency uses individual records."""
    if Role.COORDINATOR not in roles_on(person, request):
        raise Denied("Only the requesting agency's Project Coordinators submit outputs.")
    if request.kind != "micro" or request.state != "in_use":
        raise Denied("Outputs are submitted while your agency uses individual records.")
    check_not_suspended(request)
    check_may_act(person)


def check_change_output(person: Person, output: Output) -> None:
    """Its files are added and taken out until it is submitted."""
    check_start_output(person, output.request)
    if output.status is not OutputState.DRAFTED:
        raise Denied("The output is fixed once it is submitted.")


def check_take(person: Person | None, output: Output, step: OutputStep, reason: str) -> None:
    """The role the step's table names, at the right agency; a suspended request stands still."""
    if person is None:
        if step.role is not Role.SYSTEM:
            raise Denied("A person must do this.")
        return
    if step.role not in roles_on(person, output.request):
        raise Denied(f"“{step.label}” is done by: {step.role.label}.")
    check_not_suspended(output.request)
    check_may_act(person)
    if step.needs_reason and not reason.strip():
        raise Denied("Say why: this step needs a reason.")


def check_answer_output(person: Person, review: OutputReview) -> None:
    """An Output Reviewer of the state asked, about the files as they are, while the review is on."""
    if Role.OUTPUT_REVIEWER not in roles_of(person) or person.agency_id != review.agency_id:
        raise Denied(f"Only an Output Reviewer of {review.agency.state_name} answers this review.")
    output = review.output
    if output.status is not OutputState.PARTNER_REVIEW or output.files_sha256 != review.files_sha256:
        raise Denied("This review is over.")
    if review.verdict:
        raise Denied(f"{review.agency.state_name} has already answered.")
    check_not_suspended(output.request)
    check_may_act(person)


def check_open_view(person: Person, file: SealedFile) -> None:
    """What the worker made of a file, for the safe viewer: the request's team, BLS while it checks, states asked."""
    found = OutputFile.objects.filter(view=file, removed_at__isnull=True).select_related("output__request").first()
    if found is None:
        raise Denied("This file cannot be opened by anyone.")
    output, roles = found.output, roles_of(person)
    check_not_suspended(output.request)
    if output.status in LOOKED_AT and roles & AT_BLS:
        return check_may_act(person)
    asked = output.reviews.filter(agency=person.agency_id, files_sha256=output.files_sha256)
    if output.status is OutputState.PARTNER_REVIEW and Role.OUTPUT_REVIEWER in roles and asked.exists():
        return check_may_act(person)
    check_request_team(person, output.request)
    if output.request.state != "in_use":
        raise Denied("The use of these data has ended.")
    return check_may_act(person)


can_start_output = permitted(check_start_output)
can_change_output = permitted(check_change_output)
can_answer_output = permitted(check_answer_output)
