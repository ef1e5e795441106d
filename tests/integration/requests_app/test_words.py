"""Every state, step and event of the transition table has its words, and whose turn it is follows the table."""

import pytest

from disclosure.core.measures import CATALOGUE
from disclosure.core.tabulation.design import DIMENSIONS as TABULATED
from requests_app import wording
from requests_app.models import DataRequest
from requests_app.selectors.audit.history import WORDS
from requests_app.selectors.life.status import PATHS, SENTENCES, step_line
from requests_app.selectors.life.steps import DANGEROUS, FRESH_FACTOR, OWN_PAGE, WHAT_HAPPENS
from requests_app.selectors.life.turns import ENDED, NEVER_AWAITED, WORK, awaited_roles
from requests_app.states import BY_NAME, TRANSITIONS, Kind, Role, State

OFF_THE_LINE = {State.DENIED, State.DENIED_FOR_GOOD, State.EXPIRED, State.WITHDRAWN}


def test_work_has_a_line_for_every_turn_of_a_person() -> None:
    turns = {
        (state, role) for state in State for kind in Kind for role in awaited_roles(state, kind) if role != Role.SYSTEM
    }
    assert set(WORK) == turns


def test_every_state_has_a_sentence_and_a_place_on_its_line() -> None:
    assert set(SENTENCES) == set(State)
    for kind in Kind:
        reachable = {t.target for t in TRANSITIONS if kind in t.kinds} | {State.DRAFT}
        placed = {state for _, states in PATHS[kind] for state in states}
        assert reachable - OFF_THE_LINE <= placed, kind


def test_step_line_has_one_current_step() -> None:
    line = step_line(DataRequest(kind="micro", state="in_use"))
    assert [step.state for step in line] == ["complete"] * 5 + ["current"] + ["upcoming"] * 2
    assert step_line(DataRequest(kind="macro", state="withdrawn")) == []


def test_every_step_of_a_person_says_what_will_happen() -> None:
    assert set(WHAT_HAPPENS) == {t.name for t in TRANSITIONS if t.roles != {Role.SYSTEM}}
    assert set(BY_NAME) >= FRESH_FACTOR | set(OWN_PAGE) | DANGEROUS | NEVER_AWAITED


def test_every_transition_has_words_in_the_history() -> None:
    assert set(WORDS) >= {t.event for t in TRANSITIONS}


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_request_waits_for_nobody(state: State) -> None:
    assert not [awaited_roles(state, kind) for kind in Kind if awaited_roles(state, kind)]


def test_table_words_are_those_the_tabulator_knows() -> None:
    measures = wording.measures()
    assert list(measures) == list(CATALOGUE)
    assert set(wording.DIMENSIONS) == set(TABULATED)
    for name, measure in measures.items():
        assert (measure.title, measure.unit, set(measure.sources)) == (
            CATALOGUE[name].title,
            CATALOGUE[name].unit,
            CATALOGUE[name].sources,
        )
        assert measure.of_people or measure.of_universe
