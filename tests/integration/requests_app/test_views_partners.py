"""Pages of partners: read by three roles, kept by one, every refusal on top of the form, few queries at any size."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.fips import STATES
from requests_app.models import Agency, Document, Event, Mou, Person, StatementOfAssurance
from requests_app.services.partners import partners, section_ii_g
from tests import factories
from tests.integration.requests_app.partner_records import in_days, maine, recorded, terms
from tests.pages import signed_in
from tests.papers import upload

READERS = {"program_analyst", "approving_official", "administrator"}


def chosen(name: str, day: date | None) -> dict[str, str]:
    """A day as the form sends it."""
    parts = (day.month, day.day, day.year) if day else ("", "", "")
    return {f"{name}_{part}": str(value) for part, value in zip(("month", "day", "year"), parts, strict=True)}


def mou_form(start: int, end: int, **other: Any) -> dict[str, Any]:
    """A whole MOU form."""
    said = {name: value for name, value in terms(**other).columns().items() if value not in (False, None)}
    return said | chosen("effective_on", in_days(start)) | chosen("ends_on", in_days(end))


def administrator(people: dict[str, Person]) -> Client:
    return signed_in(people["administrator"])


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def all_addresses(people: dict[str, Person]) -> dict[str, str]:
    """Every page of partners; the second value says whether only the Administrator has it."""
    agency, mou = people["coordinator"].agency, people["coordinator"].agency.mous.get()
    line = mou.coordinators.get()
    desk = {"name": "Desk", "email": "d@ri.example", "phone": "1"}
    contact = partners.add_contact(agency, actor=people["administrator"], purpose="incident", **desk)
    factories.draft(people)
    return {
        "partner_list": reverse("partner_list"),
        "agency": reverse("agency", args=["RI"]),
        "add_agency": reverse("add_agency"),
        **{name: reverse(name, args=["RI", mou.pk]) for name in ("amend_mou", "renew_mou", "end_mou", "complete_mou")},
        **{name: reverse(name, args=["RI", line.pk]) for name in ("change_coordinator", "end_coordinator")},
        **{
            name: reverse(name, args=["RI"])
            for name in ("record_mou", "add_coordinator", "add_contact", "add_statement")
        },
        "hand_over": reverse("hand_over", args=["RI", line.person.public_id]),
        "end_contact": reverse("end_contact", args=["RI", contact.pk]),
    }


def test_pages_are_read_by_three_roles_and_kept_by_one(people: dict[str, Person]) -> None:
    addresses = all_addresses(people)
    for key in (*READERS, "auditor", "coordinator"):
        client = signed_in(people[key])
        for name, address in addresses.items():
            allowed = key in READERS if name in {"partner_list", "agency"} else key == "administrator"
            assert client.get(address).status_code == (200 if allowed else 403), (key, name)


def test_readers_see_no_buttons(people: dict[str, Person]) -> None:
    page = text(signed_in(people["program_analyst"]).get(reverse("agency", args=["RI"])))
    assert "Rosa Almeida" in page
    for label in ("Amend", "Renew", "End early", "Name a coordinator", "Add a contact", "Add a statement"):
        assert label not in page


@pytest.mark.parametrize("path", ["/partners/BLS/", "/partners/ME/", "/partners/ZZ/", "/partners/RI/mous/x/amend/"])
def test_what_is_not_there_is_404(path: str, people: dict[str, Person]) -> None:
    assert administrator(people).get(path).status_code == 404


def test_list_shows_all_states_most_urgent_first(people: dict[str, Person]) -> None:
    lapsed = maine(people)
    recorded(lapsed, people, -300, -10)
    factories.lapse(people["coordinator_de"].agency.mous.all(), ends_on=in_days(20))
    response = signed_in(people["approving_official"]).get(reverse("partner_list"))
    rows = response.context["rows"]
    assert len(rows) == len(STATES) == 53
    assert [(row.state_name, row.words) for row in rows[:4]] == [
        ("Maine", "Lapsed"),
        ("Delaware", "In force, ends soon"),
        ("Rhode Island", "In force"),
        ("Alabama", "Not a partner yet"),
    ]
    assert rows[0].ended_on == in_days(-10)
    assert rows[2].missing == ["Statement of Assurance of the year"]


SHOWN = {"partners": 2, "soon": 0, "missing": 2, "none": 51, "": 53, "made up": 53}


@pytest.mark.parametrize("show", SHOWN)
def test_list_is_narrowed(show: str, people: dict[str, Person]) -> None:
    response = administrator(people).get(reverse("partner_list"), {"show": show})
    assert len(response.context["rows"]) == SHOWN[show]


def test_list_and_agency_take_few_queries_whatever_the_size(
    people: dict[str, Person], django_assert_max_num_queries: Any
) -> None:
    for fips, _, name in STATES:
        if fips not in {"10", "44"}:
            agency = partners.add_agency(fips, f"{name} LMI", actor=people["administrator"])
            recorded(agency, people, -100, 100)
            recorded(agency, people, 101, 200)
    staff = [
        Person(email=f"p{number}@ri.example", name=f"Person {number}", agency=people["coordinator"].agency)
        for number in range(12)
    ]
    for person in Person.objects.bulk_create(staff):
        section_ii_g.add_coordinator(
            person.agency, person, actor=people["administrator"], listed_from=in_days(0), listed_until=in_days(99)
        )
    client = signed_in(people["program_analyst"])
    for address, queries in ((reverse("partner_list"), 12), (reverse("agency", args=["RI"]), 14)):
        client.get(address)
        with django_assert_max_num_queries(queries):
            assert client.get(address).status_code == 200


def test_agency_is_added_and_goes_to_its_page(people: dict[str, Person]) -> None:
    client = administrator(people)
    assert 'value="23" selected' in text(client.get(reverse("add_agency"), {"state": "23"}))
    response = client.post(reverse("add_agency"), {"state": "23", "name": "Maine LMI"})
    assert response["Location"] == reverse("agency", args=["ME"])
    again = client.post(reverse("add_agency"), {"state": "23", "name": "Other"})
    assert again.status_code == 400
    assert Agency.objects.get(postal="ME").name == "Maine LMI"


def test_mou_is_recorded_by_the_form_with_its_scan(people: dict[str, Person]) -> None:
    maine(people)
    sent = mou_form(-5, 700, review_business_days=9) | {"upload": upload("ME MOU.pdf")}
    response = administrator(people).post(reverse("record_mou", args=["ME"]), sent, follow=True)
    mou = Mou.objects.get(agency__postal="ME")
    assert (mou.effective_on, mou.ends_on, mou.review_business_days) == (in_days(-5), in_days(700), 9)
    assert (mou.permits_establishment_tables, mou.document.name) == (False, "ME MOU.pdf")
    assert "9 business days" in text(response)
    assert reverse("document", args=[mou.document_id]) in text(response)


def test_everything_missing_is_said_on_top(people: dict[str, Person]) -> None:
    maine(people)
    response = administrator(people).post(reverse("record_mou", args=["ME"]), {})
    page = text(response)
    assert response.status_code == 400
    for words in (
        "There is a problem",
        "Give the day.",
        "Choose at least one activity.",
        "Choose at least one channel.",
    ):
        assert words in page
    wrong = mou_form(10, 5) | {"upload": upload("x.pdf"), "effective_on_day": "31", "effective_on_month": "2"}
    assert "There is no such day." in text(administrator(people).post(reverse("record_mou", args=["ME"]), wrong))


def test_overlap_is_said_on_top_and_recorded_as_refused(people: dict[str, Person]) -> None:
    response = administrator(people).post(reverse("record_mou", args=["RI"]), mou_form(5, 50))
    assert response.status_code == 400
    assert "has an MOU from" in text(response)
    refused = Event.objects.get(kind="attempt.refused")
    assert (refused.subject, refused.actor_id) == ("record_mou", people["administrator"].pk)


def test_scan_that_is_no_pdf_is_refused_at_its_field(people: dict[str, Person]) -> None:
    maine(people)
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = mou_form(0, 50) | {"upload": SimpleUploadedFile("mou.pdf", b"PK a spreadsheet")}
    response = administrator(people).post(reverse("record_mou", args=["ME"]), sent)
    assert (response.status_code, "not a whole PDF file" in text(response)) == (400, True)
    assert not Mou.objects.filter(agency__postal="ME").exists()
    assert not Document.objects.exists()


def test_amend_renew_and_end_by_their_forms(people: dict[str, Person]) -> None:
    client, agency = administrator(people), people["coordinator"].agency
    old = agency.mous.get()
    offered = client.get(reverse("amend_mou", args=["RI", old.pk])).context["form"]
    assert offered.initial["effective_on"] == in_days(1)
    client.post(reverse("amend_mou", args=["RI", old.pk]), mou_form(10, 1000, consent_by_lapse=True))
    new = agency.mous.get(effective_on=in_days(10))
    client.post(reverse("renew_mou", args=["RI", new.pk]), mou_form(1001, 2000))
    assert [mou.consent_by_lapse for mou in agency.mous.order_by("effective_on")] == [False, True, False]
    page = text(client.get(reverse("agency", args=["RI"])))
    assert page.count("Coming: from") == 2
    client.post(reverse("end_mou", args=["RI", old.pk]), {"why": "Notice given.", **chosen("last_day", in_days(-1))})
    page = text(client.get(reverse("agency", args=["RI"])))
    assert "Earlier: from" in page
    assert "Notice given." in page


def test_what_was_missing_is_asked_for_alone(people: dict[str, Person]) -> None:
    client, mou = administrator(people), people["coordinator"].agency.mous.get()
    address = reverse("complete_mou", args=["RI", mou.pk])
    assert list(client.get(address).context["form"].fields) == ["upload"]
    assert client.post(address, {}).status_code == 400
    assert client.post(address, {"upload": upload()}).status_code == 302
    assert "Add what was missing" not in text(client.get(reverse("agency", args=["RI"])))


def test_coordinator_is_named_changed_and_taken_off_and_the_work_handed_over(people: dict[str, Person]) -> None:
    client, request = administrator(people), factories.draft(people)
    rosa, tom = people["coordinator"], people["agent"]
    named = {"person": tom.public_id, "successor": rosa.public_id, "fallback_name": "Desk"}
    client.post(reverse("add_coordinator", args=["RI"]), named | chosen("listed_from", in_days(0)))
    line = rosa.section_ii_g_lines.get()
    changed = client.post(reverse("change_coordinator", args=["RI", line.pk]), {"successor": tom.public_id})
    assert changed.status_code == 302
    ending = reverse("end_coordinator", args=["RI", line.pk])
    assert f"{request.number}, Draft" in text(client.get(ending))
    ended = client.post(ending, chosen("last_day", in_days(-1)))
    hand_over = reverse("hand_over", args=["RI", rosa.public_id])
    assert ended["Location"] == hand_over
    assert "1 open request without a listed coordinator" in text(client.get(reverse("agency", args=["RI"])))
    assert f'value="{tom.public_id}" selected' in text(client.get(hand_over))
    client.post(hand_over, {"to_person": tom.public_id})
    request.refresh_from_db()
    assert request.coordinator == tom
    page = text(client.get(reverse("agency", args=["RI"])))
    assert "without a listed coordinator" not in page
    assert f"{request.number} Rosa Almeida to Tom Becker." in page


def test_person_of_another_agency_cannot_be_chosen(people: dict[str, Person]) -> None:
    sent = {"person": people["coordinator_de"].public_id} | chosen("listed_from", in_days(0))
    response = administrator(people).post(reverse("add_coordinator", args=["RI"]), sent)
    assert response.status_code == 400
    assert "Choose the person." not in text(response)


def test_fallback_without_a_name_is_asked_for_it(people: dict[str, Person]) -> None:
    line = people["coordinator"].section_ii_g_lines.get()
    address = reverse("change_coordinator", args=["RI", line.pk])
    response = administrator(people).post(address, {"fallback_phone": "401 555 0100"})
    assert (response.status_code, "Say whose address or number this is" in text(response)) == (400, True)


def test_statement_is_kept_and_read_by_bls(people: dict[str, Person]) -> None:
    year = timezone.localdate().year
    sent = {"year": year, "signed_by": "A. Director", "upload": upload()} | chosen("signed_on", in_days(0))
    administrator(people).post(reverse("add_statement", args=["RI"]), sent)
    statement = StatementOfAssurance.objects.get()
    assert (statement.year, statement.signed_on) == (year, timezone.localdate())
    analyst = signed_in(people["program_analyst"])
    assert f"Statement for {year} (PDF)" in text(analyst.get(reverse("agency", args=["RI"])))
    assert analyst.get(reverse("document", args=[statement.document_id])).status_code == 200
    rows = {row.state_name: row for row in analyst.get(reverse("partner_list")).context["rows"]}
    assert rows["Rhode Island"].has_statement
    assert not rows["Delaware"].has_statement


def test_contact_is_added_and_ended(people: dict[str, Person]) -> None:
    client = administrator(people)
    desk = {"purpose": "legal_demand", "name": "Counsel", "email": "counsel@ri.example", "phone": "401 555 0100"}
    client.post(reverse("add_contact", args=["RI"]), desk)
    contact = people["coordinator"].agency.contacts.get()
    client.post(reverse("end_contact", args=["RI", contact.pk]))
    page = text(client.get(reverse("agency", args=["RI"])))
    assert "Earlier contacts" in page
    assert "Subpoenas and other legal demands" in page
    number = client.post(reverse("add_contact", args=["RI"]), desk | {"name": "900-12-3456"})
    assert "looks like a Social Security number" in text(number)


def test_lapsed_mou_can_be_renewed_with_its_coordinators(people: dict[str, Person]) -> None:
    agency = people["coordinator"].agency
    factories.lapse(agency.mous.all(), ends_on=in_days(-5))
    old = agency.mous.get()
    page = text(administrator(people).get(reverse("agency", args=["RI"])))
    assert "has lapsed" in page
    assert reverse("renew_mou", args=["RI", old.pk]) in page
    assert reverse("amend_mou", args=["RI", old.pk]) not in page
    administrator(people).post(reverse("renew_mou", args=["RI", old.pk]), mou_form(-4, 500))
    assert agency.mous.get(ends_on=in_days(500)).coordinators.get().person == people["coordinator"]


@pytest.mark.parametrize("key", sorted(READERS))
def test_navigation_leads_to_partners(key: str, people: dict[str, Person]) -> None:
    assert f'href="{reverse("partner_list")}"' in text(signed_in(people[key]).get(reverse("home")))


def test_navigation_of_others_does_not(people: dict[str, Person]) -> None:
    for key in set(people) - READERS:
        assert f'href="{reverse("partner_list")}"' not in text(signed_in(people[key]).get(reverse("home"))), key


def test_day_of_the_form_offers_years_around_today() -> None:
    from requests_app.forms.mous import EndMouForm

    this_year = timezone.localdate().year
    years = list(EndMouForm().fields["last_day"].widget.years)  # type: ignore[attr-defined]
    assert (years[0], this_year in years) == (this_year - 1, True)
    assert timedelta(days=0) == in_days(0) - timezone.localdate()
