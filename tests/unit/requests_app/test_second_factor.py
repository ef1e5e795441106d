"""What was typed when the second factor went stale comes back once, with every mark of a list."""

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.test import RequestFactory

from requests_app.views.sign_in.second_factor import TYPED, take_typed


def test_what_was_typed_comes_back_once_with_every_mark() -> None:
    request = RequestFactory().get("/reviews/1/")
    request.session = SessionStore()
    request.session[TYPED] = {"page": "/reviews/1/", "values": {"cells": ["3", "5"], "reason": ["Known."]}}

    typed = take_typed(request)

    assert (typed.getlist("cells"), typed["reason"]) == (["3", "5"], "Known.")
    assert not take_typed(request)
