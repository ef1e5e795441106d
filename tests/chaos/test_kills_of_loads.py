"""kill -9 of the loader and of PostgreSQL during a load or a rotation of the SSN key: nothing of it is there, or all.

Afterwards the same command once more leaves the tables and files that nobody disturbed would have left. 20 moments of
each kind under `./run test --long`, else one.
"""

import os
import random
import re
import resource
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from config import launch
from tests.chaos import wage_stand
from tests.chaos.wage_stand import Contents, Copy, Stand

LONG = bool(os.environ.get("WR_LONG"))
# What each work changes at least.
WORKS = {
    "load": {"wages.load", "wages.unit", "vault.person"},
    "establishments": {"wages.load", "wages.establishment", "wages.unit"},
    "rotation": {"vault.person", "vault.key"},
}
# A rotation leaves its next vault and its mark until it goes on; the vault in use is what must not be half done.
OF_A_ROTATION = {"vault.person_next", "vault.key", "events.event"}
outcomes: Counter[str] = Counter()


@dataclass(frozen=True)
class Undisturbed:
    """What a copy is before and after the work, and how long the work takes from its first transaction."""

    before: Contents
    after: Contents
    files: set[str]
    seconds: float


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with wage_stand.stand() as made:
        yield made


@pytest.fixture(scope="module")
def undisturbed(stand: Stand) -> dict[str, Undisturbed]:
    return {work: watch(stand, work) for work in WORKS}


def command(stand: Stand, work: str) -> list[str]:
    return {
        "load": ["load_wage_records", str(stand.file)],
        "establishments": ["load_establishments", str(stand.establishments)],
        "rotation": ["rotate_ssn_key", "--batch", "4000"],
    }[work]


def watch(stand: Stand, work: str) -> Undisturbed:
    """The work done to its end."""
    with stand.copy() as copy:
        before = copy.contents()
        process = copy.start(command(stand, work))
        copy.wait_for_work(process)
        began = time.monotonic()
        copy.wait_for_nobody()
        seconds = time.monotonic() - began
        assert process.wait() == 0, copy.said()
        after = Undisturbed(before, copy.contents(), copy.files(), seconds)
        assert copy.files() >= set(copy.segments())  # a file that another replaced goes with the next load
    changed = {name for name in after.after if after.after[name] != before.get(name)}
    assert changed >= WORKS[work]
    return after


def kill_loader(copy: Copy, process: subprocess.Popen[bytes]) -> None:
    launch.kill(process)
    copy.wait_for_nobody()


def kill_database(copy: Copy, process: subprocess.Popen[bytes]) -> None:
    copy.postgres.kill()
    assert process.wait() in (0, 1)
    copy.postgres.start()


ENDS = {"loader": kill_loader, "database": kill_database}


MOMENTS = 20 if LONG else 1
EVERY_KILL = [(work, whose, moment) for work in WORKS for whose in ENDS for moment in range(MOMENTS)]
KILLS = EVERY_KILL if LONG else [*EVERY_KILL[:2], ("establishments", "database", 0), ("rotation", "loader", 0)]
WITH_FILES = ("load", "rotation")
DISKS = [(work, kilobytes) for work in WITH_FILES for kilobytes in (32, 64, 128)] if LONG else [("load", 128)]


@pytest.mark.parametrize(("work", "whose", "moment"), KILLS)
def test_killed_work_leaves_nothing_or_all_and_is_done_by_doing_it_again(
    work: str, whose: str, moment: int, stand: Stand, undisturbed: dict[str, Undisturbed]
) -> None:
    known = undisturbed[work]
    # one moment in each stretch of the work, so that beginning, middle and end are all hit
    wait = (moment + random.Random(f"{work} {whose} {moment}").random()) / MOMENTS * known.seconds
    with stand.copy() as copy:
        process = copy.start(command(stand, work))
        copy.wait_for_work(process)
        time.sleep(wait)
        ENDS[whose](copy, process)
        outcome = said_of(copy.contents(), work, known)
        outcomes[f"{work} {whose} {outcome}"] += 1
        print(f"{work}, {whose} killed {wait:.2f} s after its beginning: {outcome}")
        assert outcome != "half done"
        copy.segments()
        silent(copy.said())

        status, words = copy.run(command(stand, work))
        assert status == 0, words
        assert copy.contents() == known.after
        # where the kill came after the commit, the repeat may have swept a file that nothing uses any more
        assert set(copy.segments()) <= copy.files() <= known.files


def said_of(contents: Contents, work: str, known: Undisturbed) -> str:
    """Whether nothing, all, or a part of the work is there."""
    aside = OF_A_ROTATION if work == "rotation" else set()
    visible = {name: value for name, value in contents.items() if name not in aside}
    for said, expected in (("nothing", known.before), ("all", known.after)):
        if visible == {name: value for name, value in expected.items() if name not in aside}:
            return said
    return "half done"


def silent(words: str) -> None:
    """What a dying command says holds no SSN, no token and no traceback, whose text could quote a row."""
    assert "Traceback" not in words, words
    assert not re.search(r"(?<!\d)9\d{8}(?!\d)|[0-9a-f]{8}-[0-9a-f]{4}-", words)


@pytest.mark.skipif(not LONG, reason="one of the big counts: ./run test --long")
def test_kills_hit_the_work_before_its_end() -> None:
    assert sum(outcomes.values()) == len(KILLS)
    print(dict(outcomes))
    assert sum(count for outcome, count in outcomes.items() if outcome.endswith("nothing")) >= len(KILLS) // 3


@pytest.mark.parametrize(("work", "kilobytes"), DISKS)
def test_disk_full_while_files_are_written_leaves_nothing(
    work: str, kilobytes: int, stand: Stand, undisturbed: dict[str, Undisturbed]
) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    known = undisturbed[work]
    with stand.copy() as copy:
        status, words = copy.run(command(stand, work), before=small_disk)
        assert status == 1, words
        assert "File too large" in words
        silent(words)
        assert said_of(copy.contents(), work, known) == "nothing"
        copy.segments()
        status, words = copy.run(command(stand, work))
        assert status == 0, words
        assert copy.contents() == known.after
        assert copy.files() == known.files


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root may mount a small disk.")
def test_disk_of_postgresql_full_leaves_nothing(stand: Stand, undisturbed: dict[str, Undisturbed]) -> None:
    known = undisturbed["load"]
    with stand.copy() as copy:
        with copy.small_disk(256):
            status, words = copy.run(command(stand, "load"))
        assert status == 1, words
        assert "no room left on its disk" in words
        silent(words)
        assert said_of(copy.contents(), "load", known) == "nothing"
        status, words = copy.run(command(stand, "load"))
        assert status == 0, words
        assert copy.contents() == known.after
        assert copy.files() == known.files
