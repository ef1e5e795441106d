"""Who may come to a page or call the API: the words of the table of routes (config/routes.py).

An audience says who gets past the door. What they may do behind it, in which state of a request, is said by the table
of transitions and the policies, and refused there with reasons.
"""

from dataclasses import dataclass
from enum import StrEnum

from requests_app.models import DataRequest, Person
from requests_app.policies import Denied
from requests_app.selectors.life.requests import get_recorded, get_visible
from requests_app.standing import roles_of, roles_on
from requests_app.states import BLS_ROLES, Role


class About(StrEnum):
    """What the address is about; who does not see it is told that it does not exist."""

    NOTHING = ""
    REQUEST = "request"
    RECORD = "record"


@dataclass(frozen=True)
class Audience:
    """`words` for documents and refusals; `roles` empty means every role; the public needs no sign-in.

    A `hidden` page does not exist for those without the role, as if it were about a request they do not see.
    """

    words: str
    about: About = About.NOTHING
    roles: frozenset[Role] = frozenset()
    public: bool = False
    hidden: bool = False

    def find(self, person: Person, number: str) -> DataRequest | None:
        """The request the address names; `DataRequest.DoesNotExist` where the person does not see it."""
        if self.about is About.NOTHING:
            return None
        return get_visible(person, number) if self.about is About.REQUEST else get_recorded(person, number)

    def check(self, person: Person, request: DataRequest | None) -> None:
        """The person holds one of the roles, on the request where there is one; else `Denied`."""
        held = roles_on(person, request) if request else roles_of(person)
        if self.roles and not self.roles & held:
            raise Denied(f"This is for: {self.words}.")


def _titles(roles: frozenset[Role]) -> str:
    return ", ".join(role.label for role in Role if role in roles)


def holders(*roles: Role) -> Audience:
    """Signed-in people who hold one of the roles."""
    return Audience(_titles(frozenset(roles)), roles=frozenset(roles))


def on_request(*roles: Role) -> Audience:
    """People who see the request and hold one of the roles on it."""
    return Audience(f"{_titles(frozenset(roles))}, of this request", About.REQUEST, frozenset(roles))


PUBLIC = Audience("everybody, without sign-in", public=True)
SIGNED_IN = Audience("everybody who is signed in")
SEES_REQUEST = Audience("everybody who sees the request", About.REQUEST)
# The states asked to review an output see the request, not its form.
PARTY = Audience(
    "BLS, and the Coordinators and Agents of the request",
    About.REQUEST,
    frozenset(BLS_ROLES | {Role.COORDINATOR, Role.AGENT}),
    hidden=True,
)
READS_RECORD = Audience("everybody who sees the request, and the Auditor", About.RECORD)
