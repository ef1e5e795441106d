"""Kiteworks secure mail, the channel BLS uses (REST API, version 28): `mail` sends, `client` speaks HTTP."""
