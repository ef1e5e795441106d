"""What PostgreSQL says of a failed load quotes the row; the command does not pass it on."""

import io
import re
import uuid
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from matching.core.tokens import tokens
from matching.models import Load, VaultPerson
from matching.vault import keys as vault_keys
from tests.integration.matching.test_loads import records, specimen

pytestmark = pytest.mark.django_db


def test_row_that_postgresql_quotes_is_not_said(tmp_path: Path) -> None:
    token = tokens(np.array([int(specimen(7))], np.uint32), vault_keys.live_key().key).tobytes()
    known = VaultPerson.objects.create(person_id=1, token=uuid.UUID(bytes=token), key_version=1)  # and in no segment
    path, out, err = records(tmp_path / "a.csv", {"ssn": specimen(7), "wage": 54_321}), io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as refused, transaction.atomic():
        call_command("load_wage_records", path, stdout=out, stderr=err)
    words = f"{refused.value} {out.getvalue()} {err.getvalue()}"
    assert "PostgreSQL ended the load (UniqueViolation). Nothing of it was loaded" in words
    assert refused.value.__cause__ is None
    assert str(known.token) not in words
    assert not re.search(r"\d{4}", words)
    assert not Load.objects.exists()
