"""The dashboards' figures: computed by a worker once an hour, because a page would take too long over years of work.

Times are business days on the federal calendar between local days, as the targets count them.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate, TruncQuarter
from django.utils import timezone

from requests_app.business_days import business_days_between
from requests_app.models import Decision, Destruction, Figure, Package, PartnerReview
from requests_app.selectors.life.dashboards import OUTCOMES
from requests_app.targets import DEFAULT_DAYS, target_days

EVERY = timedelta(hours=1)
YEAR = timedelta(days=365)

# How many requests stood in a state from one local day to another, of those that left it since then.
STAYS = """
WITH moves AS (
    SELECT from_state, to_state, decided_at,
           lag(decided_at) OVER (PARTITION BY request_id ORDER BY decided_at, id) AS entered_at
    FROM workflow.requests_app_decision
    WHERE from_state <> to_state
)
SELECT from_state, (entered_at AT TIME ZONE %(zone)s)::date, (decided_at AT TIME ZONE %(zone)s)::date, count(*)
FROM moves
WHERE decided_at >= %(since)s AND entered_at IS NOT NULL
GROUP BY 1, 2, 3
"""


def follow(now: datetime) -> bool:
    """Computes everything anew where the last figures are older than an hour; True where it did."""
    newest = Figure.objects.order_by("computed_at").values_list("computed_at", flat=True).first()
    if newest and now - newest < EVERY:
        return False
    compute(now)
    return True


def compute(now: datetime) -> None:
    """Every figure, each in a row of its own."""
    makers = {
        "turnaround": turnaround,
        "states_response": states_response,
        "destruction": destruction,
        "disclosure": disclosure,
    }
    for name, make in makers.items():
        Figure.objects.update_or_create(name=name, defaults={"data": make(now), "computed_at": now})


def turnaround(now: datetime) -> list[dict[str, Any]]:
    """For each step with a target: how many left it in the last year, the median, and the share that was in time."""
    with connection.cursor() as cursor:
        cursor.execute(STAYS, {"zone": settings.TIME_ZONE, "since": now - YEAR})
        stays = cursor.fetchall()
    found = []
    for state in DEFAULT_DAYS:
        took = Counter[int]()
        for _, entered, left, many in (row for row in stays if row[0] == state):
            took[business_days_between(entered, left)] += many
        found.append({"state": state.value, **_summary(took, target_days(state) or 0)})
    return found


def _summary(took: Counter[int], target: int) -> dict[str, Any]:
    many = sum(took.values())
    in_time = sum(count for days, count in took.items() if days <= target)
    return {
        "many": many,
        "median": median(took),
        "target": target,
        "in_time": round(in_time / many, 3) if many else None,
    }


def median(took: Counter[int]) -> float | None:
    """The median of counted whole numbers; of an even number of them the middle of the two in the middle."""
    many = sum(took.values())
    if not many:
        return None
    return (_at(took, (many - 1) // 2) + _at(took, many // 2)) / 2


def _at(took: Counter[int], place: int) -> int:
    for days in sorted(took):
        place -= took[days]
        if place < 0:
            return days
    raise IndexError(place)


def states_response(now: datetime) -> list[dict[str, Any]]:
    """For each state asked in the last year: the median time to its answer, how many were late, how many are open."""
    asked = PartnerReview.objects.filter(Q(asked_at__gte=now - YEAR) | Q(verdict=""))
    name, today = F("agency__state_name"), timezone.localdate(now)
    answered = asked.exclude(verdict="").annotate(first=TruncDate("asked_at"), last=TruncDate("answered_at"))
    rows = answered.values_list(name, "first", "last", "due_on").annotate(many=Count("pk"))
    states: dict[str, dict[str, Any]] = {}
    took: dict[str, Counter[int]] = {}
    for state, first, last, due_on, many in rows:
        took.setdefault(state, Counter())[business_days_between(first, last)] += many
        line = states.setdefault(state, _no_answers(state))
        line["answered"] += many
        line["late"] += many if last > due_on else 0
    still = asked.filter(verdict="").values_list(name).annotate(many=Count("pk"), late=Count("pk", Q(due_on__lt=today)))
    for state, many, late in still:
        states.setdefault(state, _no_answers(state)).update(open=many, open_late=late)
    return [line | {"median": median(took.get(state, Counter()))} for state, line in sorted(states.items())]


def _no_answers(state: str) -> dict[str, Any]:
    return {"state": state, "answered": 0, "late": 0, "open": 0, "open_late": 0}


DUE_WITHIN = (("Overdue", None, -1), ("Within 30 days", 0, 30), ("31 to 90 days", 31, 90), ("Later", 91, None))


def destruction(now: datetime) -> list[dict[str, Any]]:
    """Duties to destroy micro data: how many are open, by when due; and what was confirmed in the last year."""
    today = timezone.localdate(now)
    still = Destruction.objects.filter(confirmed_at__isnull=True)
    lines = [{"due": words, "many": still.filter(_due(today, low, high)).count()} for words, low, high in DUE_WITHIN]
    confirmed = Destruction.objects.filter(confirmed_at__gte=now - YEAR).count()
    return [*lines, {"due": "Confirmed in the last year", "many": confirmed}]


def _due(today: date, low: int | None, high: int | None) -> Q:
    wanted = Q()
    if low is not None:
        wanted &= Q(due_on__gte=today + timedelta(days=low))
    if high is not None:
        wanted &= Q(due_on__lte=today + timedelta(days=high))
    return wanted


def disclosure(now: datetime) -> dict[str, Any]:
    """The last year's disclosure reviews: cells published and withheld by quarter, and what reviews came to."""
    built = Package.objects.filter(built_at__gte=now - YEAR, cells__gt=0)
    quarters = built.annotate(quarter=TruncQuarter("built_at")).values("quarter").order_by("quarter")
    cells = [
        {"quarter": _quarter(row["quarter"]), "cells": row["all_cells"], "withheld": row["all_withheld"]}
        for row in quarters.annotate(all_cells=Sum("cells"), all_withheld=Sum("withheld"))
    ]
    taken = Decision.objects.filter(decided_at__gte=now - YEAR, transition__in=OUTCOMES)
    counts = dict(taken.values_list("transition").annotate(many=Count("pk")))
    return {"cells": cells, "outcomes": {name: counts.get(name, 0) for name in OUTCOMES}}


def _quarter(start: datetime) -> str:
    day = timezone.localtime(start)
    return f"{day.year} Q{(day.month + 2) // 3}"
