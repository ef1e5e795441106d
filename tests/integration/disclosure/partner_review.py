"""A macro request of Rhode Island under Delaware's review, and a third state asked as well where a test needs one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from requests_app.models import Agency, DataRequest, Mou, Package, PartnerReview, Person
from requests_app.services.life import workflow
from requests_app.services.packages import packages
from tests.integration.disclosure.review import in_disclosure_review


def under_review(people: dict[str, Person], patch: pytest.MonkeyPatch) -> tuple[DataRequest, Package, PartnerReview]:
    """Built, signed off by two analysts, and Delaware asked."""
    request, package = in_disclosure_review(people, patch)
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=package.sha256)
    request = workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    return request, package, PartnerReview.objects.get(package=package)


def maine() -> Agency:
    """A third partner state."""
    agency = Agency.objects.create(fips="23", postal="ME", state_name="Maine", name="Maine Labor Market Information")
    today = timezone.localdate()
    Mou.objects.create(agency=agency, effective_on=today - timedelta(days=9), ends_on=today + timedelta(days=900))
    return agency


def also_asked(package: Package, agency: Agency, due_in: int = 30) -> PartnerReview:
    """The state is asked about the package too."""
    return PartnerReview.objects.create(
        package=package,
        package_sha256=package.sha256,
        agency=agency,
        due_on=timezone.localdate() + timedelta(days=due_in),
        asked_at=timezone.now(),
    )
