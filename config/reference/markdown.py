"""The few pieces of Markdown the reference pages are made of."""

from collections.abc import Callable, Iterable, Sequence

NOTICE = "<!-- Written by `./run manage generate_docs` from the code. Change the code, then run it again. -->"


def page(title: str, *blocks: str) -> str:
    """A whole page: title, notice and blocks, one blank line between them."""
    return "\n\n".join([f"# {title}", NOTICE, *(block.strip("\n") for block in blocks if block)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a pipe in a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {line}" for line in lines)


def rule_of(function: Callable[..., object]) -> str:
    """The first paragraph of a docstring: what the function promises, on one line."""
    paragraph = (function.__doc__ or "").strip().partition("\n\n")[0]
    if not paragraph:
        raise ValueError(f"{function.__qualname__} has no docstring, and the reference pages need its rule.")
    return " ".join(paragraph.split())
