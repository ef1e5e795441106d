"""The environment of one process, made from the tests' own as the launcher makes it."""

import os
from collections.abc import Callable

import pytest

from config import launch


@pytest.fixture
def environment_of() -> Callable[[str], dict[str, str]]:
    """The environment `launch` would give a process of this kind."""
    return lambda kind: launch.environment(kind, os.environ)
