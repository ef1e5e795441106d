"""Segments: what the match reads is what was registered, can be made again byte for byte, and no orphan stays."""

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from matching.core.tokens import tokens
from matching.loads.loading import load_establishments, load_wage_records
from matching.models import Load, Segment
from matching.segments import register
from matching.segments.rebuild import rebuild
from matching.segments.register import SegmentUnusable
from matching.store import match, open_quarter, resolve
from matching.vault.persons import ssn_key
from requests_app.services.life.jobs import JobFailed
from tests.integration.matching.test_loads import UNITS, establishments, records, specimen

pytestmark = pytest.mark.django_db
ROWS = (
    {"wage": "5", "hours": "1", "weeks": "13"}, {"wage": "-5"}, {"ssn": specimen(2), "uin": "2"},
    {"ssn": specimen(3), "uin": "3", "run": "9", "ein": "0"}, {"ssn": "0" * 9, "uin": "3"},
)  # fmt: skip


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """Two versions of one quarter, establishments beside them, and persons who came with each."""
    load_wage_records(records(tmp_path / "a.csv", *ROWS))
    load_establishments(establishments(tmp_path / "e.csv", *map(dict, UNITS)))
    load_wage_records(records(tmp_path / "b.csv", *ROWS, *({"ssn": specimen(n), "uin": "2"} for n in range(4, 30))))
    return Path(settings.SEGMENT_ROOT)


def files(root: Path) -> dict[str, bytes]:
    """The registered files."""
    return {name: (root / name).read_bytes() for name in Segment.objects.values_list("name", flat=True)}


def found(*numbers: int) -> list[tuple[object, ...]]:
    ids = resolve(tokens(np.array([int(specimen(n)) for n in numbers], np.uint32), ssn_key()))
    answer = match(ids, open_quarter(20161, ["44"]))
    columns = [column.to_pylist() for column in answer.table().columns]
    return list(zip(*columns, *(answer.units(name).tolist() for name in ("area", "enterprise")), strict=True))


def test_match_reads_every_column_in_its_order(loaded: Path) -> None:
    assert found(3, 1, 999) == [
        (0, b"44,0000000003,00009,000000000,2016,1", 100, None, None, b"999999", b"44999", b"440000000003"),
        (1, b"44,0000000001,00000,000000007,2016,1", -5, None, None, b"722511", b"44995", b"000000007"),
        (1, b"44,0000000001,00000,000000007,2016,1", 5, 1, 13, b"722511", b"44995", b"000000007"),
    ]


def test_quarter_whose_pages_were_given_back_is_read_again(loaded: Path) -> None:
    held, everybody = open_quarter(20161, ["44"]), np.arange(40, dtype=np.int32)
    before = match(everybody, held).table()
    held.give_back()
    assert before.num_rows > 20
    assert match(everybody, held).table() == before


def test_rebuilt_segments_are_the_same_bytes(loaded: Path) -> None:
    before = files(loaded)
    for name in before:
        (loaded / name).unlink()
    call_command("rebuild_segments")
    assert files(loaded) == before
    assert {name.split("-")[0] for name in before} == set(Segment.Kind.values)
    assert (loaded / next(iter(before))).stat().st_mode & 0o777 == 0o600


def test_rebuilding_says_what_was_not_as_it_should_be(loaded: Path) -> None:
    assert rebuild(lambda _text: None) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE wages.wage_record SET wages = 6 WHERE wages = 5")
    assert {name.split("-")[0] for name in rebuild(lambda _text: None)} == {"records"}


@pytest.mark.parametrize("kind", Segment.Kind.values)
def test_missing_or_changed_file_is_not_read(loaded: Path, kind: str) -> None:
    assert found(1)
    path = loaded / Segment.objects.filter(kind=kind).order_by("-load", "name").first().name
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(SegmentUnusable, match="rebuild_segments"):
        found(1)
    path.unlink()
    with pytest.raises(SegmentUnusable, match="rebuild_segments"):
        found(1)


def test_job_that_meets_a_missing_file_says_what_to_do(loaded: Path) -> None:
    (loaded / Segment.objects.filter(kind="records").latest("load").name).unlink()
    with pytest.raises(JobFailed, match=r"is missing\. Run \./run manage rebuild_segments"):
        found(1)


def test_file_of_another_load_under_a_registered_name_is_not_read(loaded: Path) -> None:
    first, second = Segment.objects.filter(kind="units").order_by("load")
    second.sha256, path = first.sha256, loaded / second.name
    second.save()
    path.write_bytes((loaded / first.name).read_bytes())
    with pytest.raises(SegmentUnusable):
        found(1)


def test_what_no_load_made_count_is_swept_by_the_next(loaded: Path, tmp_path: Path) -> None:
    (loaded / "records-000099-0123456789abcdef.arrow").write_bytes(b"of a killed load")
    (loaded / "scratch" / "tmpkilled").mkdir(parents=True, exist_ok=True)
    load_wage_records(records(tmp_path / "c.csv", *ROWS[:2]))
    register.sweep()
    assert {path.name for path in loaded.glob("*.arrow")} == set(files(loaded))
    assert not list((loaded / "scratch").glob("*"))


def test_new_persons_are_numbered_by_their_tokens_not_by_the_file(tmp_path: Path) -> None:
    """So a load that is repeated after a crash gives the same tables, however its threads ran."""
    load_wage_records(records(tmp_path / "a.csv", *({"ssn": specimen(n)} for n in range(50))))
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(person_id ORDER BY token) FROM vault.person")
        assert cursor.fetchone() == ([*range(1, 51)],)


def test_units_of_a_load_are_a_range_of_their_own(loaded: Path) -> None:
    ranges = Load.objects.filter(kind="wage_records").order_by("pk").values_list("first_unit", "last_unit")
    assert list(ranges) == [(1, 4), (5, 8)]
