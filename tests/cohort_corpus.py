"""Cohort files for tests of the checkers, made anew at run time from a seed: every kind of problem, and chance.

No number stands in this module; those of the files are made here, are never kept and belong to nobody known.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from matching.core.ssn import WELL_KNOWN, SsnWorld

STATE = "44"
QUARTERS = (20161, 20162)
HEADERS = [f"{STATE},20161"] * 12 + [
    *("44,20162", "44,20164", "10,20161", "44,20165", "44, 20161", " 44,20161", "44,20161,", "SS,YYYYQ", "ss,20161"),
    *("44,yyyyq", "", "  ", "ID,SSN", "44;20161", "44\t20161", "44|20161", '"44","20161"', "44,2016", "44,2016Q1"),
    *("4,20161", "\u00df,20161", "44,\u0663", ",", '"44,20161', "\ufeff44,20161", "44", "44,19999", "44,18991"),
    *("x" * 600, "44,20161\x00"),
]
ENDS = ["\n"] * 6 + ["\r\n"] * 3 + ["\r", "\n\r", "\r\r\n"]
ODD = [
    *("\u00e9", "\u00a0", "\u200b", "\ufeff", "\x7f", "\x85", "\t", "\x00", "\U0001f600", "\ue000", "\u2028", "\u0130"),
    *('"', "'", "\\", "\x1c", "\x0b", "\uff1d", "-", " "),
]
BOM = b"\xef\xbb\xbf"
SAS = b"\x00" * 12 + b"\xc2\xea\x81\x60"
MARKS = [
    *(b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff", b"%PDF", BOM, BOM + BOM, b"\x00", b"\x00" * 400),
    *(SAS, b"<?xml ", BOM + b"<html>", b"{\\rtf1", b"<stata_dta>", b"\x89PNG"),
]


@dataclass(frozen=True)
class Case:
    """One file and what it is checked against; `slice_bytes` is how a reader may cut it."""

    data: bytes
    world: SsnWorld
    policy: str
    max_rows: int
    slice_bytes: int


def cases(seed: int, count: int) -> Iterator[Case]:
    """`count` files, the same for the same seed."""
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        world = chance.choice(list(SsnWorld))
        data = _file(chance, world)
        yield Case(
            data=data,
            world=world,
            policy=chance.choice(["strict", "exclude"]),
            max_rows=chance.choice([5_000_000] * 9 + [3]),
            slice_bytes=max(chance.choice([1, 7, 64, 1021, 1 << 20]), len(data) // 100),
        )


def specimen(n: int) -> str:
    """The n-th number that was never issued to anyone."""
    return f"{900 + n // 10_000 % 100}{1 + n // 1_000_000 % 49:02d}{n % 10_000:04d}"


def _file(chance: random.Random, world: SsnWorld) -> bytes:
    good = _Persons(chance, world)
    bad_share = chance.choice([0, 0.02, 0.3, 0.9])
    end = chance.choice(ENDS)
    lines = [chance.choice(HEADERS)]
    for _ in range(chance.choice([0, 1, 2, 5, 12, 40])):
        lines.append(good.odd_line() if chance.random() < bad_share else good.line())
    text = end.join(lines) + chance.choice([end, end, "", end * 3, f"{end}  {end}"])
    return _bent(chance, text.encode("utf-8", "surrogatepass"))


def _bent(chance: random.Random, data: bytes) -> bytes:
    """Now and then what happens to whole files: other encodings, marks, lost and changed bytes."""
    place = chance.randrange(len(data) + 1)
    bends: list[Callable[[], bytes]] = [
        lambda: chance.choice(MARKS) + data,
        lambda: data.decode("utf-8", "replace").encode("utf-16"),
        lambda: data.decode("utf-8", "replace").encode("latin-1", "replace"),
        lambda: data[:place],
        lambda: data[:place] + chance.randbytes(chance.randrange(1, 4)) + data[place + 1 :],
        lambda: chance.randbytes(chance.randrange(200)),
        lambda: data[:place] + b"x" * chance.choice([400, 520, 1100, 70_000]) + data[place:],
        lambda: data.replace(b",", chance.choice([b";", b"\t", b",,", b" , "])),
    ]
    return chance.choice(bends)() if chance.random() < 0.3 else data


class _Persons:
    """Lines of one file; the few numbers and IDs are drawn again, so that duplicates of every sort come about."""

    def __init__(self, chance: random.Random, world: SsnWorld) -> None:
        self.chance, self.world = chance, world
        self.next = 0

    def number(self) -> str:
        chance = self.chance
        if self.world is SsnWorld.SPECIMEN and chance.random() < 0.8:
            return specimen(chance.randrange(60))
        if chance.random() < 0.1:
            return f"{chance.choice(WELL_KNOWN):09d}"
        area = chance.choice([0, 12, 666, 900, chance.randrange(1000)])
        group = chance.choice([0, 12, 70, 93, chance.randrange(100)])
        return f"{area:03d}{group:02d}{chance.choice([0, 7, chance.randrange(10_000)]):04d}"

    def line(self) -> str:
        """A line that is right, unless chance made it a duplicate."""
        self.next += 1
        if self.world is SsnWorld.SPECIMEN:
            return f"A{self.next:04d},{specimen(self.next + 100)}"
        return f"A{self.next:04d},{1 + self.next:03d}{12:02d}{self.next + 17:04d}"

    def odd_line(self) -> str:
        chance, number = self.chance, self.number()
        kinds: list[Callable[[], str]] = [
            lambda: f"A{chance.randrange(4)},{number}",
            lambda: f"{self._id()},{number}",
            lambda: f"{self._id()},{self._ssn(number)}",
            lambda: f"A{chance.randrange(4)},{self._ssn(number)}",
            lambda: f"{number},A{chance.randrange(9)}",
            lambda: f"{self._ssn(number)},{number}",
            lambda: f"{number[::-1]},{number}",
            lambda: f"{self._around(number)},{number}",
            lambda: chance.choice(["", " ", ",", ",,", '"",""', "\t", HEADERS[0], '"44","20161"', "44,20162,"]),
            lambda: f"{self._id()},{number},{self._id()}",
            lambda: "".join(chance.choice('0123456789,"- =A\x0b.e+') for _ in range(chance.randrange(24))),
        ]
        return chance.choice(kinds)()

    def _around(self, number: str) -> str:
        """An ID with the digits of the number somewhere in it, and others."""
        chance = self.chance
        digits = chance.choice([number, number[::-1], number[1:], number[:4] + "-" + number[4:]])
        return chance.choice(["", "X", "7", "\u00e9-", "2016-"]) + digits + chance.choice(["", "x", "0", "-44"])

    def _id(self) -> str:
        chance = self.chance
        odd = chance.choice(ODD)
        kinds = [
            *("", " ", odd, f"x{odd}", f"{odd}x", f"x{odd}y", "=1", " =1", "+x", "@x"),
            *('"a,b"', '"a""b"', 'a"b', '"a"b', '"', f'"{odd}"', "'x"),
            *("x" * 20, "x" * 21, "\u00e9" * 10, "\u00e9" * 11, "x" * 510),
        ]
        return chance.choice(kinds)

    def _ssn(self, number: str) -> str:
        odd = self.chance.choice(ODD)
        head, middle, tail = number[:3], number[3:5], number[5:]
        kinds = [
            *("", " ", "SSN", number[1:], number[2:], number[:5], number + "0", f" {number}", f"{number} "),
            *(f"{head}-{middle}-{tail}", f"{head} {middle} {tail}", f"{head}\u2011{middle}\u2013{tail}"),
            *(f"{number}.0", f"{number},0", f"{number}.", f"{head[0]}.{head[1:]}E+08", f"{head[0]}e8"),
            *(f'"{number}"', f'"{number}', f"'{number}", "\u0661" * 9),
            *(f"{odd}{number}", f"{number}{odd}", f"{head}{middle}{odd}{tail}"),
        ]
        return self.chance.choice(kinds)
