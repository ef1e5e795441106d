"""Who plays in the demonstration and in the tests: two partner states and BLS, every role, all of them cleared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from requests_app.agreements.texts import current_version, text_of
from requests_app.form import ACTIVITIES
from requests_app.models import Agency, AgentAgreement, Mou, MouCoordinator, Person, Training
from requests_app.services.people import memberships, people
from requests_app.states import Role


@dataclass(frozen=True)
class Player:
    """A made-up person and the roles they hold."""

    key: str
    name: str
    agency: str
    title: str
    roles: tuple[Role, ...]

    @property
    def email(self) -> str:
        """The sign-in name: an address that can never exist."""
        return f"{self.name.lower().replace(' ', '.')}@{self.agency.lower()}.example"


AGENCIES = (
    (None, "BLS", "United States", "Bureau of Labor Statistics"),
    ("44", "RI", "Rhode Island", "Rhode Island Labor Market Information"),
    ("10", "DE", "Delaware", "Delaware Labor Market Information"),
)
PLAYERS = (
    Player("coordinator", "Rosa Almeida", "RI", "Research director", (Role.COORDINATOR,)),
    Player("agent", "Tom Becker", "RI", "Data analyst", (Role.AGENT,)),
    Player("output_reviewer_ri", "Ines Duarte", "RI", "Confidentiality officer", (Role.OUTPUT_REVIEWER,)),
    Player("coordinator_de", "Dana Whitfield", "DE", "Chief economist", (Role.COORDINATOR,)),
    Player("output_reviewer", "Marcus Hale", "DE", "Confidentiality officer", (Role.OUTPUT_REVIEWER,)),
    Player("program_analyst", "Priya Nair", "BLS", "Program analyst", (Role.PROGRAM_ANALYST,)),
    Player("approving_official", "Walter Boone", "BLS", "Division chief", (Role.APPROVING_OFFICIAL,)),
    Player("disclosure_analyst", "Elena Petrov", "BLS", "Statistician", (Role.DISCLOSURE_ANALYST,)),
    Player("second_disclosure_analyst", "Samuel Osei", "BLS", "Statistician", (Role.DISCLOSURE_ANALYST,)),
    Player("release_officer", "Grace Lindqvist", "BLS", "Release officer", (Role.RELEASE_OFFICER,)),
    Player("data_steward", "Hugo Marsh", "BLS", "Data steward", (Role.DATA_STEWARD,)),
    Player("auditor", "Nadia Rahman", "BLS", "Auditor", (Role.AUDITOR,)),
    Player("administrator", "Leo Tan", "BLS", "Administrator", (Role.ADMINISTRATOR,)),
)

# A third partner, whose people only review: of the demonstration and of whole running sites.
THIRD_AGENCY = ("11", "DC", "District of Columbia", "District of Columbia Labor Market Information")
THIRD_PLAYERS = (
    Player("coordinator_dc", "Vera Njoroge", "DC", "Research director", (Role.COORDINATOR,)),
    Player("output_reviewer_dc", "Owen Castell", "DC", "Confidentiality officer", (Role.OUTPUT_REVIEWER,)),
)
EVERY_PLAYER = (*PLAYERS, *THIRD_PLAYERS)

# Three people are enough to run BLS's part of everything, every rule that needs two persons included.
THREE_AT_BLS = (
    Player(
        "first",
        "Ada Quist",
        "BLS",
        "Program lead",
        (Role.PROGRAM_ANALYST, Role.DISCLOSURE_ANALYST, Role.DATA_STEWARD),
    ),
    Player(
        "second",
        "Ben Okafor",
        "BLS",
        "Branch chief",
        (Role.APPROVING_OFFICIAL, Role.DISCLOSURE_ANALYST, Role.RELEASE_OFFICER),
    ),
    Player(
        "third",
        "Cleo Marin",
        "BLS",
        "Division chief",
        (Role.ADMINISTRATOR, Role.AUDITOR, Role.APPROVING_OFFICIAL),
    ),
)


@transaction.atomic
def make_cast() -> dict[str, Person]:
    """The agencies with their MOUs, and everybody by key; made once, found again after."""
    if settings.WR_MODE not in {"demo", "test"}:
        raise ImproperlyConfigured("Made-up people are for demonstrations and tests only.")
    today = timezone.localdate()
    for row in AGENCIES:
        _make_agency(*row, today)
    cast = {player.key: _make_person(player, today) for player in PLAYERS}
    _clear_all(cast.values(), cast["approving_official"], cast["administrator"])
    return cast


@transaction.atomic
def make_every_player() -> dict[str, Person]:
    """The cast and the third partner's people."""
    cast, today = make_cast(), timezone.localdate()
    _make_agency(*THIRD_AGENCY, today)
    third = {player.key: _make_person(player, today) for player in THIRD_PLAYERS}
    _clear_all(third.values(), cast["approving_official"], cast["administrator"])
    return cast | third


@transaction.atomic
def make_three_at_bls() -> dict[str, Person]:
    """The cast with BLS played by three people alone: each part of BLS's by one of them who holds its role."""
    cast = make_cast()
    first, second, third = (_make_person(player, timezone.localdate()) for player in THREE_AT_BLS)
    _clear_all((first, second, third), second, third)
    return cast | {
        "program_analyst": first,
        "approving_official": third,
        "disclosure_analyst": first,
        "second_disclosure_analyst": second,
        "release_officer": second,
        "data_steward": first,
        "auditor": third,
        "administrator": third,
    }


def _clear_all(everybody: Iterable[Person], official: Person, other: Person) -> None:
    for person in everybody:
        if not person.agreements.exists():
            clear(person, timezone.now(), other if person == official else official)


def _make_agency(fips: str | None, postal: str, state_name: str, name: str, today: date) -> None:
    agency, made = Agency.objects.get_or_create(
        postal=postal, defaults={"fips": fips, "state_name": state_name, "name": name}
    )
    if made and fips:
        _make_mou(agency, today)


def _make_mou(agency: Agency, today: date) -> None:
    Mou.objects.create(
        agency=agency,
        effective_on=today - timedelta(days=400),
        ends_on=today + timedelta(days=1000),
        permitted_activities=list(ACTIVITIES),
        permits_establishment_tables=True,
        delivery_channels=["local_outbox"],
        security_provisions_attested_on=today - timedelta(days=390),
    )


def _make_person(player: Player, today: date) -> Person:
    found = Person.objects.filter(email=player.email).first()
    if found:
        return found
    agency = Agency.objects.get(postal=player.agency)
    person = people.invite(player.email, player.name, agency, actor=None, title=player.title)
    for role in player.roles:
        memberships.give_role(person, role, actor=None, starts_on=today - timedelta(days=30))
    if Role.COORDINATOR in player.roles:
        MouCoordinator.objects.create(mou=agency.mous.get(), person=person, listed_from=today - timedelta(days=30))
    return person


def clear(person: Person, now: datetime, official: Person) -> None:
    """Files an agreement and this year's training: the person may open confidential data."""
    then, text = now - timedelta(days=30), text_of(current_version(person.agency))
    AgentAgreement.objects.create(
        person=person,
        text_version=text.version,
        text_sha256=text.sha256,
        nominated_at=then,
        nominated_by=official,
        official_signed_at=then,
        official_signed_by=official,
        cipsea_read_at=then,
        signed_at=then,
        signed_name=person.name,
        filed_at=then,
        filed_by=official,
    )
    Training.objects.create(
        person=person,
        completed_on=timezone.localdate(now) - timedelta(days=20),
        submitted_at=now,
        submitted_by=person,
        accepted_at=now,
        accepted_by=official,
    )
