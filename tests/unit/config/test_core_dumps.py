"""A crash must not write a worker's memory, with SSNs in it, to disk."""

import resource

from django.conf import settings


def test_every_process_forbids_core_dumps() -> None:
    assert settings.configured
    assert resource.getrlimit(resource.RLIMIT_CORE) == (1, 1)
