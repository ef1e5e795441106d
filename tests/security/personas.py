"""Who tries every address, and what each of them is in words of the rules: the facts the matrix is judged by.

They stand here as literals, not asked of the code under test: who sees the requests of `places.py`, and which roles
count on them.
"""

from dataclasses import dataclass, field

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from requests_app.demo.cast import clear
from requests_app.models import Agency, Person
from requests_app.services.people import memberships
from requests_app.services.sign_in.tokens import Scope, create_token
from requests_app.states import STATE_ROLES, Role
from tests.pages import signed_in

R = Role
SEES_ALL_AT_BLS = {R.PROGRAM_ANALYST, R.APPROVING_OFFICIAL, R.DISCLOSURE_ANALYST, R.RELEASE_OFFICER}
USABLE = "argon2$any"  # a password, though nobody knows it
AN_HOUR = 60  # the second factor stays fresh while the matrix is walked
ROLES_AT_BLS = [role for role in Role if role not in STATE_ROLES and role is not Role.SYSTEM]


@dataclass
class Persona:
    """Somebody at a place: `requesting`, `reviewing` or `other` state, `bls`, or nobody (no person)."""

    place: str
    roles: frozenset[Role] = frozenset()
    person: Person | None = None
    browser: Client = field(default_factory=Client)
    machine: Client = field(default_factory=Client)

    def __str__(self) -> str:
        return f"{' and '.join(sorted(self.roles)) or 'no role'} ({self.place})"

    @property
    def is_nobody(self) -> bool:
        """Not signed in."""
        return self.person is None

    @property
    def on_request(self) -> frozenset[Role]:
        """The roles that count on the request: BLS's, the requesting state's team's, the asked reviewers'."""
        counts = {
            "requesting": frozenset({R.COORDINATOR, R.AGENT}),
            "reviewing": frozenset({R.OUTPUT_REVIEWER}),
            "other": frozenset(),
            "bls": frozenset(ROLES_AT_BLS),
        }
        return self.roles & counts.get(self.place, frozenset())

    @property
    def sees_request(self) -> bool:
        """The request is there for them, once it is no draft."""
        return bool(self.on_request & (SEES_ALL_AT_BLS | STATE_ROLES))

    @property
    def reads_record(self) -> bool:
        """The request's record page is there for them."""
        return self.sees_request or R.AUDITOR in self.roles


def personas(people: dict[str, Person]) -> list[Persona]:
    """Every role in every place where it can be, somebody without a role at a state and at BLS, and nobody."""
    maine, _ = Agency.objects.get_or_create(
        postal="ME", defaults={"fips": "23", "state_name": "Maine", "name": "Maine Labor Market Information"}
    )
    agencies = {
        "requesting": people["coordinator"].agency,
        "reviewing": people["output_reviewer"].agency,
        "other": maine,
        "bls": people["auditor"].agency,
    }
    cast = {(person.agency_id, key.removesuffix("_ri").removesuffix("_de")): person for key, person in people.items()}
    found = [Persona("nobody")]
    for place, agency in agencies.items():
        roles = ROLES_AT_BLS if place == "bls" else sorted(STATE_ROLES)
        for role in roles:
            person = cast.get((agency.pk, role.value)) or _new_person(agency, role, people["administrator"])
            found.append(_at_the_door(Persona(place, frozenset({role}), person)))
    found += [
        _at_the_door(Persona(p, person=_new_person(agencies[p], None, people["auditor"]))) for p in ("other", "bls")
    ]
    return found


def _new_person(agency: Agency, role: Role | None, official: Person) -> Person:
    name = f"{agency.postal} {role.label if role else 'Newcomer'}"
    email = f"{name.lower().replace(' ', '.')}@example.org"
    person = Person.objects.create_user(email, name=name, agency=agency)
    if role:
        memberships.give_role(person, role, actor=None, starts_on=timezone.localdate())
    clear(person, timezone.now(), official)
    return person


def _at_the_door(persona: Persona) -> Persona:
    assert persona.person is not None
    Person.objects.filter(pk=persona.person.pk).update(password=USABLE)
    persona.person.refresh_from_db()
    TOTP.activate(persona.person, generate_totp_secret())
    RecoveryCodes.activate(persona.person)
    persona.browser = signed_in(persona.person, minutes_ago=-AN_HOUR)
    _, secret = create_token(actor=persona.person, name="matrix", scopes=list(Scope))
    persona.machine = Client(headers={"authorization": f"Bearer {secret}"})
    return persona
