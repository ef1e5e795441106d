"""The peer of `./run bench disclosure`: tau-ARGUS' modular method on CELLS, in a Python that has pytauargus.

`python tau_argus.py CELLS STATUS` writes the pattern and prints the processor seconds of suppression with its reading.
The hierarchies are those of the codes in CELLS: the same sensitive cells with the same protection, no rules of its own.
It works in an empty folder of its own: files that an earlier run left in the working directory make the next one fail
("may be infeasible") or crash.
"""

import csv
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_DIMENSIONS = ("naics", "geo", "own")
_STATUS = {"U": "P", "P": "P", "M": "S"}
Rows = list[dict[str, str]]


def main() -> None:
    cells, out = Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute()
    with cells.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in _DIMENSIONS if len({row[name] for row in rows}) > 1]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        seconds = _suppress(rows, names, cells.parent, cells.stem.removesuffix("cells"), Path(folder))
        status = _read(Path(folder) / "out.tab", names)
    found = [(row["cell"], status.get(tuple(row[name] for name in names), "F")) for row in rows]
    out.write_text("\n".join(["cell,status", *(",".join(one) for one in found)]) + "\n")
    print(seconds)


def _suppress(rows: Rows, names: list[str], source: Path, stem: str, folder: Path) -> float:
    """Write what the program reads, and run it; return processor seconds."""
    from pytauargus.engine import run_batch

    with (folder / "in.tab").open("w") as file:
        for row in rows:
            unsafe = "U" if row["primary"] == "1" else "S"
            amounts = [row[name] for name in ("wages", "n_empr", "top1", "top2")]
            file.write(";".join([*(row[name] for name in names), *amounts, unsafe, row["lpl"], row["upl"]]) + "\n")
    lines = ['<SEPARATOR> ";"', '<SAFE> "S"', '<UNSAFE> "U"', '<PROTECT> "P"']
    for name in names:
        (folder / f"{name}.hrc").write_text("\n".join(_tree(source / f"{stem}dim_{name}.csv")) + "\n")
        lines += [name, "<RECODEABLE>", '<TOTCODE> "TOTAL"', "<HIERARCHICAL>",
                  f'<HIERCODELIST> "{folder}/{name}.hrc"', '<HIERLEADSTRING> "@"']  # fmt: skip
    lines += ["wages", "<NUMERIC>", "<DECIMALS> 0", "freq", "<FREQUENCY>", "top1", "<MAXSCORE>", "top2", "<MAXSCORE>",
              "status", "<STATUS>", "lpl", "<NUMERIC> <LOWERPL>", "upl", "<NUMERIC> <UPPERPL>"]  # fmt: skip
    (folder / "in.rda").write_text("\n".join(lines) + "\n")
    crossed = "".join(f'"{name}"' for name in names)
    batch = [f'<OPENTABLEDATA> "{folder}/in.tab"', f'<OPENMETADATA> "{folder}/in.rda"',
             f'<SPECIFYTABLE> {crossed}|"wages"||', "<SAFETYRULE> ", "<READTABLE> 0", "<SUPPRESS> MOD(1,60,1,1,1)",
             f'<WRITETABLE> (1,5,SO+,"{folder}/out.tab")']  # fmt: skip
    (folder / "run.arb").write_text("\n".join(batch) + "\n")
    started = time.process_time()
    run_batch(str(folder / "run.arb"))
    return time.process_time() - started


def _tree(hierarchy: Path) -> list[str]:
    """Return the codes below the total, a leading sign for each level."""
    children: dict[str, list[str]] = {}
    with hierarchy.open(newline="") as file:
        for row in csv.DictReader(file):
            children.setdefault(row["parent"], []).append(row["code"])

    def below(code: str, level: int) -> Iterator[str]:
        for one in children.get(code, ()):
            yield "@" * level + one
            yield from below(one, level + 1)

    return list(below("TOTAL", 0))


def _read(path: Path, names: list[str]) -> dict[tuple[str, ...], str]:
    """Return the status of each cell: its codes, then value, frequency, largest, status, protection levels."""
    found = {}
    for line in path.read_text().splitlines():
        fields = [one.strip().strip('"') for one in line.split(";")]
        found[tuple(one or "TOTAL" for one in fields[: len(names)])] = _STATUS.get(fields[-3], "F")
    return found


if __name__ == "__main__":
    main()
