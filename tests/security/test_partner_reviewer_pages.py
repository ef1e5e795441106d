"""What a partner's reviewer can reach holds nothing of another state's and no disclosure parameter.

Every address of the site and the API that the reviewer of Delaware is let in to, and every link on every page they
read, is asked for during the review, after a rebuild and once it is decided, of a package and of an output, and
searched for: identifiers of every employer in the tables, every parameter by name, words and value, the reasons to
withhold, what the machine found, and what other states and BLS wrote. The same search finds them on BLS's pages.
"""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from config.routes import ROUTES
from disclosure import parameters
from disclosure.core.rules.parameters import Parameters
from disclosure.forms import PARAMETERS
from requests_app.audiences import Audience
from requests_app.models import DataRequest, Output, OutputReview, PartnerReview, Person
from requests_app.services.life import workflow
from requests_app.services.outputs import outputs
from requests_app.services.packages import packages
from requests_app.services.reviews import answers, messages
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import Role, State
from tests import factories
from tests.integration.disclosure.partner_review import also_asked, maine, under_review
from tests.integration.disclosure.review import work_off
from tests.integration.disclosure.test_outputs import SAID, TABLE, upload
from tests.integration.disclosure.test_rebuild import contributions
from tests.pages import signed_in
from tests.papers import pdf
from tests.security.places import parameters as parameters_of

People = dict[str, Person]
# Values found nowhere else on a page.
STRANGE = {"dominance_percent": 73, "p_percent": 17, "floor_percent": 9, "min_enterprises": 3}
VALUE = re.compile(r"(?<![\d.,])(?:73|17)\s?(?:%|percent)")
REASONS = ("Withheld: sensitive", "Withheld: protects others", "protects_others", "Too few enterprises", "dominat",
           "A small count", "nobody or everybody of a group", "to look at, by machine")  # fmt: skip
LINK = re.compile(r'href="(/[^"#]*)')
# What a reviewer may ask for and this story has none of.
NOT_HERE = {
    *("document", "read_duties", "sign_agreement", "withdraw_objection", "step"),
    *("incident", "incident_report", "incident_add"),
    *("tables", "chart_data"),  # of the request's team, once they are released
}
OF_MAINE = "One fishery of Maine can be recognized."
OF_BLS = "Kent County rests on two employers."


def needles() -> list[str]:
    """Everything that must not be found, but for values, which are a pattern."""
    employers = set(contributions().column("enterprise").to_pylist())
    words = [label for label, _ in PARAMETERS.values()]
    return [*sorted(employers), *Parameters().as_dict(), *words, *REASONS, OF_MAINE, OF_BLS]


def found_in(text: str) -> list[str]:
    return [needle for needle in needles() if needle.lower() in text.lower()] + VALUE.findall(text)


def is_about_sign_in(name: str) -> bool:
    return name.startswith(("account_", "mfa_", "usersessions", "session_", "openid_", "invitation"))


def addresses(request: DataRequest, output: Output) -> Iterator[str]:
    """Every address that can be read and names these requests, their parts, a state's review, a step or a holding."""
    values = {
        "number": [request.number, output.request.number], "section": ["scope", "tables"],
        "transition": ["withdraw_cells", "refuse_release"], "fips": ["44", "10"], "quarter": [20161],
        "kind": ["wage_records"], "cohort_number": [1], "page": [1],
        "review_id": [*PartnerReview.objects.values_list("pk", flat=True),
                      *OutputReview.objects.values_list("pk", flat=True)],
        "package_id": [str(one.pk) for one in request.packages.all()],
        "output_id": [output.pk], "file_id": [file.pk for file in output.files.all()],
    }  # fmt: skip
    needed = parameters_of()
    for name, methods in ROUTES.items():
        if "GET" not in methods or is_about_sign_in(name) or not set(needed.get(name, ["?"])) <= set(values):
            continue
        for one in product(*(values[parameter] for parameter in needed[name])):
            try:
                yield reverse(name, kwargs=dict(zip(needed[name], one, strict=True)))
            except NoReverseMatch:
                continue


def read_all(client: Client, token: str, paths: Iterable[str]) -> dict[str, str]:
    """What is answered with 200 at each address and at every link found there, in the browser or with the token."""
    read: dict[str, str] = {}
    waiting, asked = list(paths), set()
    while waiting:
        path = waiting.pop()
        if (
            path in asked
            or path.startswith("/static/")
            or is_about_sign_in(resolve(path.partition("?")[0]).url_name or "")
        ):
            continue
        asked.add(path)
        headers = {"Authorization": f"Bearer {token}"} if path.startswith("/api/") else {}
        answer = client.get(path, headers=headers)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if answer.status_code in {200, 286}:  # 286: htmx need not ask again
            read[path] = body.decode(errors="replace")
            waiting += [html.unescape(link) for link in LINK.findall(read[path])]
    return read


def unread(read: dict[str, str]) -> set[str]:
    """The addresses by name that let a reviewer in by their role, and of which none was read."""
    names = {resolve(path.partition("?")[0]).url_name for path in read}
    open_to = {name for name, methods in ROUTES.items() if "GET" in methods and lets_in(methods["GET"])}
    return {name for name in open_to if not is_about_sign_in(name)} - names


def lets_in(audience: Audience) -> bool:
    """An Output Reviewer may come, or may come where they see the request."""
    return not audience.roles or Role.OUTPUT_REVIEWER in audience.roles


def output_under_review(people: People) -> Output:
    """A table of Rhode Island's in which the machine finds something, that Maine objects to and BLS has asked about."""
    micro, _package = factories.with_package(people, State.IN_USE)
    with factories.behind_the_triggers():
        micro.packages.update(states_searched=["10", "23", "44"])
    output = outputs.start(micro, actor=people["coordinator"], **SAID)
    for content in (TABLE, pdf()):
        outputs.add_file(output, actor=people["coordinator"], upload=upload(content))
    outputs.take(output, "submit", actor=people["coordinator"])
    work_off(micro)
    output = outputs.take(output, "pass", actor=people["disclosure_analyst"])
    other = output.reviews.get(agency__fips="23")
    messages.write(other, actor=people["disclosure_analyst"], text=OF_BLS)
    factories.lapse(OutputReview.objects.filter(pk=other.pk), verdict="objection", reason=OF_MAINE,
                    answered_at=output.state_since)  # fmt: skip
    return output


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
    output = output_under_review(people)
    reviewer = people["output_reviewer"]
    client, (_, token) = signed_in(reviewer), create_token(actor=reviewer, name="all", scopes=[Scope.READ])
    for state in (State.PARTNER_REVIEW, State.READY_FOR_RELEASE):
        factories.place(request, state)
        read = read_all(client, token, addresses(request, output))
        assert unread(read) <= NOT_HERE
        assert {reverse("output_review", args=[output.reviews.get(agency=reviewer.agency).pk]),
                reverse("output_file", args=[output.files.all()[0].pk])} <= set(read)  # fmt: skip
        assert any(path.startswith("/api/") for path in read)
        leaks = {path: hits for path, text in read.items() if (hits := found_in(text))}
        assert leaks == {}
        newest = PartnerReview.objects.get(package=again, agency=reviewer.agency)
        assert state is not State.PARTNER_REVIEW or reverse("partner_review", args=[newest.pk]) in read
    care = bls.get(reverse("review_care", args=[request.number, other.pk])).content.decode()
    care += bls.get(reverse("output", args=[output.request.number, output.pk])).content.decode()
    assert {"Withheld: sensitive", "Withheld: protects others"} <= set(found_in(positive))
    assert {OF_MAINE, OF_BLS, "A small count"} <= set(found_in(care))
