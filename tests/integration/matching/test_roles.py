"""Each part under its own database role: the loader loads, the worker matches, and neither does the other's part."""

from contextlib import contextmanager

import numpy as np
import pytest
from django.db import ProgrammingError, connection

from matching.core.tokens import tokens
from matching.loads.loading import load_establishments, load_wage_records
from matching.models import Load
from matching.store import contributions_macro, holdings, match, open_quarter, resolve
from matching.vault.persons import ssn_key
from tests.integration.matching.test_loads import establishments, records, specimen

pytestmark = pytest.mark.django_db


@contextmanager
def role(name: str):
    """The block as another role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {name}")
        yield
        cursor.execute("RESET ROLE")


@pytest.fixture(autouse=True)
def membership(db):
    """The owner made these roles; in the test's own transaction it becomes a member, to act as one of them."""
    with connection.cursor() as cursor:
        for name in ("wr_loader", "wr_worker", "wr_web"):
            cursor.execute(f"GRANT {name} TO wr_owner")


def test_loader_loads_and_worker_matches(tmp_path):
    with role("wr_loader"):
        assert load_wage_records(records(tmp_path / "a.csv", {"wage": "70"}, {"ssn": specimen(2)})).rows == 2
        assert load_establishments(establishments(tmp_path / "e.csv", {})).rows == 1
    with role("wr_worker"):
        ids = resolve(tokens(np.array([int(specimen(1))], np.uint32), ssn_key()))
        assert match(ids, open_quarter(20161, ["44"])).table().column("wages").to_pylist() == [70]
        assert contributions_macro("establishments", ["44"], [20161]).num_rows == 1
    with role("wr_web"):
        assert len(holdings()) == 2


@pytest.mark.parametrize("name", ["wr_worker", "wr_web"])
def test_no_one_else_loads(tmp_path, name):
    path = records(tmp_path / "a.csv", {})
    with pytest.raises(ProgrammingError, match="permission denied"), role(name):
        load_wage_records(path)


def test_web_reads_no_wage_data():
    with pytest.raises(ProgrammingError, match="permission denied"), role("wr_web"):
        Load.objects.count()
