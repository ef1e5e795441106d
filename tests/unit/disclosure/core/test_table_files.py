"""Tables from files: what is read, what is refused and in which words, and the commands on top."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from disclosure.core.files.csv_table import TableError
from disclosure.core.files.tables import read_status, read_table
from disclosure.core.rules.sensitivity import Parameters

CELLS = """cell,naics,geo,wages,n_empr,top1_id,top1,top2,primary,upl,lpl
t,TOTAL,TOTAL,700,9,a,150,110,0,0,0
x,11,TOTAL,300,5,a,100,90,0,0,0
y,22,TOTAL,400,6,b,110,90,0,0,0
r1,TOTAL,C1,250,5,a,100,60,0,0,0
r2,TOTAL,C2,450,7,b,110,90,0,0,0
x1,11,C1,100,1,a,100,0,1,25,25
x2,11,C2,200,4,c,90,60,0,0,0
y1,22,C1,150,4,d,60,40,0,0,0
y2,22,C2,250,5,b,110,90,0,0,0
"""
RELATIONS = """rel,cell,coef
0,t,-1
0,x,1
0,y,1
1,t,-1
1,r1,1
1,r2,1
2,x,-1
2,x1,1
2,x2,1
3,y,-1
3,y1,1
3,y2,1
4,r1,-1
4,x1,1
4,y1,1
5,r2,-1
5,x2,1
5,y2,1
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return the two files of a table of nine cells, one of them sensitive."""
    cells, relations = tmp_path / "cells.csv", tmp_path / "relations.csv"
    cells.write_text(CELLS)
    relations.write_text(RELATIONS)
    return cells, relations


def protected(files: tuple[Path, Path], **options: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Run protect_table; return its summary and the status of each cell."""
    folder = files[0].parent
    call_command("protect_table", *map(str, files), out=folder / "status.csv", json=folder / "s.json", **options)
    lines = (folder / "status.csv").read_text().split()
    assert lines[0] == "cell,status"
    return json.loads((folder / "s.json").read_text()), dict(line.split(",") for line in lines[1:])


def test_protected_table_is_a_rectangle(files: tuple[Path, Path]) -> None:
    summary, status = protected(files)
    assert {name: one for name, one in status.items() if one != "F"} == {"x1": "P", "x2": "S", "y1": "S", "y2": "S"}
    assert summary | {"seconds": 0} == {
        "cells": 9, "primary": 1, "complementary": 3, "value_share": round(600 / 2800, 5), "seconds": 0,
        "audit": {"exact": 0, "under": 0, "singleton": 0, "residual": 0},
    }  # fmt: skip


def test_order_of_rows_does_not_matter(files: tuple[Path, Path]) -> None:
    _, status = protected(files)
    for path in files:
        header, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    assert protected(files)[1] == status


def test_frozen_cell_is_published_or_the_table_refused(files: tuple[Path, Path]) -> None:
    frozen = files[0].parent / "frozen.csv"
    frozen.write_text("cell\ny2\n")
    assert protected(files, frozen=frozen)[1]["y2"] == "F"
    frozen.write_text("cell\nx2\nx\n")
    with pytest.raises(CommandError, match="The cell x1 cannot be protected") as failure:
        protected(files, frozen=frozen)
    assert failure.value.returncode == 2


def test_cells_withheld_before_are_withheld_again(files: tuple[Path, Path]) -> None:
    before = files[0].parent / "before.csv"
    before.write_text("cell,status\nr1,S\nt,S\nx,S\nx1,P\n")
    assert {name for name, one in protected(files, frozen=before)[1].items() if one == "S"} <= {
        "r1",
        "t",
        "x",
        "r2",
        "x2",
    }


@pytest.mark.parametrize(
    ("withheld", "counts"),
    [
        ("x1", {"exact": 1}),
        ("", {"exact": 1}),
        ("x1 x2 y1 y2", {}),
        ("x1 x2 y1", {"exact": 1}),
    ],
)
def test_audit_counts(files: tuple[Path, Path], withheld: str, counts: dict[str, int]) -> None:
    folder = files[0].parent
    names = [line.split(",")[0] for line in CELLS.splitlines()[1:]]
    lines = [f"{name},{'S' if name in withheld.split() else 'F'}" for name in names]
    (folder / "status.csv").write_text("\n".join(["cell,status", *lines]) + "\n")
    arguments = ("audit_table", *map(str, files), str(folder / "status.csv"))
    try:
        call_command(*arguments, json=folder / "audit.json", intervals=True)
        returned = 0
    except CommandError as failure:
        returned = failure.returncode
    summary = json.loads((folder / "audit.json").read_text())
    nothing = {"exact": 0, "under": 0, "singleton": 0, "residual": 0}
    assert {name: summary[name] for name in nothing} == nothing | counts
    assert returned == bool(counts)
    assert summary["suppressed"] == len(withheld.split())
    if not counts:
        assert summary["intervals"]["x1"] == [0, 250]


def edited(files: tuple[Path, Path], which: int, old: str, new: str) -> None:
    text = files[which].read_text()
    assert old in text
    files[which].write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("which", "old", "new", "message"),
    [
        (0, "C1,100,", "C1,101,", "2 relations do not add up: 2, 4"),
        (1, "5,y2,1", "5,zz,1", "line 19: unknown cell zz"),
        (0, "C1,100,", "C1,-100,", "line 7: wages is negative"),
        (0, "y2,22,C2", "y1,22,C2", "line 10: duplicate row of cell y1"),
        (1, "5,y2,1", "5,x2,1", "line 19: duplicate row of cell x2 in relation 5"),
        (0, "primary", "primaries", "missing columns: primary"),
        (1, "coef", "factor", "missing columns: coef"),
        (0, "C1,100,", "C1,many,", "line 7: wages is not a number"),
        (0, "C1,100,", "C1,,", "line 7: wages is empty"),
        (0, "0,1,25,25", "0,2,25,25", "line 7: primary is neither 0 nor 1"),
        (0, "cell,naics", "cell,cell", "a column stands twice"),
        (0, "x1,11,C1,100,1", "x1,11,C1,100", "not readable as CSV"),
    ],
)
def test_what_makes_no_table_is_refused(files: tuple[Path, Path], which: int, old: str, new: str, message: str) -> None:
    edited(files, which, old, new)
    with pytest.raises(TableError, match=message):
        read_table(*files, None, Parameters())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cell,status\nt,F\nq,F\n", "line 3: unknown cell q"),
        ("cell,status\nt,F\nt,F\n", "line 3: duplicate row of cell t"),
        ("cell,status\nt,F\n", "no status of cell x"),
        ("cell\nt\n", "missing columns: status"),
    ],
)
def test_what_makes_no_pattern_is_refused(files: tuple[Path, Path], text: str, message: str) -> None:
    status = files[0].parent / "status.csv"
    status.write_text(text)
    with pytest.raises(TableError, match=message):
        read_status(status, read_table(*files, None, Parameters()))


def test_contributions_match_cells_by_their_codes(files: tuple[Path, Path]) -> None:
    """Two accounts of one employer in a cell count once; the columns of other tables are left alone."""
    micro = files[0].parent / "micro.csv"
    amounts = {"x1": [("a", 60), ("a", 40)], "x2": [("c", 90), ("e", 60), ("f", 50)],
               "y1": [("d", 60), ("e", 50), ("f", 40)], "y2": [("b", 110), ("a", 90), ("c", 50)]}  # fmt: skip
    places = {"x1": "11,1111,C1", "x2": "11,1112,C2", "y1": "22,2211,C1", "y2": "22,2211,C2"}
    lines = [f"{places[cell]},O5,{who},{wages}" for cell, parts in amounts.items() for who, wages in parts]
    micro.write_text("\n".join(["n2,n4,county,own,empr,wages", *lines]) + "\n")
    table = read_table(*files, micro, Parameters())
    matrix = table.system.contributions["wages"]
    assert (np.asarray(matrix.sum(axis=1)).ravel() == table.system.values["wages"]).all()
    assert table.system.enterprises[table.system.index([("x1",), ("t",), ("x",)])].tolist() == [1, 6, 4]
    assert table.remarks == ()


def test_contributions_of_another_table_are_refused(files: tuple[Path, Path]) -> None:
    micro = files[0].parent / "micro.csv"
    micro.write_text("n2,county,empr,wages\n33,C9,a,5\n")
    with pytest.raises(TableError, match="add up to no cell"):
        read_table(*files, micro, Parameters())


def test_decimals_are_kept(files: tuple[Path, Path]) -> None:
    for place in ("11,C1,100", "11,TOTAL,300", "TOTAL,C1,250", "TOTAL,TOTAL,700"):
        edited(files, 0, place + ",", place + ".25,")
    edited(files, 0, ",25,25", ",25.001,25")
    table = read_table(*files, None, Parameters())
    cell = table.system.index([("x1",)])[0]
    assert table.system.values["wages"][cell] == 10_025
    assert table.sensitivity.need_up["wages"][cell] == 2_501  # 25.001 rounded up to hundredths
