"""My standing: what I may do, what lapses when; my agreement to read and sign, my training to submit."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from requests_app.agreements.texts import text_of
from requests_app.agreements.validity import AgreementStanding, standing_on
from requests_app.forms.accounts import TrainingForm
from requests_app.forms.steps import SignForm
from requests_app.models import AgentAgreement
from requests_app.policies import Denied
from requests_app.selectors.people.person import facts_of
from requests_app.services.life.workflow import Conflict
from requests_app.services.people import agreements, trainings
from requests_app.standing import on_pre_release_list
from requests_app.states import Role
from requests_app.views.people.access import person_of
from requests_app.views.sign_in.second_factor import fresh_second_factor, take_typed

MAY = {
    Role.COORDINATOR: "Draft, sign and follow your agency's requests, name agents, open released packages.",
    Role.AGENT: "See the requests you are named on, open their packages, and add files where that was given to you.",
    Role.OUTPUT_REVIEWER: "Review outputs that used your state's records before they are shared.",
    Role.PROGRAM_ANALYST: "Review requests, ask questions, recommend; accept trainings.",
    Role.APPROVING_OFFICIAL: "Decide on requests, sign and revoke agreements for BLS, lift suspensions.",
    Role.DISCLOSURE_ANALYST: "Work on the disclosure review of packages, and confirm another analyst's.",
    Role.RELEASE_OFFICER: "Release cleared packages.",
    Role.DATA_STEWARD: "Load wage records and establishment files.",
    Role.AUDITOR: "Read every event and the record of every request.",
    Role.ADMINISTRATOR: "Keep people, roles, agreements, partners and MOUs; no data.",
}


def my_standing(request: HttpRequest) -> HttpResponse:
    """What holds for the signed-in person today, and what they can mend themself."""
    person, today = person_of(request), timezone.localdate()
    facts = facts_of(person, person, today)
    held = [line for line in facts.roles if line.when == "now"]
    context = {
        "facts": facts,
        "may": [(line.role, MAY[Role(line.record.role)], line.record.ends_on) for line in held],
        "listed": on_pre_release_list(person, today),
    }
    return render(request, "people/standing.html", context)


def _own(request: HttpRequest, agreement_id: str) -> AgentAgreement:
    found = AgentAgreement.objects.filter(pk=agreement_id, person=person_of(request)).select_related("person").first()
    if found is None:
        raise Http404
    return found


def read_duties(request: HttpRequest, agreement_id: str) -> HttpResponse:
    """What the law asks (CIPSEA), to be read before signing."""
    agreement = _own(request, agreement_id)
    if request.method == "POST":
        try:
            agreements.read_duties(agreement, actor=person_of(request))
        except Conflict as conflict:
            messages.warning(request, str(conflict))
            return redirect("my_standing")
        return redirect("sign_agreement", agreement_id)
    standing = standing_on(agreement, timezone.localdate())
    context = {
        "agreement": agreement,
        "text": text_of(agreement.text_version),
        "to_read": standing is AgreementStanding.FOR_READING,
    }
    return render(request, "people/duties.html", context)


@fresh_second_factor()
def sign_agreement(request: HttpRequest, agreement_id: str) -> HttpResponseBase:
    """The agreement with the person's typed name under it."""
    agreement, person = _own(request, agreement_id), person_of(request)
    if standing_on(agreement, timezone.localdate()) is not AgreementStanding.FOR_SIGNATURE:
        messages.warning(request, "This agreement does not wait for your signature now.")
        return redirect("my_standing")
    shown = {**take_typed(request), "form_sha256": agreement.text_sha256}
    form = SignForm(person.name, request.POST) if request.method == "POST" else SignForm(person.name, initial=shown)
    if form.is_bound and form.is_valid():
        try:
            agreements.sign(agreement, actor=person, signed_name=form.cleaned_data["signed_name"])
            messages.success(request, "Signed. BLS files the agreement next; from then on it is in force.")
        except Conflict as conflict:
            messages.warning(request, str(conflict))
        return redirect("my_standing")
    context = {"agreement": agreement, "text": text_of(agreement.text_version), "form": form}
    return render(request, "people/sign.html", context, status=400 if form.errors else 200)


def submit_training(request: HttpRequest) -> HttpResponse:
    """The day of the training and its evidence, for BLS to accept."""
    person = person_of(request)
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TrainingForm(person, *bound)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            trainings.submit(actor=person, completed_on=said["completed_on"], evidence=said["evidence"])
            messages.success(request, "BLS has your evidence. The training counts once it is accepted.")
            return redirect("my_standing")
        except Denied as denied:
            form.add_error("completed_on", denied.reasons[0])
    return render(request, "people/training.html", {"form": form}, status=400 if form.errors else 200)
