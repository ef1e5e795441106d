"""Files that do not make a table, or a strange one: each is refused in words without a value, or protected."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.unit.disclosure.core.test_table_files import CELLS, RELATIONS

MICRO = """n2,county,empr,wages
11,C1,a,100
11,C2,c,90
11,C2,e,60
11,C2,f,50
22,C1,d,60
22,C1,e,50
22,C1,f,40
22,C2,b,110
22,C2,a,90
22,C2,c,50
"""
HEADER = CELLS.partition("\n")[0] + "\n"
PLAIN = "cell,wages,primary,upl,lpl\n"
ZEROS = PLAIN + "a,0,1,1,0\nb,0,0,0,0\nt,0,0,0,0\n"
CYCLE = (PLAIN + "a,5,1,1,1\nb,5,0,0,0\nc,5,0,0,0\n",
         "rel,cell,coef\n0,a,-1\n0,b,1\n1,b,-1\n1,c,1\n2,c,-1\n2,a,1\n")  # fmt: skip
Content = str | bytes


def command(name: str, folder: Path, *more: str, **options: Any) -> dict[str, Any]:
    """Run a command on the files of a folder; return its summary."""
    if (folder / "micro.csv").exists():
        options["contributions"] = folder / "micro.csv"
    call_command(name, *(str(folder / one) for one in ("cells.csv", "relations.csv", *more)),
                 json=folder / "s.json", **options)  # fmt: skip
    found: dict[str, Any] = json.loads((folder / "s.json").read_text())
    return found


def write(folder: Path, cells: Content, relations: Content, micro: Content | None = None) -> None:
    for name, content in (("cells", cells), ("relations", relations), ("micro", micro)):
        if content is not None:
            (folder / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def of_x1(new: str, old: str = "C1,100,") -> str:
    """CELLS with something else in the row of x1."""
    return changed(CELLS, old, new)


REFUSED: list[tuple[Content, Content, Content | None, str]] = [
    ("", RELATIONS, None, "cells.csv: not readable as CSV: Empty CSV file"),
    (CELLS, "", None, "relations.csv: not readable as CSV: Empty CSV file"),
    (HEADER, RELATIONS, None, "cells.csv: there is no row below the header"),
    (CELLS, "rel,cell,coef\n", None, "relations.csv: there is no row below the header"),
    (CELLS.encode("utf-16"), RELATIONS, None, "cells.csv: not readable as CSV: 'utf-8'"),
    (gzip.compress(CELLS.encode()), RELATIONS, None, "cells.csv: not readable as CSV: 'utf-8'"),
    (CELLS.replace("x1", "\xe91").encode("latin-1"), RELATIONS, None, "invalid UTF8 data"),
    (of_x1("x\x001", "x1"), RELATIONS, None, "relations.csv, line 9: unknown cell x1"),
    (CELLS.replace("\n", "\r"), RELATIONS, None, "a column stands twice in the header"),
    (CELLS.replace(",", ";"), RELATIONS, None, "missing columns: cell, wages, upl, lpl, primary"),
    (of_x1('"x1,11', "x1,11"), RELATIONS, None, "Expected 11 columns, got 1$"),
    (of_x1("C1,100,1,7,7", "C1,100,1"), RELATIONS, None, "Expected 11 columns, got 13$"),
    (of_x1('C1,"1,00",'), RELATIONS, None, "line 7: wages is not a number"),
    (of_x1("C1,NaN,"), RELATIONS, None, "line 7: wages is not a number"),
    (of_x1("C1,inf,"), RELATIONS, None, "line 7: wages is not a number"),
    (of_x1("C1,0x64,"), RELATIONS, None, "line 7: wages is not a number"),
    (of_x1("C1,1e308,"), RELATIONS, None, "line 7: wages is too large"),
    (of_x1(f"C1,{2**53 + 1},"), RELATIONS, None, "line 7: wages is too large"),
    (of_x1(f"C1,{10**40},"), RELATIONS, None, "line 7: wages is too large"),
    (of_x1("C1,100.0000001,"), RELATIONS, None, "wages has more than 6 decimals"),
    (of_x1("0,1,nan,25", "0,1,25,25"), RELATIONS, None, "line 7: upl is not a number"),
    (of_x1("0,1,1e308,25", "0,1,25,25"), RELATIONS, None, "line 7: upl is too large"),
    (of_x1("0,1,25,-1", "0,1,25,25"), RELATIONS, None, "line 7: lpl is negative"),
    (of_x1("0,1,25,200", "0,1,25,25"), RELATIONS, None, "x1 cannot be protected in wages: it is asked to be uncertain"),
    (of_x1("0,,25,25", "0,1,25,25"), RELATIONS, None, "line 7: primary is neither 0 nor 1"),
    (of_x1("  ,11,C1", "x1,11,C1"), RELATIONS, None, "line 7: cell is empty"),
    (of_x1("C1,100,-1", "C1,100,1"), RELATIONS, None, "line 7: n_empr is negative"),
    (of_x1("C1,100,one", "C1,100,1"), RELATIONS, None, "line 7: n_empr is not a number"),
    (CELLS, changed(RELATIONS, "5,y2,1", "5,y2,0"), None, "1 relations do not add up: 5"),
    (CELLS, changed(RELATIONS, "5,y2,1", "5,y2,0.5"), None, "line 19: coef is not a whole number"),
    (CELLS, changed(RELATIONS, "5,y2,1", "5,y2,nan"), None, "line 19: coef is not a number"),
    (CELLS, RELATIONS + f"6,x,{10**15}\n6,y,{10**15}\n6,t,-{10**15}\n7,t,{2**53}\n", None, "too large to be added up"),
    (CELLS, RELATIONS + "6,x,1\n6,x,-1\n", None, "line 21: duplicate row of cell x in relation 6"),
    (CELLS, changed(RELATIONS, "0,t,-1", ",t,-1"), None, "line 2: rel is empty"),
    (CELLS, RELATIONS + "6,x,1\n", None, "1 relations do not add up: 6"),
    (CELLS + "z,9,C9,0,1,q,0,0,1,1,0\n", RELATIONS + "6,z,1\n", None, "z cannot be protected in wages: cells that"),
    (ZEROS, "rel,cell,coef\n0,t,-1\n0,a,1\n0,b,1\n", None, "a cannot be protected"),
    (CELLS, RELATIONS, "", "micro.csv: not readable as CSV: Empty CSV file"),
    (CELLS, RELATIONS, "n2,county,empr,wages\n", "micro.csv: there is no row"),
    (CELLS, RELATIONS, changed(MICRO, "a,100", "a,-100"), "micro.csv, line 2: wages is negative"),
    (CELLS, RELATIONS, changed(MICRO, "a,100", "a,nan"), "micro.csv, line 2: wages is not a number"),
    (CELLS, RELATIONS, changed(MICRO, "a,100", "a,100.25"), "line 2: wages is not a whole number"),
    (CELLS, RELATIONS, changed(MICRO, "C1,a,100", "C1,,100"), "line 2: empr is empty"),
    (CELLS, RELATIONS, changed(MICRO, "empr", "who"), "micro.csv: missing columns: empr"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "relations", "micro", "words"), REFUSED)
def test_what_makes_no_table_is_refused_without_a_value(
    cells: Content, relations: Content, micro: Content | None, words: str, tmp_path: Path
) -> None:
    write(tmp_path, cells, relations, micro)
    with pytest.raises(CommandError, match=words) as failure:
        command("protect_table", tmp_path, out=tmp_path / "status.csv")
    assert failure.value.returncode == 2
    assert "250" not in str(failure.value)
    assert not (tmp_path / "status.csv").exists()


def chain(length: int) -> tuple[str, str]:
    """One-child parents one below the other: all one and the same cell."""
    cells = [f"c{one},100,{int(one == length // 2)},5,5" if one == length // 2 else f"c{one},100,0,0,0"
             for one in range(length)]  # fmt: skip
    relations = [f"{one},c{one},-1\n{one},c{one + 1},1" for one in range(length - 1)]
    return PLAIN + "\n".join(cells) + "\n", "rel,cell,coef\n" + "\n".join(relations) + "\n"


def deep(levels: int) -> tuple[str, str]:
    """A hierarchy of this many levels, each parent with a child that goes on and one that does not."""
    cells = [f"p{one},{(levels - one) * 10 + 10},0,0,0\nq{one},10,{int(one % 50 == 0)},0,0" for one in range(levels)]
    relations = [f"{one},p{one},-1\n{one},p{one + 1},1\n{one},q{one},1" for one in range(levels)]
    return PLAIN + "\n".join([*cells, f"p{levels},10,0,0,0\n"]), "rel,cell,coef\n" + "\n".join(relations) + "\n"


STRANGE: list[tuple[Content, Content, Content | None, int]] = [
    ("\ufeff" + CELLS, "\ufeff" + RELATIONS, "\ufeff" + MICRO, 3),
    (CELLS.replace("\n", "\r\n"), RELATIONS.replace("\n", "\r\n"), MICRO, 3),
    ("\n".join(",".join(f'"{one}"' for one in line.split(",")) for line in CELLS.split()), RELATIONS, MICRO, 3),
    (CELLS.replace("\n", "\n\n"), RELATIONS + "\n\n", None, 3),
    (CELLS.replace(",", " , "), RELATIONS.replace(",", " , "), None, 3),
    (of_x1("C1,1e2,"), RELATIONS, None, 3),
    (CELLS.replace("x1,", '"x,""1",'), RELATIONS.replace("x1", '"x,""1"'), None, 3),
    (CELLS.replace("x1", "=1+1"), RELATIONS.replace("x1", "=1+1"), None, 3),
    (CELLS.replace("x1", "x" * 50_000), RELATIONS.replace("x1", "x" * 50_000), None, 3),
    (CELLS.replace("x1", "~sum"), RELATIONS.replace("x1", "~sum"), None, 3),
    (CELLS.replace("x1", "\U0001f600"), RELATIONS.replace("x1", "\U0001f600"), None, 3),
    (CELLS, RELATIONS + "6,x,2\n6,y,2\n6,t,-2\n7,t,3\n7,x,-3\n7,y,-3\n", None, 3),
    (CELLS + "z,99,C9,50,1,q,50,0,1,10,10\n", RELATIONS, None, 3),
    (CELLS.replace(",0,0,0\n", ",1,5,5\n"), RELATIONS, None, 0),
    (*CYCLE, None, 2),
    (*chain(600), None, 599),
    (*deep(300), None, 11),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "relations", "micro", "complementary"), STRANGE)
def test_strange_table_is_protected_and_its_audit_agrees(
    cells: Content, relations: Content, micro: Content | None, complementary: int, tmp_path: Path
) -> None:
    write(tmp_path, cells, relations, micro)
    summary = command("protect_table", tmp_path, out=tmp_path / "status.csv")
    assert summary["complementary"] == complementary
    audited = command("audit_table", tmp_path, "status.csv", intervals=True)
    assert audited["suppressed"] == summary["primary"] + complementary


def test_time_limit_that_is_over_writes_no_pattern(tmp_path: Path) -> None:
    write(tmp_path, CELLS, RELATIONS)
    with pytest.raises(CommandError, match="time limit") as failure:
        command("protect_table", tmp_path, out=tmp_path / "status.csv", time_limit=0.0)
    assert failure.value.returncode == 2
    assert not (tmp_path / "status.csv").exists()
