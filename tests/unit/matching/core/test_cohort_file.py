"""The cohort checker: what it accepts, every kind it refuses, and that it never repeats what it read."""

import io
import re
import tracemalloc
import zipfile
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.core.cohort.file import check, check_across
from matching.core.cohort.problems import HINTS, LINE_KINDS, Kind
from matching.core.ssn import SsnWorld

HEADER = "44,20161"
QUARTERS = {20161, 20162}


def specimen(n: int, group: int = 1) -> str:
    """A number never issued to anyone, made at run time."""
    return str(900 + n // 10_000) + f"{group:02d}" + f"{n % 10_000:04d}"


def verdict(text: str | bytes, world: SsnWorld = SsnWorld.SPECIMEN, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return check(data, state_fips="44", quarters=QUARTERS, world=world, **options)


def kinds(text: str | bytes, **options) -> dict[str, tuple[int, list[int]]]:
    return {p.kind: (p.count, p.lines) for p in verdict(text, **options).problems}


def lines(*rows: str, end: str = "\n") -> str:
    return end.join((HEADER, *rows)) + end


GOOD = (f"A1,{specimen(1)}", f"0002,{specimen(2)}")
ACCEPTED = {
    "plain": lines(*GOOD),
    "no final newline": lines(*GOOD).rstrip("\n"),
    "crlf": lines(*GOOD, end="\r\n"),
    "cr": lines(*GOOD, end="\r"),
    "byte order mark": b"\xef\xbb\xbf" + lines(*GOOD).encode(),
    "trailing blank lines": lines(*GOOD) + "\r\n\n  \n",
    "quoted": f'"44","20161"\n"A1","{specimen(1)}"\n"0002",{specimen(2)}\n',
}


@pytest.mark.parametrize("variant", ACCEPTED)
def test_variant_of_real_offices_is_accepted(variant):
    result = verdict(ACCEPTED[variant])
    assert (result.ok, result.quarter, result.rows, result.problems) == (True, 20161, 2, [])
    assert result.cohort.temporary_ids.tolist() == [b"0002", b"A1"]  # in the order of IDs
    assert result.cohort.ssn.tolist() == [int(specimen(2)), int(specimen(1))]
    assert result.cohort.lines.tolist() == [3, 2]


def test_quoted_id_may_hold_comma_and_quote():
    result = verdict(lines(f'"a,b ""c""",{specimen(3)}', f"é,{specimen(4)}"))
    assert result.cohort.temporary_ids.tolist() == [b'a,b "c"', "é".encode()]


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


FILE_KINDS = {
    Kind.EMPTY: HEADER + "\n",
    Kind.ARCHIVE: workbook(),
    Kind.UTF16: lines(*GOOD).encode("utf-16"),
    Kind.NUL: lines(*GOOD, f"x\0y,{specimen(9)}"),
    Kind.DELIMITER: lines(*GOOD).replace(",", ";"),
    Kind.HEADER_MISSING: "\n".join(GOOD),
    Kind.HEADER_LITERAL: "\n".join(("SS,YYYYQ", *GOOD)),
    Kind.HEADER_MALFORMED: "\n".join(("44, 20161", *GOOD)),
    Kind.HEADER_STATE: "\n".join(("10,20161", *GOOD)),
    Kind.HEADER_QUARTER: "\n".join(("44,20165", *GOOD)),
    Kind.QUARTER_NOT_APPROVED: "\n".join(("44,20164", *GOOD)),
    Kind.HEADER_REPEATED: lines(*GOOD, HEADER, f"A3,{specimen(3)}"),
    Kind.COLUMNS_SWAPPED: lines(f"{specimen(1)},A1", f"{specimen(2)},A2"),
}


@pytest.mark.parametrize("kind", FILE_KINDS)
@pytest.mark.parametrize("policy", ["strict", "exclude"])
def test_problem_of_the_file_refuses_it_under_both_policies(kind, policy):
    result = verdict(FILE_KINDS[kind], policy=policy)
    assert not result.ok
    assert result.cohort is None
    assert [p.kind for p in result.problems] == [kind]


LINE_CASES = {
    Kind.NOT_UTF8: b"caf\xe9," + specimen(9).encode(),
    Kind.LINE_TOO_LONG: "x" * 600 + "," + specimen(9),
    Kind.QUOTES: f'"x,{specimen(9)}',
    Kind.COLUMN_COUNT: f"x,{specimen(9)},Doe",
    Kind.SSN_MISSING: "x,",
    Kind.SSN_HYPHENS: "x," + "-".join((specimen(9)[:3], specimen(9)[3:5], specimen(9)[5:])),
    Kind.SSN_LEADING_ZERO: "x," + specimen(9)[1:],
    Kind.SSN_SCIENTIFIC: "x,9.01E+08",
    Kind.SSN_DECIMAL: f"x,{specimen(9)}.0",
    Kind.SSN_NOT_NINE: f"x,{specimen(9)}1",
    Kind.SSN_NOT_SPECIMEN: "x," + "9" * 9,
    Kind.ID_MISSING: f",{specimen(9)}",
    Kind.ID_TOO_LONG: "é" * 11 + f",{specimen(9)}",
    Kind.ID_FORMULA: f"=x,{specimen(9)}",
    Kind.ID_CHARACTERS: f"x ,{specimen(9)}",
    Kind.ID_IS_SSN: f"{specimen(9)},{specimen(9)}",
    Kind.EXACT_DUPLICATE: GOOD[0],
}


@pytest.mark.parametrize("kind", LINE_CASES)
def test_bad_line_is_named_and_left_out_only_under_exclude(kind):
    bad = LINE_CASES[kind]
    data = lines(*GOOD).encode() + (bad if isinstance(bad, bytes) else bad.encode()) + b"\n"
    assert kinds(data) == {kind: (1, [4])}
    assert not verdict(data).ok
    lenient = verdict(data, policy="exclude")
    assert (lenient.ok, lenient.excluded, lenient.cohort.temporary_ids.tolist()) == (True, 1, [b"0002", b"A1"])


REAL_CASES = {
    Kind.SSN_AREA: (666, 12, 1), Kind.SSN_GROUP: (12, 0, 1), Kind.SSN_SERIAL: (12, 1, 0), Kind.SSN_ITIN: (912, 70, 1),
    Kind.SSN_ATIN: (912, 93, 1), Kind.SSN_WELL_KNOWN: (78, 5, 1120),
}  # fmt: skip


@pytest.mark.parametrize("kind", REAL_CASES)
def test_impossible_number_is_named_in_the_real_world(kind):
    area, group, serial = REAL_CASES[kind]
    assert kinds(lines(f"x,{area:03d}{group:02d}{serial:04d}"), world=SsnWorld.REAL) == {kind: (1, [2])}


def test_sample_of_the_instructions_is_refused_in_the_real_world():
    sample = "26,20191\n" + "".join(f"{i:05d},{str(i) * 9}\n" for i in range(1, 10))
    result = check(sample.encode(), state_fips="26", quarters={20191}, world=SsnWorld.REAL)
    named = {line for p in result.problems for line in p.lines}
    assert not result.ok
    assert {7, 10} <= named


def test_blank_line_in_the_middle_is_named():
    assert kinds(lines(GOOD[0], "", "  ", GOOD[1])) == {Kind.BLANK_LINE: (2, [3, 4])}


@pytest.mark.parametrize("form", ["{0}", "{0:.3}-{1}-{2}", "{3}"])
def test_id_that_tells_an_ssn_of_another_line_is_refused(form):
    ssn = specimen(1234)
    told = form.format(ssn, ssn[3:5], ssn[5:], ssn[::-1])
    assert kinds(lines(f"x,{ssn}", f"{told},{specimen(7)}")) == {Kind.ID_IS_SSN: (1, [3])}


@pytest.mark.parametrize("form", ["X{0}", "{0}7", "{0:.4}-x{1}", "{2}-44"])
def test_id_that_holds_the_ssn_of_its_own_line_is_refused(form):
    ssn = specimen(1234)
    told = form.format(ssn, ssn[4:], ssn[::-1])
    assert kinds(lines(f"{told},{ssn}", f"X{specimen(7)},{specimen(8)}")) == {Kind.ID_IS_SSN: (1, [2])}
    assert kinds(lines(f"{told},{specimen(7)}")) == {}


NO_TEXT = {
    "sas": (b"\x00" * 12 + b"\xc2\xea\x81\x60" + b"x" * 200, Kind.ARCHIVE),
    "stata": (b"<stata_dta><header>", Kind.ARCHIVE),
    "workbook as xml": (b'\xef\xbb\xbf<?xml version="1.0"?>\n<Workbook/>', Kind.ARCHIVE),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00", Kind.ARCHIVE),
    "utf-16 without a mark": (lines(*GOOD).encode("utf-16-be"), Kind.UTF16),
    "utf-32": (lines(*GOOD).encode("utf-32-le"), Kind.UTF16),
    "nothing but nul": (b"\x00" * 5000, Kind.NUL),
    "text lost in nul": (lines(*GOOD).encode() + b"\x00" * 4000, Kind.NUL),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_file_that_is_no_text_is_called_what_it_is(name):
    data, kind = NO_TEXT[name]
    assert kinds(data) == {kind: (1, [])}


def test_numbers_of_advertising_are_named_in_the_real_world():
    rows = (f"a{n},{987:03d}{65:02d}{4320 + n}" for n in range(10))
    assert kinds(lines(*rows), world=SsnWorld.REAL) == {Kind.SSN_WELL_KNOWN: (10, list(range(2, 12)))}


def test_duplicates_name_all_lines_concerned():
    text = lines(f"a,{specimen(1)}", f"b,{specimen(1)}", f"c,{specimen(2)}", f"c,{specimen(3)}", f"d,{specimen(4)}")
    assert kinds(text) == {Kind.SSN_OTHER_ID: (2, [2, 3]), Kind.ID_OTHER_SSN: (2, [4, 5])}
    assert verdict(text, policy="exclude").cohort.temporary_ids.tolist() == [b"d"]


def test_all_problems_come_at_once():
    found = kinds("10,20164\n=a,1\nb,\n" + f"c,{specimen(1)},\n")
    assert set(found) == {
        Kind.HEADER_STATE, Kind.QUARTER_NOT_APPROVED, Kind.ID_FORMULA, Kind.SSN_NOT_NINE, Kind.SSN_MISSING,
        Kind.COLUMN_COUNT,
    }  # fmt: skip


def test_matching_under_way_is_said_with_the_rest():
    assert set(kinds(lines("x,"), matching_started=True)) == {Kind.MATCHING_STARTED, Kind.SSN_MISSING}


def test_report_keeps_the_first_thousand_lines_and_counts_all():
    problem = verdict(lines(*(["x,1"] * 2500))).problems[0]
    assert (problem.count, problem.lines) == (2500, list(range(2, 1002)))


def test_too_many_rows_are_all_that_is_said_of_the_lines():
    rows = (f"i{n},{specimen(n)}," for n in range(200))
    result = verdict(lines(*rows), max_rows=100)
    assert ([p.kind for p in result.problems], result.rows, result.ok) == ([Kind.TOO_LARGE], 101, False)


def test_line_without_an_end_takes_no_memory_and_is_named():
    tracemalloc.start()
    endless = (b"x" * 65_536 for _ in range(1_000))
    result = check(chain([lines(*GOOD).encode()], endless), state_fips="44", quarters=QUARTERS, world=SsnWorld.SPECIMEN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(p.kind, p.lines) for p in result.problems] == [(Kind.LINE_TOO_LONG, [4])]
    assert peak < 8_000_000


def test_blocks_join_at_any_cut():
    text = lines(*(f"i{n},{specimen(n)}" for n in range(120_000)), end="\r\n").encode()
    pieces = [text[i : i + 70_001] for i in range(0, len(text), 70_001)]
    result = check(pieces, state_fips="44", quarters=QUARTERS, world=SsnWorld.SPECIMEN)
    assert (result.ok, result.rows) == (True, 120_000)
    assert np.array_equal(np.sort(result.cohort.lines), np.arange(2, 120_002))


def test_files_of_one_request_must_agree():
    first = verdict(lines(f"a,{specimen(1)}", f"b,{specimen(2)}", f"c,{specimen(3)}")).cohort
    second = verdict(lines(f"x,{specimen(9)}", f"a,{specimen(1)}", f"b,{specimen(4)}", f"d,{specimen(3)}")).cohort
    of_second = {(p.file, p.kind): p.lines for p in check_across(second, first, "first")}
    assert of_second == {("first", Kind.ACROSS_ID_OTHER_SSN): [4], ("first", Kind.ACROSS_SSN_OTHER_ID): [5]}
    assert {p.kind: p.lines for p in check_across(first, second, "second")} == {
        Kind.ACROSS_ID_OTHER_SSN: [3], Kind.ACROSS_SSN_OTHER_ID: [4]
    }  # fmt: skip
    assert check_across(first, first, "itself") == []


def test_every_kind_has_a_hint_of_words():
    assert set(HINTS) == set(Kind)
    assert not any(re.search(r"\d{2}", hint) for hint in HINTS.values())
    assert LINE_KINDS.isdisjoint(FILE_KINDS)


def test_cohort_prints_no_person():
    assert repr(verdict(lines(*GOOD)).cohort) == "Cohort(2 persons)"


ids = st.one_of(
    st.text("abc019 -=", min_size=0, max_size=22),
    st.integers(0, 30).map(specimen),
    st.sampled_from(['"q"', "é", "x\ty", '"']),
)
numbers = st.one_of(
    st.integers(0, 30).map(specimen), st.text("0123456789-. E", max_size=11), st.sampled_from(["", "x"])
)
rows = st.one_of(st.tuples(ids, numbers).map(",".join), st.sampled_from(["", ",", "a,b,c", "44,20161"]))
files = st.tuples(
    st.sampled_from([HEADER, "SS,YYYYQ", "10,20161", "", "44;20161"]),
    st.lists(rows, max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
).map(lambda parts: parts[2].join((parts[0], *parts[1])))


@settings(max_examples=400, deadline=None)
@given(text=files, policy=st.sampled_from(["strict", "exclude"]), world=st.sampled_from(list(SsnWorld)))
def test_columnar_and_exact_reading_agree_and_repeat_nothing(text, policy, world):
    fast = verdict(text, world=world, policy=policy)
    exact = verdict(text, world=world, policy=policy, columnar=False)
    assert (fast.ok, fast.quarter, fast.rows, fast.excluded) == (exact.ok, exact.quarter, exact.rows, exact.excluded)
    assert fast.problems == exact.problems
    if fast.cohort is not None:
        assert np.array_equal(fast.cohort.temporary_ids, exact.cohort.temporary_ids)
        assert np.array_equal(fast.cohort.ssn, exact.cohort.ssn)
        assert np.array_equal(fast.cohort.lines, exact.cohort.lines)
    said = " ".join(p.kind + p.hint for p in fast.problems)
    assert re.search(r"\d{4}", said) is None


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300), size=st.integers(1, 50))
def test_any_bytes_in_any_chunks_give_the_same_answer(data, size):
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    result = check(chunks, state_fips="44", quarters=QUARTERS, world=SsnWorld.SPECIMEN)
    assert result.ok == (not result.problems)
    assert result.problems == verdict(data).problems


LONG_LINES = [b"x" * 3_000_000, b" " * 70_000 + b"x", b"a" * 65_536 + b"\r", b"b" * 100_000 + b"\r\n", b"\r" * 70_000]


@pytest.mark.parametrize("long", range(len(LONG_LINES)))
@pytest.mark.parametrize("size", [1 << 20, 65_537, 70_000])
def test_long_lines_are_the_same_lines_in_any_chunks(long, size):
    data = lines(*GOOD).encode() * 2_000 + LONG_LINES[long] + f"\nz,{specimen(9)}\n".encode()
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    result = check(chunks, state_fips="44", quarters=QUARTERS, world=SsnWorld.SPECIMEN)
    assert result.problems == verdict(data).problems


def test_template_half_filled_in_is_named():
    assert set(kinds("\n".join(("44,YYYYQ", *GOOD)))) == {Kind.HEADER_LITERAL}


def test_header_below_blank_lines_is_missing():
    assert set(kinds("\n\n" + lines(*GOOD))) == {Kind.HEADER_MISSING, Kind.BLANK_LINE, Kind.HEADER_REPEATED}


@pytest.mark.parametrize("odd", ["\u00a0", "\u200b", "\ufeff", "\ufffd", "\x7f", "\x85"])
def test_id_with_a_character_nobody_sees_is_refused(odd):
    assert kinds(lines(f"x{odd}y,{specimen(9)}")) == {Kind.ID_CHARACTERS: (1, [2])}


def test_printed_hyphens_and_wide_formula_signs_are_known():
    dashed = "\u2011".join((specimen(9)[:3], specimen(9)[3:5], specimen(9)[5:]))
    assert set(kinds(lines(f"x,{dashed}", f"\uff1dx,{specimen(8)}"))) == {Kind.SSN_HYPHENS, Kind.ID_FORMULA}
