"""Help: who may do what, told from the same tables that decide it, so it cannot be out of date."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from requests_app.guide import PICTURES
from requests_app.selectors.audit.routes import may_come, routes_by_part
from requests_app.selectors.life.steps import WHAT_HAPPENS
from requests_app.standing import roles_of
from requests_app.states import ALL_KINDS, TRANSITIONS, Role, State, Transition
from requests_app.views.people.access import person_of

PEOPLE = [role for role in Role if role is not Role.SYSTEM]
COMES = {"yes": "Yes", "if seen": "Where you see it"}


def help_index(request: HttpRequest) -> HttpResponse:
    """Where help begins: one's own roles first, then all others."""
    held = roles_of(person_of(request))
    mine, others = ([_row(role) for role in PEOPLE if (role in held) is own] for own in (True, False))
    return render(request, "help/index.html", {"mine": mine, "others": others, "columns": ["Role", "Takes"]})


def _row(role: Role) -> dict[str, Any]:
    return {"label": role.label, "url": reverse("help_role", args=[role]), "cells": [_summary(role)]}


def _summary(role: Role) -> str:
    """How much a role does, in numbers that lead on."""
    steps = sum(role in step.roles for step in TRANSITIONS)
    return f"{steps} {'step' if steps == 1 else 'steps'} of a request" if steps else "No step of a request"


def help_role(request: HttpRequest, role: str) -> HttpResponse:
    """What one role may do: the steps by the state of a request, then the pages and calls."""
    if role not in PEOPLE:
        raise Http404
    chosen = Role(role)
    context = {
        "role": chosen,
        "mine": chosen in roles_of(person_of(request)),
        "pictures": PICTURES.get(chosen, ()),
        "states": _steps_by_state(chosen),
        "parts": _addresses_by_part(chosen),
    }
    return render(request, "help/role.html", context)


def _steps_by_state(role: Role) -> list[dict[str, Any]]:
    """The states in which the role takes a step, in the order of a request's life."""
    found = []
    for state in State:
        steps = [step for step in TRANSITIONS if state in step.sources and role in step.roles]
        found += [{"state": state, "steps": list(map(_step, steps))}] if steps else []
    return found


def _step(step: Transition) -> dict[str, str]:
    kinds = "" if step.kinds == ALL_KINDS else ", ".join(sorted(kind.label for kind in step.kinds))
    return {"label": step.label, "kinds": kinds, "what": WHAT_HAPPENS[step.name].format(state="the state")}


def _addresses_by_part(role: Role) -> list[dict[str, Any]]:
    """Every address and method that is open to the role, part by part of the site."""
    parts = []
    for title, routes in routes_by_part().items():
        rows = [
            {"path": one.path, "method": one.method, "words": one.words, "comes": COMES[may]}
            for one in routes
            if (may := may_come(role, one.audience)) != "no"
        ]
        parts += [{"title": title, "rows": rows}] if rows else []
    return parts
