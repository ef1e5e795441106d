"""Finding a request by its number or by words of its title, each through an index of its own.

pg_trgm is not everywhere, so nothing is found in the middle of a word: a number by its beginning or its six digits
alone, a title by whole words or their beginnings, in any form PostgreSQL's English dictionary knows.
"""

import re

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet
from django.db.models.functions import Right

from requests_app.models import DataRequest

NUMBER = re.compile(r"(WR-?)?(\d{4}-\d{0,6})|WR-?\d{0,4}", re.IGNORECASE)
SERIAL_DIGITS = 6
# The expressions of the indexes on DataRequest; PostgreSQL uses those only for exactly these.
SERIAL = Right("number", SERIAL_DIGITS)
TITLE_WORDS = SearchVector("title", config="english")


def search(found: QuerySet[DataRequest], words: str) -> QuerySet[DataRequest]:
    """Those of `found` whose number begins or ends so, or whose title has all the words."""
    words = words.strip()
    if NUMBER.fullmatch(words):
        return found.filter(number__startswith=_number(words))
    found = found.alias(title_words=TITLE_WORDS, serial=SERIAL)
    wanted = Q(title_words=_title_query(words))
    if words.isdecimal() and len(words) <= SERIAL_DIGITS:
        wanted |= Q(serial=words.zfill(SERIAL_DIGITS))
    return found.filter(wanted)


def _number(words: str) -> str:
    """`2026-0001`, `wr2026-0001` and `WR-2026-0001` are the same beginning."""
    return "WR-" + words.upper().removeprefix("WR").removeprefix("-")


def _title_query(words: str) -> SearchQuery:
    """All the words, each also as the beginning of a longer one."""
    parts = [f"{part}:*" for part in re.findall(r"[^\W_]+", words)]
    return SearchQuery(" & ".join(parts), config="english", search_type="raw")
