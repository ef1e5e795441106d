"""What an agreement is worth on a day: one function, and an equal queryset annotation (a test compares them)."""

from datetime import date
from enum import StrEnum

from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.utils import timezone

from requests_app.models import AgentAgreement
from requests_app.standing import agreement_in_force


class AgreementStanding(StrEnum):
    """Where an agreement stands; only one that is in force counts."""

    NOMINATED = "nominated"
    FOR_READING = "for_reading"
    FOR_SIGNATURE = "for_signature"
    FOR_FILING = "for_filing"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """Who has it now, in words."""
        return WORDS[self]


WORDS = {
    AgreementStanding.NOMINATED: "Waits for BLS's signature",
    AgreementStanding.FOR_READING: "Waits to be read",
    AgreementStanding.FOR_SIGNATURE: "Waits for the person's signature",
    AgreementStanding.FOR_FILING: "Waits to be filed",
    AgreementStanding.IN_FORCE: "In force",
    AgreementStanding.ENDED: "Ended",
    AgreementStanding.REVOKED: "Revoked",
}
UNDER_WAY = frozenset({
    AgreementStanding.NOMINATED, AgreementStanding.FOR_READING, AgreementStanding.FOR_SIGNATURE,
    AgreementStanding.FOR_FILING,
})  # fmt: skip


def standing_on(agreement: AgentAgreement, today: date) -> AgreementStanding:
    """Where the agreement stands on `today`. Revoked and ended come before everything else."""
    if agreement.revoked_at:
        return AgreementStanding.REVOKED
    if agreement.ends_on and agreement.ends_on < today:
        return AgreementStanding.ENDED
    if agreement.official_signed_at is None:
        return AgreementStanding.NOMINATED
    if agreement.cipsea_read_at is None:
        return AgreementStanding.FOR_READING
    if agreement.signed_at is None:
        return AgreementStanding.FOR_SIGNATURE
    if agreement.filed_at is None or timezone.localdate(agreement.signed_at) > today:
        return AgreementStanding.FOR_FILING
    return AgreementStanding.IN_FORCE


def with_standing(agreements: QuerySet[AgentAgreement], today: date) -> QuerySet[AgentAgreement]:
    """The agreements with `standing`, the value of `standing_on` for each."""
    S = AgreementStanding  # noqa: N806  the table below reads better
    order = (
        (Q(revoked_at__isnull=False), S.REVOKED),
        (Q(ends_on__lt=today), S.ENDED),
        (Q(official_signed_at__isnull=True), S.NOMINATED),
        (Q(cipsea_read_at__isnull=True), S.FOR_READING),
        (Q(signed_at__isnull=True), S.FOR_SIGNATURE),
        (agreement_in_force(today), S.IN_FORCE),
    )
    return agreements.annotate(
        standing=Case(
            *(When(condition, then=Value(standing.value)) for condition, standing in order),
            default=Value(S.FOR_FILING.value),
            output_field=CharField(),
        )
    )
