"""Separation of duty as data: every pair of roles, the texts of agreements, and what an agreement is worth."""

import hashlib
from itertools import product

import pytest

from requests_app.agreements.texts import FOLDER, VERSIONS, text_of
from requests_app.demo.cast import THREE_AT_BLS
from requests_app.separation import conflicts
from requests_app.states import BLS_ROLES, Role

OPENS_DATA = {Role.PROGRAM_ANALYST, Role.DISCLOSURE_ANALYST, Role.RELEASE_OFFICER, Role.DATA_STEWARD}
# What was signed under these names. A line is added, never changed.
SIGNED = {
    "agent-1": "c30beb6a7c7349a2bfe3660d05bb6a7e6fe9512ddd9a16bee91aac617fb4d5af",
    "employee-1": "5e4945f1cb35f507159cb5d10d37c56cf2520398e5a858fe22efebf37669644c",
}


@pytest.mark.parametrize(("one", "other"), list(product(sorted(BLS_ROLES), repeat=2)))
def test_administrator_holds_no_role_that_opens_data(one: Role, other: Role) -> None:
    refused = {one, other} & OPENS_DATA and Role.ADMINISTRATOR in {one, other}
    assert bool(conflicts(one, [other])) == bool(refused)


def test_three_people_at_bls_hold_every_role() -> None:
    for player in THREE_AT_BLS:
        assert not any(conflicts(role, player.roles) for role in player.roles)
    assert {role for player in THREE_AT_BLS for role in player.roles} == BLS_ROLES


def test_no_stored_text_ever_changes() -> None:
    assert VERSIONS == SIGNED
    assert {path.stem for path in FOLDER.glob("*.md")} == set(SIGNED)
    for version, sha256 in SIGNED.items():
        assert hashlib.sha256((FOLDER / f"{version}.md").read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("version", list(SIGNED))
def test_text_says_the_duties_and_the_penalty(version: str) -> None:
    text = text_of(version)
    words = " ".join(block.text + " ".join(block.lines) for block in (*text.duties, *text.agreement))
    for said in ("CIPSEA", "class E felony", "$250,000", "five years", "does not end", "without notice"):
        assert said in words
    assert len(text.agreement[-1].lines) in (6, 8)
    assert text.agreement[-1].numbered
