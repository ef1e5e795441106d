"""The form as it was signed, kept for good: every signature has its own, so that versions can be read and compared."""

from datetime import datetime

from requests_app.hooks import effect
from requests_app.models import DataRequest, Person, SignedForm
from requests_app.selectors.life.form_tasks import digest


@effect("submit", first=True)
def keep_signed_form(request: DataRequest, actor: Person | None, now: datetime) -> None:
    """With the signature: all answers, the agents named, and the hash the signature was put under."""
    if actor:  # the table has a coordinator sign
        keep_form(request, actor, now)


def keep_form(request: DataRequest, signer: Person, now: datetime) -> SignedForm:
    """The form as it is saved now, with the agents named today, under the signer's name."""
    named = request.agents.filter(removed_at__isnull=True).select_related("person").order_by("person__name")
    return SignedForm.objects.create(
        request=request,
        number=request.signed_forms.count() + 1,
        kind=request.kind,
        answers={section.name: section.data for section in request.sections.all()},
        agents=[{"name": row.person.name, "may_upload": row.may_upload} for row in named],
        sha256=digest(request),
        signed_at=now,
        signed_by=signer,
    )
