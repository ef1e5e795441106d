"""Sign-in through an agency's own OpenID Connect provider, or Login.gov: django-allauth's client, held tighter.

Beyond what allauth does: a nonce, the ID token's signature always verified, `private_key_jwt`, nothing taken from the
address that starts the sign-in, nothing kept of what the provider tells, and nobody is ever registered.
"""
