"""The terms of an MOU act: on what may be asked for, how long a state has to review, whether and how BLS delivers."""

import hashlib
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from requests_app import channels, form, guards
from requests_app.business_days import add_business_days
from requests_app.models import DataRequest, Delivery, Package, Person, SealedFile, SignOff
from requests_app.models.files import FileKind
from requests_app.policies import Denied
from requests_app.services.life import requests, workflow
from requests_app.services.packages import delivery
from requests_app.states import Kind, State
from tests import factories

SHA256 = hashlib.sha256(b"").hexdigest()


def with_package(people: dict[str, Person], kind: Kind, state: State) -> DataRequest:
    """A request in `state` whose package was signed off once, and searched both states."""
    request, now = factories.draft(people, kind), timezone.now()
    file = SealedFile.objects.create(
        request=request, kind=FileKind.PACKAGE, name="package.zip", wrapped_key=b"", plain_bytes=0,
        sealed_sha256=SHA256, created_at=now,
    )  # fmt: skip
    package = Package.objects.create(
        request=request, version=1, sha256=SHA256, file=file, states_searched=["10", "44"], audit_is_clean=True,
        built_at=now,
    )  # fmt: skip
    SignOff.objects.create(package=package, package_sha256=SHA256, person=people["disclosure_analyst"], signed_at=now)
    factories.place(request, state)
    return request


def amend(people: dict[str, Person], key: str, **terms: Any) -> None:
    """The MOU of the person's agency says something else."""
    factories.lapse(people[key].agency.mous.all(), **terms)


REFUSED_USES = [
    (Kind.MICRO, {}, {"permitted_activities": ["training_evaluation"]}, "does not permit “Examine regional mobility"),
    (Kind.MICRO, {}, {"permits_wage_records": False}, "does not permit the use of its wage records"),
    (Kind.MICRO_TO_MACRO, {}, {"permits_wage_records": False}, "does not permit the use of its wage records"),
    (Kind.MACRO, {}, {"permits_wage_records": False}, "does not permit the use of its wage records"),
    (
        Kind.MACRO,
        {"source": "establishments"},
        {"permits_establishment_tables": False},
        "does not permit establishment tables",
    ),
]


@pytest.mark.parametrize(("kind", "design", "said", "why"), REFUSED_USES)
def test_submit_asks_every_states_mou(
    kind: Kind, design: dict[str, Any], said: dict[str, Any], why: str, people: dict[str, Person]
) -> None:
    request = factories.draft(people, kind)
    if design:
        data = {"design": factories.DESIGN | design}
        requests.save_section(request, "tables", data, actor=people["coordinator"], seen_version=1)
    amend(people, "coordinator_de", **said)
    with pytest.raises(Denied, match=why) as refused:
        workflow.transition(request, "submit", actor=people["coordinator"])
    assert [reason for reason in refused.value.reasons if "Rhode Island" in reason] == []


def test_establishment_tables_do_not_need_wage_records(people: dict[str, Person]) -> None:
    request = factories.draft(people, Kind.MACRO)
    data = {"design": factories.DESIGN | {"source": "establishments"}}
    requests.save_section(request, "tables", data, actor=people["coordinator"], seen_version=1)
    amend(people, "coordinator_de", permits_wage_records=False)
    assert guards.states_permit_use(DataRequest.objects.get(pk=request.pk), None) == []


def test_every_permitted_activity_is_accepted(people: dict[str, Person]) -> None:
    for activity in form.ACTIVITIES:
        request = factories.draft(people)
        project = factories.answers(Kind.MICRO, states=[], quarters=[20161])["project"] | {"activity": activity}
        requests.save_section(request, "project", project, actor=people["coordinator"], seen_version=1)
        assert guards.states_permit_use(DataRequest.objects.get(pk=request.pk), None) == []


def test_all_states_are_asked_in_few_queries(people: dict[str, Person], django_assert_max_num_queries: Any) -> None:
    request = factories.draft(people, states=[f"{number:02}" for number in range(1, 57)])
    with django_assert_max_num_queries(4):
        problems = guards.states_permit_use(DataRequest.objects.get(pk=request.pk), None)
    assert "Maine has no MOU in force; take it out of the states asked for." in problems


def test_state_has_the_days_of_its_own_mou_to_review(people: dict[str, Person]) -> None:
    amend(people, "coordinator_de", review_business_days=7)
    request = with_package(people, Kind.MACRO, State.DISCLOSURE_REVIEW)
    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    review = request.packages.get().partner_reviews.get()
    assert review.due_on == add_business_days(timezone.localdate(), 7)


def test_gate_is_the_strictest_and_a_lapsed_mou_is_strict(people: dict[str, Person]) -> None:
    request = with_package(people, Kind.MACRO, State.DISCLOSURE_REVIEW)
    assert guards.gate_of(request) == "before_release"
    amend(people, "coordinator_de", gate_place="before_sharing")
    assert guards.gate_of(request) == "before_sharing"
    amend(people, "coordinator_de", effective_on="2019-01-01", ends_on="2020-01-01")
    assert guards.gate_of(request) == "before_release"


def test_release_needs_a_channel_that_works_here(people: dict[str, Person]) -> None:
    request = with_package(people, Kind.MICRO, State.READY_FOR_RELEASE)
    amend(people, "coordinator", delivery_channels=["kiteworks", "sftp"])
    with pytest.raises(
        Denied, match="allows delivery by Kiteworks secure mail, SFTP; this site delivers such a package by Encrypted"
    ):
        workflow.transition(request, "release", actor=people["release_officer"])
    amend(people, "coordinator", delivery_channels=["kiteworks", "local_outbox"])
    workflow.transition(request, "release", actor=people["release_officer"])
    assert Delivery.objects.get().channel == "local_outbox"


def test_channel_is_of_the_kind_of_package(people: dict[str, Person], settings: Settings) -> None:
    amend(people, "coordinator", delivery_channels=["kiteworks", "sftp"])
    settings.DELIVERY_CHANNELS, settings.MICRO_DELIVERY_CHANNELS = ["kiteworks", "sftp"], ["sftp"]
    for kind in (Kind.MICRO, Kind.MACRO):
        request = with_package(people, kind, State.READY_FOR_RELEASE)
        workflow.transition(request, "release", actor=people["release_officer"])
    channels_used = Delivery.objects.order_by("pk").values_list("package__request__kind", "channel")
    assert dict(channels_used) == {"micro": "sftp", "macro": "kiteworks"}
    amend(people, "coordinator", delivery_channels=["kiteworks"])
    with pytest.raises(Denied, match="such a package by SFTP"):
        workflow.transition(
            with_package(people, Kind.MICRO, State.READY_FOR_RELEASE), "release", actor=people["release_officer"]
        )


def test_micro_data_need_the_attestation_of_section_ii_f(people: dict[str, Person]) -> None:
    amend(people, "coordinator", security_provisions_attested_on=None)
    micro, macro = (with_package(people, kind, State.READY_FOR_RELEASE) for kind in (Kind.MICRO, Kind.MACRO))
    workflow.transition(macro, "release", actor=people["release_officer"])
    with pytest.raises(Denied, match=r"has not attested Section II\.F"):
        workflow.transition(micro, "release", actor=people["release_officer"])


def test_every_channel_there_is_can_be_sent_by() -> None:
    assert set(delivery.CHANNELS) == set(channels.CHANNELS)
