"""How django-allauth is bound to our accounts: nobody registers, and second-factor secrets are encrypted at rest."""

import os
from functools import cache

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

NONCE_BYTES = 12


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by BLS."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never."""
        return False


@cache
def _cipher() -> AESGCM:
    if settings.MFA_KEY_FILE is None:
        raise ImproperlyConfigured("Set MFA_KEY_FILE (see docs/operations.md).")
    return AESGCM(settings.MFA_KEY_FILE.read_bytes())


class SealedSecretsAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery codes are AES-256-GCM under a key that only the web process has."""

    def encrypt(self, text: str) -> str:
        """Nonce and ciphertext, as hex."""
        nonce = os.urandom(NONCE_BYTES)
        return (nonce + _cipher().encrypt(nonce, text.encode(), None)).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        sealed = bytes.fromhex(encrypted_text)
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
