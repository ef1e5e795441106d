"""The texts of agreements, by version. A version is never changed: who signed it signed these bytes.

To change the words, add a file with the next number, its hash here, and name it in `CURRENT`. What was signed before
keeps its text.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from requests_app.models import Agency

FOLDER = Path(__file__).parent
VERSIONS = {
    "agent-1": "c30beb6a7c7349a2bfe3660d05bb6a7e6fe9512ddd9a16bee91aac617fb4d5af",
    "employee-1": "5e4945f1cb35f507159cb5d10d37c56cf2520398e5a858fe22efebf37669644c",
}
CURRENT_FOR_STATES, CURRENT_FOR_BLS = "agent-1", "employee-1"
NUMBERED = re.compile(r"^\d+\. ")


class ChangedText(Exception):
    """A stored version is not what it was signed as."""


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list of lines."""

    text: str = ""
    lines: tuple[str, ...] = ()
    numbered: bool = False


@dataclass(frozen=True)
class AgreementText:
    """A version in two parts: the duties, which the person reads, and the agreement, which they sign."""

    version: str
    sha256: str
    title: str
    duties: tuple[Block, ...]
    agreement: tuple[Block, ...]


def current_version(agency: Agency) -> str:
    """The version that somebody of this agency is asked to sign now: an agent agreement, at BLS the oath."""
    return CURRENT_FOR_BLS if agency.is_bls else CURRENT_FOR_STATES


@cache
def text_of(version: str) -> AgreementText:
    """The text of a version. `ChangedText` where the file is not the one that was signed."""
    content = (FOLDER / f"{version}.md").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != VERSIONS[version]:
        raise ChangedText(f"{version}.md was changed; add a new version instead.")
    heading, *parts = re.split(r"^##? ", content.decode(), flags=re.MULTILINE)[1:]
    duties, agreement = (part.partition("\n")[2] for part in parts)
    return AgreementText(version, sha256, heading.strip(), _blocks(duties), _blocks(agreement))


def _blocks(part: str) -> tuple[Block, ...]:
    """Paragraphs, lists of points, and numbered paragraphs joined to one list."""
    found: list[Block] = []
    for paragraph in part.strip().split("\n\n"):
        numbered = NUMBERED.match(paragraph)
        if paragraph.startswith("- "):
            found.append(Block(lines=tuple(line.removeprefix("- ") for line in paragraph.splitlines())))
        elif numbered and found and found[-1].numbered:
            found[-1] = Block(lines=(*found[-1].lines, paragraph[numbered.end() :]), numbered=True)
        elif numbered:
            found.append(Block(lines=(paragraph[numbered.end() :],), numbered=True))
        else:
            found.append(Block(text=paragraph))
    return tuple(found)
