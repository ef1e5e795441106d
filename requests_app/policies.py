"""Who may do what. Every refusal gives its reasons in plain words; `can_x` is derived from `check_x`.

Two outcomes are kept apart: what a person may not see is not there (selectors answer 404); what they may see but not
do is `Denied`, with everything that stands in the way at once.
"""

from collections.abc import Callable
from datetime import date
from typing import Concatenate, ParamSpec

from requests_app import hooks
from requests_app.amendment_states import AMENDABLE
from requests_app.models import (
    DataRequest,
    Destruction,
    EmailedForm,
    Package,
    PartnerReview,
    Person,
    SealedFile,
    Suspension,
)
from requests_app.reading import is_reading, once_a_reading
from requests_app.request_rows import deliveries_of, packages, there_is
from requests_app.standing import acting_problems, roles_of, roles_on
from requests_app.states import Role, Transition

P = ParamSpec("P")


class Denied(Exception):
    """The person may not do this; `reasons` are sentences they can act on."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)
        self.recorded = False  # True once the refusal is an event


def permitted(check: Callable[Concatenate[Person, P], None]) -> Callable[Concatenate[Person, P], bool]:
    """`can_x` from `check_x`: True where the check passes."""

    def can(person: Person, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        try:
            check(person, *args, **kwargs)
        except Denied:
            return False
        return True

    can.__doc__ = f"True where {check.__name__} passes."
    return can


def check_may_act(person: Person, today: date | None = None) -> None:
    """Nothing has stopped the person: the one guard before every opening of confidential data and every step."""
    if problems := acting_problems(person, today):
        raise Denied(*problems)


def check_start_draft(person: Person, today: date | None = None) -> None:
    """A listed coordinator of a state whose MOU is in force may start a draft."""
    if Role.COORDINATOR not in roles_of(person, today):
        raise Denied("Only a Project Coordinator of a state partner can start a request.")
    check_may_act(person, today)


def check_lift_suspension(person: Person, suspension: Suspension) -> None:
    """An Approving Official lifts a suspension; a lapsed MOU's lifts itself when the MOU is renewed."""
    if Role.APPROVING_OFFICIAL not in roles_of(person):
        raise Denied("Only BLS's Approving Officials lift a suspension.")
    if suspension.cause == Suspension.Cause.MOU_LAPSED:
        raise Denied("This suspension ends by itself when the MOU is renewed.")
    check_may_act(person)


def check_not_suspended(request: DataRequest) -> None:
    """A suspension blocks everything but reading, reporting an incident and destruction."""
    if request.suspended_reason:
        raise Denied(f"The request is suspended: {request.suspended_reason}")


def enters_for_state(person: Person, request: DataRequest) -> bool:
    """A Program Analyst, on a draft that BLS enters from an emailed form."""
    if request.state != "draft" or Role.PROGRAM_ANALYST not in roles_of(person):
        return False
    return EmailedForm.objects.filter(request=request).exists()


def check_edit_form(person: Person, request: DataRequest) -> None:
    """Coordinators of the requesting agency edit the form until it is submitted, and again when it is returned.

    A form that came by email is entered by BLS's Program Analysts as well, until the state has signed it.
    """
    if Role.COORDINATOR not in roles_on(person, request) and not enters_for_state(person, request):
        raise Denied("Only the requesting agency's Project Coordinators can change the form.")
    if request.state not in {"draft", "returned"}:
        raise Denied("The form is fixed once it is submitted. Withdraw it, or wait until BLS returns it.")
    check_not_suspended(request)
    check_may_act(person)


def check_amend(person: Person, request: DataRequest) -> None:
    """Coordinators of the requesting agency ask for an amendment once the request is approved, one at a time."""
    check_amendment_role(person, request, Role.COORDINATOR)
    if request.state not in AMENDABLE:
        raise Denied("A request is amended between its approval and its end. Before that, change the form itself.")
    open_ones = request.amendments.filter(state__in=["drafted", "submitted"])
    if there_is(request).amendments and (open_one := open_ones.first()):
        raise Denied(f"{open_one} is open. Finish or withdraw it first.")
    check_not_suspended(request)
    check_may_act(person)


def check_amendment_role(person: Person, request: DataRequest, role: Role) -> None:
    """The person holds the role that moves an amendment, at the right agency."""
    if role not in roles_on(person, request):
        raise Denied(f"This is done by: {role.label}.")


def check_read_form(person: Person, request: DataRequest) -> None:
    """A form that is being written is read by the coordinators who write it; once signed, by BLS and the team too."""
    is_writer = Role.COORDINATOR in roles_on(person, request) or enters_for_state(person, request)
    if request.state in {"draft", "returned"} and not is_writer:
        raise Denied("The form is being written. It can be read once the state has signed it.")
    if not is_party(person, request):
        raise Denied("The form is read by BLS and the requesting agency.")


def check_role(person: Person, request: DataRequest, transition: Transition) -> None:
    """The person holds a role that may take the transition, at the right agency."""
    if not roles_on(person, request) & transition.roles:
        who = " or ".join(sorted(role.label for role in transition.roles))
        raise Denied(f"“{transition.label}” is done by: {who}.")


def check_transition(person: Person | None, request: DataRequest, transition: Transition, reason: str = "") -> None:
    """Everything that must hold before `transition`, all failures at once. `person` None is the system."""
    if person is None:
        if Role.SYSTEM not in transition.roles:
            raise Denied("A person must do this.")
    else:
        check_role(person, request, transition)
    problems = []
    if not transition.while_suspended:
        problems += [f"The request is suspended: {request.suspended_reason}"] if request.suspended_reason else []
        problems += acting_problems(person) if person else []
    problems += [sentence for name in transition.holds for sentence in hooks.guards[name](request, person)]
    if transition.needs_reason and not reason.strip():
        problems.append("Say why: this step needs a reason.")
    if problems:
        raise Denied(*problems)


def check_request_team(person: Person, request: DataRequest) -> None:
    """The person is a coordinator of the requesting agency, or an agent named on this request."""
    if roles_on(person, request) & {Role.COORDINATOR, Role.AGENT}:
        return
    raise Denied("Only the request's coordinators and the agents named on it can do this.")


def check_open_package(person: Person, request: DataRequest) -> None:
    """A released package is opened by the request's team, while each of them is cleared."""
    check_request_team(person, request)
    if request.state not in {"released", "sharing_review", "cleared_to_share", "in_use", "closed"}:
        raise Denied("The package can be opened once BLS has released it, and until its destruction is confirmed.")
    check_not_suspended(request)
    if request.kind == "micro" and request.state != "released" and request.state != "in_use":
        raise Denied("The package's use has ended; its data must be destroyed.")
    check_may_act(person)


@once_a_reading
def newest_package(request: DataRequest) -> Package | None:
    """The package that reviews, release and openings are about."""
    if is_reading():
        return next(iter(packages(request)), None)
    return request.packages.order_by("-version").select_related("tables", "workbench").first()


def is_party(person: Person, request: DataRequest) -> bool:
    """BLS, or the requesting agency; a state that is asked to review an output is not."""
    return person.agency.is_bls or person.agency_id == request.agency_id


def check_is_released(file: SealedFile) -> None:
    """The file is of the request's newest package, and that was released: earlier ones may hold what a state withdrew.

    Asked of the package's row, which only workers write; a file that no package names is nothing to open.
    """
    newest = newest_package(file.request)
    sent = deliveries_of(newest) if newest else []
    if newest is None or file.pk not in {newest.file_id, newest.tables_id} or not sent:
        raise Denied("This version of the package was not released.")
    if any(one.recall_asked_at for one in sent):
        raise Denied("BLS has taken this package back. Do not use it, and destroy every copy.")


def check_open_released(person: Person, file: SealedFile) -> None:
    """The released package, or its tables, for the request's team."""
    check_open_package(person, file.request)
    check_is_released(file)


def check_deliver(person: Person, request: DataRequest) -> None:
    """Release Officers send packages, have them sent again and take them back."""
    if Role.RELEASE_OFFICER not in roles_on(person, request):
        raise Denied("Only a Release Officer of BLS can do this.")
    check_may_act(person)


def check_disclosure_work(person: Person, request: DataRequest) -> None:
    """Disclosure analysts open the tables before protection, while a disclosure review is on."""
    if Role.DISCLOSURE_ANALYST not in roles_of(person):
        raise Denied("Only a Disclosure Analyst opens tables before protection.")
    if request.state not in {"disclosure_review", "partner_review"}:
        raise Denied("There is no disclosure review to work on.")
    check_may_act(person)


def check_open_tables(person: Person, file: SealedFile) -> None:
    """Protected tables, as they would be released: analysts, the states asked to review, and after release the team."""
    request = file.request
    if request.state in {"disclosure_review", "partner_review"} and Role.DISCLOSURE_ANALYST in roles_of(person):
        return check_may_act(person)
    if request.state in {"partner_review", "sharing_review"} and Role.OUTPUT_REVIEWER in roles_of(person):
        # a reviewer compares what is asked now with what their own state was shown before
        mine = PartnerReview.objects.filter(agency=person.agency_id)
        if mine.filter(package=newest_package(request)).exists() and mine.filter(package__tables=file).exists():
            return check_may_act(person)
    return check_open_released(person, file)


def check_review_work(person: Person, request: DataRequest) -> None:
    """Program Analysts work on a request while it is in review."""
    if Role.PROGRAM_ANALYST not in roles_of(person):
        raise Denied("Only a Program Analyst does this.")
    if request.state != "in_review":
        raise Denied("The request is not in review.")
    check_not_suspended(request)
    check_may_act(person)


FORECAST_READERS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL, Role.DISCLOSURE_ANALYST})
FORECAST_IN = frozenset({"submitted", "in_review", "recommended", "appealed", "disclosure_review", "partner_review"})


def check_forecast(person: Person, request: DataRequest) -> None:
    """The exact forecast is computed from confidential records: for who decides on the request at BLS, until then."""
    if not roles_of(person) & FORECAST_READERS:
        raise Denied("The exact forecast is for the Program Analysts, Approving Officials and Disclosure Analysts.")
    if request.state not in FORECAST_IN or request.kind != "macro":
        raise Denied("An exact forecast is made for a macro request while BLS decides on it.")
    check_not_suspended(request)
    check_may_act(person)


def check_answer_partner_review(person: Person, review: PartnerReview) -> None:
    """An Output Reviewer of the state asked answers, while the review is open and they are cleared."""
    if Role.OUTPUT_REVIEWER not in roles_of(person) or person.agency_id != review.agency_id:
        raise Denied(f"Only an Output Reviewer of {review.agency.state_name} answers this review.")
    if review.package.request.state not in {"partner_review", "sharing_review"}:
        raise Denied("This review is over.")
    if review.package != newest_package(review.package.request):
        raise Denied("The package was built again; your state is asked about the new one.")
    check_not_suspended(review.package.request)
    check_may_act(person)


def check_confirm_destruction(person: Person, request: DataRequest, duty: Destruction | None = None) -> None:
    """A coordinator of the agency confirms; neither suspension nor lapsed training stands in the way.

    What was made of the package may be destroyed while the package is still used.
    """
    if Role.COORDINATOR not in roles_on(person, request):
        raise Denied("Only the requesting agency's Project Coordinators confirm destruction.")
    while_used = duty is not None and duty.held_id is not None and request.state == "in_use"
    if request.state != "destruction_due" and not while_used:
        raise Denied("Say first that you have finished with the data.")


def check_register_held_data(person: Person, request: DataRequest) -> None:
    """The request's coordinators say what they made of the package; neither suspension nor lapse stands in the way."""
    if Role.COORDINATOR not in roles_on(person, request):
        raise Denied("Only the requesting agency's Project Coordinators register copies and linked data sets.")
    if request.kind != "micro" or request.state not in {"in_use", "destruction_due"}:
        raise Denied("Copies and linked data sets are registered while your agency holds individual records.")


def check_keep_partners(person: Person) -> None:
    """Agencies, their MOUs, Section II.G, contacts and statements are kept by BLS's Administrators."""
    if Role.ADMINISTRATOR not in roles_of(person):
        raise Denied("Only BLS's Administrators change the records of partners.")


can_start_draft = permitted(check_start_draft)
can_amend = permitted(check_amend)
can_edit_form = permitted(check_edit_form)
can_read_form = permitted(check_read_form)
can_open_package = permitted(check_open_package)
can_work_disclosure = permitted(check_disclosure_work)
can_see_forecast = permitted(check_forecast)
can_keep_partners = permitted(check_keep_partners)
can_register_held_data = permitted(check_register_held_data)
