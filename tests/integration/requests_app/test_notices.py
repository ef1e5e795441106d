"""Who is told of a step: the people it concerns, the states it asks included."""

from django.utils import timezone

from requests_app.models import DataRequest, Notice, Package, Person, SealedFile, SignOff
from requests_app.models.files import FileKind
from requests_app.services.life import workflow
from requests_app.states import Kind, State
from tests import factories

SHA256 = "0" * 64


def with_signed_package(people: dict[str, Person]) -> DataRequest:
    """A macro request in disclosure review, whose package searched both states and has its first signature."""
    request, now = factories.draft(people, Kind.MACRO), timezone.now()
    file = SealedFile.objects.create(
        request=request, kind=FileKind.PACKAGE, name="package.zip", wrapped_key=b"", plain_bytes=0,
        sealed_sha256=SHA256, created_at=now,
    )  # fmt: skip
    package = Package.objects.create(
        request=request, version=1, sha256=SHA256, file=file, states_searched=["10", "44"], audit_is_clean=True,
        built_at=now,
    )  # fmt: skip
    SignOff.objects.create(package=package, package_sha256=SHA256, person=people["disclosure_analyst"], signed_at=now)
    factories.place(request, State.DISCLOSURE_REVIEW)
    return request


def test_reviewers_of_the_states_asked_are_told_and_no_others(people: dict[str, Person]) -> None:
    request = with_signed_package(people)

    workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])

    [notice] = Notice.objects.filter(request=request)
    assert notice.person == people["output_reviewer"]
    assert notice.text.startswith(request.number)


def test_coordinator_is_told_of_the_approval(people: dict[str, Person]) -> None:
    request = factories.approved(people, Kind.MICRO)

    told = Notice.objects.filter(request=request, person=people["coordinator"]).values_list("text", flat=True)
    assert f"{request.number}: Approve. It is now “Approved”." in told
