"""What a partner's reviewer can reach holds nothing of another state's and no disclosure parameter.

Every address of the site and the API that the reviewer of Delaware is let in to is asked for during the review, after
a rebuild and once it is decided, and searched for: identifiers of every employer in the tables, every parameter by
name, words and value, the reasons to withhold, and what other states and BLS wrote. The same search finds them on
BLS's pages.
"""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from config.routes import ROUTES
from disclosure import parameters
from disclosure.core.rules.parameters import Parameters
from disclosure.forms import PARAMETERS
from requests_app.models import DataRequest, PartnerReview, Person
from requests_app.services.life import workflow
from requests_app.services.packages import packages
from requests_app.services.reviews import answers, messages
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import State
from tests import factories
from tests.integration.disclosure.partner_review import also_asked, maine, under_review
from tests.integration.disclosure.review import work_off
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import signed_in
from tests.security.places import parameters as parameters_of

People = dict[str, Person]
# Values found nowhere else on a page.
STRANGE = {"dominance_percent": 73, "p_percent": 17, "floor_percent": 9, "min_enterprises": 3}
VALUE = re.compile(r"(?<![\d.,])(?:73|17)\s?(?:%|percent)")
REASONS = ("Withheld: sensitive", "Withheld: protects others", "protects_others", "Too few enterprises", "dominat")
OF_MAINE = "One fishery of Maine can be recognized."
OF_BLS = "Kent County rests on two employers."


def needles() -> list[str]:
    """Everything that must not be found, but for values, which are a pattern."""
    employers = set(contributions().column("enterprise").to_pylist())
    words = [label for label, _ in PARAMETERS.values()]
    return [*sorted(employers), *Parameters().as_dict(), *words, *REASONS, OF_MAINE, OF_BLS]


def found_in(text: str) -> list[str]:
    return [needle for needle in needles() if needle.lower() in text.lower()] + VALUE.findall(text)


def addresses(request: DataRequest, reviews: list[str]) -> Iterator[str]:
    """Every address that can be read and names this request, its parts, a state's review, a step or a holding."""
    values = {
        "number": [request.number], "section": ["scope", "tables"], "transition": ["withdraw_cells", "refuse_release"],
        "fips": ["44", "10"], "quarter": [20161], "kind": ["wage_records"], "cohort_number": [1],
        "review_id": reviews, "package_id": [str(one.pk) for one in request.packages.all()],
    }  # fmt: skip
    needed = parameters_of()
    for name, methods in ROUTES.items():
        about_sign_in = name.startswith(("account_", "mfa_", "usersessions", "session_"))
        if "GET" not in methods or about_sign_in or not set(needed.get(name, ["?"])) <= set(values):
            continue
        for one in product(*(values[parameter] for parameter in needed[name])):
            try:
                yield reverse(name, kwargs=dict(zip(needed[name], one, strict=True)))
            except NoReverseMatch:
                continue


def read_all(client: Client, token: str, paths: Iterator[str]) -> dict[str, str]:
    """What is answered with 200 at each address, in the browser or with the token."""
    read = {}
    for path in paths:
        headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
        answer = client.get(path, headers=headers)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if answer.status_code == 200:
            read[path] = body.decode(errors="replace")
    return read


def objection_of_maine(review: PartnerReview, codes: list[str], request: DataRequest) -> None:
    """Maine has no reviewer in the cast: its answer is put down as it would stand."""
    with factories.behind_the_triggers():
        PartnerReview.objects.filter(pk=review.pk).update(
            verdict="objection", reason=OF_MAINE, cells=[codes], answered_at=request.state_since
        )


def test_reviewer_reads_nothing_of_others_and_no_parameter(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "current", lambda: Parameters(**STRANGE))
    request, package, review = under_review(people, monkeypatch)
    other = also_asked(package, maine())
    messages.write(other, actor=people["disclosure_analyst"], text=OF_BLS)
    answers.answer(review, actor=people["output_reviewer"], verdict="objection", reason="One of ours.",
                   package_sha256=package.sha256, cells=[["20161", "44001", "441"]])  # fmt: skip
    objection_of_maine(other, ["20161", "44003", "442"], request)
    request = workflow.transition(request, "withdraw_cells", actor=people["disclosure_analyst"], reason=OF_BLS)
    request = work_off(request)
    again = request.packages.order_by("-version")[0]
    packages.sign_off(request, actor=people["disclosure_analyst"], package_sha256=again.sha256, notes=OF_BLS)
    bls = signed_in(people["second_disclosure_analyst"])
    positive = bls.get(reverse("workbench", args=[request.number])).content.decode()
    request = workflow.transition(request, "send_to_partners", actor=people["second_disclosure_analyst"])
    asked = [*PartnerReview.objects.filter(request=request).values_list("pk", flat=True)]
    reviewer = people["output_reviewer"]
    client, (_, token) = signed_in(reviewer), create_token(actor=reviewer, name="all", scopes=[Scope.READ])
    for state in (State.PARTNER_REVIEW, State.READY_FOR_RELEASE):
        factories.place(request, state)
        read = read_all(client, token, addresses(request, asked))
        assert len(read) > 15, sorted(read)
        assert any(path.startswith("/api/") for path in read)
        leaks = {path: hits for path, text in read.items() if (hits := found_in(text))}
        assert leaks == {}
        newest = PartnerReview.objects.get(package=again, agency=reviewer.agency)
        assert state is not State.PARTNER_REVIEW or reverse("partner_review", args=[newest.pk]) in read
    care = bls.get(reverse("review_care", args=[request.number, other.pk])).content.decode()
    assert {"Withheld: sensitive", "Withheld: protects others"} <= set(found_in(positive))
    assert {OF_MAINE, OF_BLS} <= set(found_in(care))
