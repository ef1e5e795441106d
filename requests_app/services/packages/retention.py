"""What is left of a request that has ended: nothing confidential, beyond what the retention rule names.

At the end: every file of a request that released nothing; all micro data once BLS has acknowledged their destruction;
and of released tables whatever was made on the way (forecasts, analyses, packages that were never sent). The package
that was released, its tables and its disclosure record stay for `RETENTION_AFTER_CLOSE`. With a request's last file
goes its secret, so that a backup brings back ciphertext only. Cohort files and results of a match end by themselves
(matching/services/shredding.py).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from requests_app import channels
from requests_app.hooks import tender
from requests_app.models import DataRequest, Delivery, Package, SealedFile
from requests_app.models.files import FileKind
from requests_app.services.packages import delivery, files, locks
from requests_app.states import Kind, State

ENDED_FOR_GOOD = (State.CLOSED, State.EXPIRED, State.WITHDRAWN, State.DENIED_FOR_GOOD)
ENDS_BY_ITSELF = (FileKind.COHORT, FileKind.MATCH_RESULT)
BATCH = 50


@tender("retention")
def follow() -> None:
    """Ends what need not be kept any longer; late, twice or from two workers changes nothing."""
    now = timezone.now()
    found = due(now).values_list("request_id", flat=True).distinct()
    for request_id in list(found[:BATCH]):
        _end(request_id, now)
    _destroy_secrets(now)


def due(now: datetime) -> QuerySet[SealedFile]:
    """The files whose time has come."""
    sent = Package.objects.filter(
        Q(file=OuterRef("pk")) | Q(tables=OuterRef("pk")) | Q(workbench=OuterRef("pk")), deliveries__isnull=False
    )
    over = Q(request__state_since__lt=now - settings.RETENTION_AFTER_CLOSE)
    kept = SealedFile.objects.filter(shredded_at=None, request__state__in=ENDED_FOR_GOOD)
    return kept.exclude(kind__in=ENDS_BY_ITSELF).filter(~Exists(sent) | Q(request__kind=Kind.MICRO) | over)


@transaction.atomic
def _end(request_id: int, now: datetime) -> None:
    request = DataRequest.objects.select_for_update().get(pk=request_id)
    for file in due(now).filter(request=request).select_related("request"):
        files.shred(file, at=now, why="the request has ended")
    _empty_outbox(request)


def _destroy_secrets(now: datetime) -> None:
    """The secrets of requests that have ended and keep no file; by what lies there, so a crash leaves none behind."""
    kept = SealedFile.objects.filter(request=OuterRef("pk"), shredded_at=None)
    ended = DataRequest.objects.filter(~Exists(kept), number__in=locks.numbers(), state__in=ENDED_FOR_GOOD)
    for request in ended:
        locks.destroy(request, now)


def _empty_outbox(request: DataRequest) -> None:
    """A package that lies in this site's own outbox ends with the file it was copied from."""
    sent = Delivery.objects.filter(package__request=request, channel=channels.LOCAL_OUTBOX)
    for row in sent.filter(package__file__shredded_at__isnull=False).exclude(receipt={}):
        delivery.CHANNELS[row.channel].recall(str(request.agency.fips), row.receipt)
