"""What must hold before a transition, by the names the table uses. Each answers with sentences: wrong, and what to do.

Guards about files, matching and protection are registered by their own apps.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone

from requests_app import channels, form, form_needs, policies, standing
from requests_app.amendment_states import AmendmentState
from requests_app.fips import STATE_NAMES
from requests_app.hooks import guard
from requests_app.models import Amendment, DataRequest, Decision, Delivery, Job, Package, PartnerReview, Person
from requests_app.models.jobs import JobState
from requests_app.models.partners import Agency, GatePlace, Mou
from requests_app.reading import once_a_reading
from requests_app.request_rows import agents, decisions, deliveries_of, last_decision, sign_offs_of, there_is
from requests_app.separation import TWO_PERSONS
from requests_app.states import Kind, State


@guard("mou_in_force")
def mou_in_force(request: DataRequest, _person: Person | None) -> list[str]:
    """The requesting agency's MOU is in force today."""
    if standing.mou_of(request.agency, timezone.localdate()):
        return []
    return [f"{request.agency.name}'s MOU is not in force today; BLS must renew it first."]


@guard("form_complete")
def form_complete(request: DataRequest, _person: Person | None) -> list[str]:
    """Every section the kind needs is answered."""
    gaps = form_needs.missing(request, timezone.localdate())
    return [f"{form.SECTIONS[section][0]}: {need.sentence}" for section, needs in gaps.items() for need in needs]


@guard("states_permit_use")
def states_permit_use(request: DataRequest, _person: Person | None) -> list[str]:
    """Every state asked for is a partner whose MOU is in force and permits the activity and the records asked for."""
    return [sentence for problems in use_problems(request).values() for sentence in problems]


def use_problems(request: DataRequest) -> dict[str, list[str]]:
    """Each state asked for, and why its MOU does not permit the use today; nothing where it does."""
    asked = form.read(request)
    mous = standing.mous_of(asked.states, timezone.localdate())
    return {fips: _use_problems(STATE_NAMES.get(fips, f"State {fips}"), mous.get(fips), asked) for fips in asked.states}


def _use_problems(state: str, mou: Mou | None, asked: form.RequestForm) -> list[str]:
    """What the state's MOU does not permit; what the form does not say yet is not asked."""
    if mou is None:
        return [f"{state} has no MOU in force; take it out of the states asked for."]
    problems = []
    if asked.activity and asked.activity not in mou.permitted_activities:
        words = form.ACTIVITIES.get(asked.activity, asked.activity)
        problems.append(f"{state}'s MOU does not permit “{words}”; choose another activity, or take the state out.")
    establishments = asked.kind is Kind.MACRO and asked.design.get("source") == "establishments"
    if establishments and not mou.permits_establishment_tables:
        problems.append(f"{state}'s MOU does not permit establishment tables; choose wage records.")
    if asked.kind and not establishments and not mou.permits_wage_records:
        problems.append(f"{state}'s MOU does not permit the use of its wage records; take the state out.")
    return problems


@guard("team_is_cleared")
def team_is_cleared(request: DataRequest, person: Person | None) -> list[str]:
    """Everyone named on the request could open confidential data today. Whoever takes the step is asked anyway."""
    named = [row.person for row in agents(request)]
    people = {member.pk: member for member in [request.coordinator, *named] if member != person}
    today = timezone.localdate()
    standing.learn_records(people.values(), today)
    return [sentence for member in people.values() for sentence in standing.clearance_problems(member, today)]


@guard("no_destruction_overdue")
def no_destruction_overdue(request: DataRequest, _person: Person | None) -> list[str]:
    """A state with a destruction overdue submits nothing new."""
    overdue = DataRequest.objects.filter(
        agency=request.agency,
        destructions__due_on__lt=timezone.localdate(),
        destructions__confirmed_at__isnull=True,
        state__in=["in_use", "destruction_due"],
    )
    return [f"Confirm the overdue destruction of {late.number} first." for late in overdue.distinct()]


@guard("viability_answered")
def viability_answered(request: DataRequest, _person: Person | None) -> list[str]:
    """BLS answered the viability question with yes since the request was last submitted."""
    submitted, last = last_decision(request, "submit"), last_decision(request, "answer_viability")
    if submitted is None or last is None or last.decided_at < submitted.decided_at:
        return [
            "Answer the viability question first: is there enough data for outputs that meet disclosure requirements?"
        ]
    if not last.facts.get("enough_data"):
        return ["The viability answer is no: return the request with what would make it viable, or answer again."]
    return []


@guard("decider_did_not_recommend")
def decider_did_not_recommend(request: DataRequest, person: Person | None) -> list[str]:
    """Two persons: who recommended does not decide."""
    last = last_decision(request, "recommend")
    if last and person and last.decided_by_id == person.pk:
        return [TWO_PERSONS["decide"].refusal]
    return []


@guard("releaser_did_not_approve")
def releaser_did_not_approve(request: DataRequest, person: Person | None) -> list[str]:
    """Two persons: who approved the request does not release its package."""
    last = last_decision(request, "approve")
    if last and person and last.decided_by_id == person.pk:
        return [TWO_PERSONS["release"].refusal]
    return []


@guard("amendment_is_approved")
def amendment_is_approved(request: DataRequest, _person: Person | None) -> list[str]:
    """The request is what an approved amendment brings: that was its review."""
    amendment = Amendment.objects.filter(child=request).first()
    if amendment and amendment.status is AmendmentState.APPROVED:
        return []
    return ["Only what an approved amendment brings starts approved."]


def _failed_in_matching(request: DataRequest) -> bool:
    """What the request was at when it last failed or was stopped."""
    last = request.decisions.filter(to_state=State.FAILED).order_by("-decided_at").first()
    return last is not None and last.from_state == State.MATCHING


@guard("failed_in_matching")
def failed_in_matching(request: DataRequest, _person: Person | None) -> list[str]:
    """A match failed or was stopped."""
    return [] if _failed_in_matching(request) else ["The match did not fail; repeat the build instead."]


@guard("failed_in_building")
def failed_in_building(request: DataRequest, _person: Person | None) -> list[str]:
    """A build failed or was stopped."""
    return ["The build did not fail; repeat the match instead."] if _failed_in_matching(request) else []


@guard("audit_is_clean")
def audit_is_clean(request: DataRequest, _person: Person | None) -> list[str]:
    """The final audit of the current package found nothing; there is no override."""
    package = policies.newest_package(request)
    return [] if package and package.audit_is_clean else ["The final audit is not empty, so nothing can be released."]


@guard("second_analyst")
def second_analyst(request: DataRequest, person: Person | None) -> list[str]:
    """Another analyst has signed these exact bytes, and the person confirming is not that analyst."""
    package = policies.newest_package(request)
    me = getattr(person, "pk", None)
    if refused := [one for one in refusals_of(request, package) if one.decided_by_id != me]:
        return [f"Signing this package off was refused: {one.reason}" for one in refused]
    signed = [one for one in sign_offs_of(package) if one.package_sha256 == package.sha256] if package else []
    if not signed:
        return ["A first Disclosure Analyst must sign off this package before it can be confirmed."]
    if all(sign_off.person_id == getattr(person, "pk", None) for sign_off in signed):
        return [TWO_PERSONS["confirm_package"].refusal]
    return []


EVER = datetime.min.replace(tzinfo=UTC)


@once_a_reading
def refusals_of(request: DataRequest, package: Package | None) -> list[Decision]:
    """Refusals to sign these exact bytes that stand: an analyst takes one back by signing off."""
    if package is None:
        return []
    signed = {row.person_id: row.signed_at for row in sign_offs_of(package)}
    return [
        one
        for one in decisions(request)
        if one.transition == "refuse_sign_off"
        and one.facts.get("package_sha256") == package.sha256
        and one.decided_at > signed.get(one.decided_by_id or 0, EVER)
    ]


@once_a_reading
def partners_of(request: DataRequest, package: Package | None) -> list[Agency]:
    """The agencies that review: every state searched, without the requesting one (a zero is information too;
    separation.TWO_PERSONS, "review_for_own_state")."""
    searched = package.states_searched if package else []
    found = standing.agencies_of(searched, timezone.localdate()) if searched else []
    return [agency for agency in found if agency.pk != request.agency_id]


@once_a_reading
def mous_of_partners(request: DataRequest, package: Package | None) -> dict[str, Mou]:
    """The MOUs in force today of the agencies that review, by FIPS; one that has ended is not among them."""
    fips = [str(agency.fips) for agency in partners_of(request, package)]
    return standing.mous_of(fips, timezone.localdate())


@once_a_reading
def gate_of(request: DataRequest) -> GatePlace | None:
    """Where the partner gate stands: the strictest of the contributing states' MOUs; None where nobody else is used."""
    package = policies.newest_package(request)
    partners = partners_of(request, package)
    if not partners:
        return None
    mous = mous_of_partners(request, package)
    before_sharing = {fips for fips, mou in mous.items() if mou.gate_place == GatePlace.BEFORE_SHARING}
    strict = any(agency.fips not in before_sharing for agency in partners)
    return GatePlace.BEFORE_RELEASE if strict else GatePlace.BEFORE_SHARING


@guard("partners_review_before_release")
def partners_review_before_release(request: DataRequest, _person: Person | None) -> list[str]:
    """Other states' data are used and their gate stands before release."""
    if gate_of(request) == GatePlace.BEFORE_RELEASE:
        return []
    return ["No partner state reviews this package before release; clear it for release."]


@guard("no_partner_review_before_release")
def no_partner_review_before_release(request: DataRequest, _person: Person | None) -> list[str]:
    """No gate stands before release."""
    if gate_of(request) != GatePlace.BEFORE_RELEASE:
        return []
    return ["Partner states whose data are used review this package before release; send it to them."]


@guard("partners_review_before_sharing")
def partners_review_before_sharing(request: DataRequest, _person: Person | None) -> list[str]:
    """The gate stands before sharing."""
    return [] if gate_of(request) == GatePlace.BEFORE_SHARING else ["No review is needed before sharing."]


@guard("no_partner_review_before_sharing")
def no_partner_review_before_sharing(request: DataRequest, _person: Person | None) -> list[str]:
    """Nothing is left to review before the request can be closed."""
    if gate_of(request) != GatePlace.BEFORE_SHARING:
        return []
    return ["Partner states review this output before it is shared; ask them first."]


@once_a_reading
def reviews_of(request: DataRequest) -> list[PartnerReview]:
    """The partner reviews of the current package's exact bytes."""
    package = policies.newest_package(request)
    if package is None or not there_is(request).reviews:
        return []
    return list(package.partner_reviews.filter(package_sha256=package.sha256).select_related("agency", "request"))


@guard("all_partners_agreed")
def all_partners_agreed(request: DataRequest, _person: Person | None) -> list[str]:
    """Every state asked about these exact bytes has no objection, withdrew it, or consented in advance or by lapse."""
    reviews = reviews_of(request)
    waiting = [review for review in reviews if not review.agrees]
    if not reviews:
        return ["No partner state has been asked yet."]
    return [f"{review.agency.state_name} has not agreed." for review in waiting]


@guard("objection_is_open")
def objection_is_open(request: DataRequest, _person: Person | None) -> list[str]:
    """At least one state objected to cells of the current package; without cells a rebuild would change nothing."""
    objected = [review for review in reviews_of(request) if review.stands_against]
    if not objected:
        return ["No objection to this package stands."]
    if any(review.cells for review in objected):
        return []
    states = " and ".join(review.agency.state_name for review in objected)
    return [f"{states} named no cells but objects to the whole output; an Approving Official can refuse the release."]


@guard("an_objection_stands")
def an_objection_stands(request: DataRequest, _person: Person | None) -> list[str]:
    """At least one state objects to the current package, in part or whole."""
    return [] if any(review.stands_against for review in reviews_of(request)) else ["No state objects to this package."]


@guard("package_is_the_reviewed_one")
def package_is_the_reviewed_one(request: DataRequest, _person: Person | None) -> list[str]:
    """What is released is byte for byte what was signed off and agreed to."""
    package = policies.newest_package(request)
    if package is None:
        return ["There is no package to release."]
    if request.kind == "micro":
        return []
    signed = any(one.package_sha256 == package.sha256 for one in sign_offs_of(package))
    reviews = list(package.partner_reviews.all())
    if not signed or any(review.package_sha256 != package.sha256 for review in reviews):
        return ["The package changed after it was reviewed; it must be reviewed again."]
    return all_partners_agreed(request, None) if reviews and request.status is State.READY_FOR_RELEASE else []


@guard("channel_is_allowed")
def channel_is_allowed(request: DataRequest, _person: Person | None) -> list[str]:
    """The requesting agency's MOU allows a channel that works here. Without an MOU in force that is said elsewhere."""
    mou = standing.mou_of(request.agency, timezone.localdate())
    if mou is None or channels.channel_for(mou.delivery_channels, request.kind):
        return []
    allowed, works = channels.in_words(mou.delivery_channels), channels.in_words(channels.working(request.kind))
    return [
        f"{request.agency.name}'s MOU allows delivery by {allowed}; this site delivers such a "
        f"package by {works}. "
        "An amendment of the MOU must allow it first."
    ]


@guard("security_is_attested")
def security_is_attested(request: DataRequest, _person: Person | None) -> list[str]:
    """Micro data go only to an agency that has attested the security provisions of Section II.F of its MOU."""
    mou = standing.mou_of(request.agency, timezone.localdate())
    if request.kind != Kind.MICRO or mou is None or mou.security_provisions_attested_on:
        return []
    return [
        f"{request.agency.name} has not attested Section II.F of its MOU, and micro data need that. "
        "BLS's Administrator records the attestation."
    ]


@guard("package_was_delivered")
def package_was_delivered(request: DataRequest, _person: Person | None) -> list[str]:
    """The current package has a delivery receipt."""
    package = policies.newest_package(request)
    if package and any(one.status == Delivery.Status.DELIVERED for one in deliveries_of(package)):
        return []
    return ["The package has not been delivered yet."]


@guard("every_package_confirmed")
def every_package_confirmed(request: DataRequest, _person: Person | None) -> list[str]:
    """Destruction is confirmed for every package that was released, and for all that was made of one."""
    open_ones = request.destructions.filter(confirmed_at__isnull=True).select_related("package", "held")
    return [f"Confirm the destruction of {duty.subject} first." for duty in open_ones]


@guard("data_are_held")
def data_are_held(request: DataRequest, _person: Person | None) -> list[str]:
    """Micro data were delivered, and are not confirmed as destroyed."""
    if request.destructions.filter(confirmed_at__isnull=True).exists():
        return []
    return ["No data of this request are with the agency."]


@guard("unused_too_long")
def unused_too_long(request: DataRequest, _person: Person | None) -> list[str]:
    """Approved, and not used for the set time (six months unless set otherwise)."""
    unused_for = timezone.now() - request.state_since
    working = Job.objects.filter(request=request, state__in=[JobState.WAITING, JobState.RUNNING]).exists()
    if unused_for >= settings.APPROVAL_EXPIRES_AFTER and not working:
        return []
    return ["The approval has not been unused for long enough to expire."]
