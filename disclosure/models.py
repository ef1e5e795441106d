"""What disclosure protection must remember beyond a package (schema `ledger`: workers only)."""

import secrets

from django.db import models


def new_seal() -> str:
    """32 random bytes as hex."""
    return secrets.token_hex(32)


class ReleaseSeal(models.Model):
    """A secret of one request that is hashed with its disclosure record, so that nobody can guess parameters by trial.

    Kept, so that a build that is repeated gives the same bytes.
    """

    request_number = models.CharField(max_length=14, primary_key=True)
    seal = models.CharField(max_length=64, default=new_seal)

    class Meta:
        db_table = '"ledger"."release_seal"'

    def __str__(self) -> str:
        return f"Seal of {self.request_number}"
