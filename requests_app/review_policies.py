"""Who may do what about a state's review of an output. Every refusal gives its reasons in plain words."""

from django.utils import timezone

from requests_app import standing
from requests_app.models import DataRequest, Opening, OutputReview, PartnerReview, Person, StandingConsent
from requests_app.output_policies import check_answer_output
from requests_app.output_states import OutputState
from requests_app.policies import (
    Denied,
    check_answer_partner_review,
    check_may_act,
    check_not_suspended,
    newest_package,
    permitted,
)
from requests_app.standing import roles_of
from requests_app.states import Role

REVIEWED_IN = frozenset({"partner_review", "sharing_review"})
CARES_FOR_REVIEWS = frozenset({Role.PROGRAM_ANALYST, Role.APPROVING_OFFICIAL})
ANSWERS_QUESTIONS = CARES_FOR_REVIEWS | {Role.DISCLOSURE_ANALYST}
Review = PartnerReview | OutputReview


def check_review_is_on(review: Review) -> None:
    """The review is of the newest package, or of an output's files as they are, and the states are reviewing now."""
    if isinstance(review, OutputReview):
        if review.output.status is not OutputState.PARTNER_REVIEW or review.output.files_sha256 != review.files_sha256:
            raise Denied("This review is over.")
        return
    if review.request.state not in REVIEWED_IN:
        raise Denied("This review is over.")
    if review.package != newest_package(review.request):
        raise Denied("The package was built again; the state is asked about the new one.")


def check_agree_unread(person: Person, review: PartnerReview) -> None:
    """Several reviews are answered at once only where the person has opened each of the outputs."""
    check_answer_partner_review(person, review)
    if not has_opened(person, review):
        raise Denied(f"Open the tables of {review.request.number} first: you have not seen these exact ones.")


def check_agree_unread_output(person: Person, review: OutputReview) -> None:
    """The same of an output: each of its files was looked at."""
    check_answer_output(person, review)
    kept = review.output.files.filter(removed_at__isnull=True)
    seen = Opening.objects.filter(person=person, used_at__isnull=False, file__in=kept.values("view"))
    if seen.values("file").distinct().count() < kept.count():
        raise Denied(f"Look at every file of “{review.output.title}” first.")


def has_opened(person: Person, review: PartnerReview) -> bool:
    """The person has opened the tables of exactly this package."""
    return Opening.objects.filter(file=review.package.tables_id, person=person, used_at__isnull=False).exists()


def check_withdraw_objection(person: Person, review: Review) -> None:
    """An Output Reviewer of the state that objects takes it back, while the review is on and they are cleared."""
    if Role.OUTPUT_REVIEWER not in roles_of(person) or person.agency_id != review.agency_id:
        raise Denied(f"Only an Output Reviewer of {review.agency.state_name} withdraws its objection.")
    if not review.stands_against:
        raise Denied(f"{review.agency.state_name} has no objection that stands.")
    check_review_is_on(review)
    check_not_suspended(review.request)
    check_may_act(person)


def check_ask(person: Person, review: Review) -> None:
    """The reviewing state asks BLS, and BLS answers, while the review is on; a suspension does not silence them."""
    reviewer = Role.OUTPUT_REVIEWER in roles_of(person) and person.agency_id == review.agency_id
    if not reviewer and not roles_of(person) & ANSWERS_QUESTIONS:
        raise Denied("Questions about a review are between the reviewing state and BLS.")
    check_review_is_on(review)
    check_may_act(person)


def check_care_for_review(person: Person, review: Review) -> None:
    """Program Analysts and Approving Officials give time, or record what the MOU says of a missed deadline."""
    if not roles_of(person) & CARES_FOR_REVIEWS:
        raise Denied("Only BLS's Program Analysts and Approving Officials look after deadlines of reviews.")
    if review.verdict != PartnerReview.Verdict.OPEN:
        raise Denied(f"{review.agency.state_name} has answered.")
    check_review_is_on(review)
    check_not_suspended(review.request)
    check_may_act(person)


def check_record_lapse(person: Person, review: Review) -> None:
    """Consent by lapse: the deadline has passed, and the state's MOU in force today says that this is consent."""
    check_care_for_review(person, review)
    today = timezone.localdate()
    if review.due_on >= today:
        raise Denied("The deadline has not passed yet.")
    mou = standing.mou_of(review.agency, today)
    if mou is None or not mou.consent_by_lapse:
        raise Denied(
            f"{review.agency.state_name}'s MOU does not take a missed deadline for consent. Extend the deadline, "
            "or have the release refused."
        )


def check_give_consent(person: Person) -> None:
    """Output Reviewers of a state whose MOU is in force agree in advance for it."""
    if Role.OUTPUT_REVIEWER not in roles_of(person):
        raise Denied("Only a state's Output Reviewers give and end its consent in advance.")
    check_may_act(person)


def check_end_consent(person: Person, consent: StandingConsent) -> None:
    """Any Output Reviewer of the state ends it, cleared or not: ending only asks for more care."""
    if Role.OUTPUT_REVIEWER not in roles_of(person) or person.agency_id != consent.agency_id:
        raise Denied(f"Only an Output Reviewer of {consent.agency.state_name} ends its consent.")
    if consent.ended_at:
        raise Denied("This consent was ended already.")


def is_decided(request: DataRequest) -> bool:
    """The states' review is over, so that who was asked may read how the others answered."""
    return request.state not in REVIEWED_IN


can_ask = permitted(check_ask)
can_withdraw_objection = permitted(check_withdraw_objection)
