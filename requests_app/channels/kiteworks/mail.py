"""One package by Kiteworks secure mail: exactly one mail, however often sending is begun anew.

A mail is a draft first, marked by the delivery's own id in its subject; every attempt looks for what earlier ones
left: a mail that went needs no other, a draft is taken up, spare drafts are thrown away. Only the call that sends the
draft cannot be taken back; a draft can be sent once. What the mail says names no confidential fact.
"""

from contextlib import suppress
from typing import Any

from requests_app.channels import places
from requests_app.channels.kiteworks.client import Client, Conflict, Gone
from requests_app.channels.kiteworks.upload import uploaded
from requests_app.channels.parcels import Parcel, Refused, TryAgain

DRAFT = "draft"
CLEAN = frozenset({"allowed", "clean", "ok", "done", "not_scanned", "disabled"})
PENDING = frozenset({"scanning", "pending", "in_progress", "queued"})


def send(parcel: Parcel) -> dict[str, Any]:
    """Sends the package to its recipients; the receipt once Kiteworks has scanned it and let it go."""
    with Client(places.kiteworks()) as client:
        drafts, sent = _earlier(client, parcel)
        mail = sent[0] if sent else drafts[0] if drafts else _draft(client, parcel)
        if not sent:
            _send(client, parcel, mail)
        _check_scan(client, mail["id"])
        _tidy(client, parcel)
        return {"mail": mail["id"], "subject": subject(parcel), "recipients": len(parcel.recipients)}


def look(_state: str, receipt: dict[str, Any]) -> dict[str, Any]:
    """How often the package was downloaded. The report's fields are not documented, so its lines are counted."""
    with Client(places.kiteworks()) as client:
        try:
            report = client.get(f"rest/mail/{receipt['mail']}/attachments/report")
        except (Gone, Conflict) as error:
            raise Refused(f"The mail's report is gone: {error}") from error
    rows = report.get("data", []) if isinstance(report, dict) else report or []
    return {"downloads": len(rows)}


def recall(_state: str, receipt: dict[str, Any]) -> None:
    """Withdraws the package from the mail: who has not downloaded it yet can no longer."""
    with Client(places.kiteworks()) as client:
        attachments = client.listed(f"rest/mail/{receipt['mail']}/attachments")
        ids = ",".join(str(attachment["attachmentId"]) for attachment in attachments if not attachment.get("withdrawn"))
        if ids:
            client.post(f"rest/mail/{receipt['mail']}/actions/withdrawFiles?id:in={ids}", {})


def subject(parcel: Parcel) -> str:
    """What the mail is called: the request, and the mark by which an earlier attempt is found."""
    return f"Wage records request {parcel.request_number}: your package [{parcel.delivery_id}]"


def _earlier(client: Client, parcel: Parcel) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Drafts and sent mails of earlier attempts, the oldest first."""
    begun = f"{parcel.begun_at:%Y-%m-%dT00:00:00+0000}"
    mails = client.listed("rest/mail", **{"deleted": "false", "date:gte": begun, "orderBy": "date:asc"})
    ours = sorted(
        (mail for mail in mails if mail.get("subject") == subject(parcel) and not mail.get("deleted")),
        key=lambda mail: (mail.get("date", ""), mail["id"]),
    )
    return [mail for mail in ours if mail.get("status") == DRAFT], [
        mail for mail in ours if mail.get("status") != DRAFT
    ]


def _tidy(client: Client, parcel: Parcel) -> None:
    """Throws spare drafts away; they went nowhere, so one that stays is no failure of the delivery."""
    with suppress(TryAgain, Refused):
        for spare in _earlier(client, parcel)[0]:
            client.delete(f"rest/mail/{spare['id']}")


def _draft(client: Client, parcel: Parcel) -> dict[str, Any]:
    try:
        return client.post(
            "rest/mail/actions/sendFile",
            {
                "subject": subject(parcel),
                "body": f"The package of request {parcel.request_number} is attached. "
                "Sign in to the Wage Records Application for its SHA-256 and the day by which it must be destroyed.",
                "to": list(parcel.recipients),
                "draft": True,
                "secureBody": True,
                "acl": "verify_recipient",
                "returnReceipts": [],
            },
        )
    except (Conflict, Gone) as error:
        raise Refused(f"The mail was not accepted: {error}") from error


def _send(client: Client, parcel: Parcel, mail: dict[str, Any]) -> None:
    try:
        file = uploaded(client, parcel, mail["id"], places.kiteworks().chunk_bytes)
        parcel.confirm()
        client.put(f"rest/mail/{mail['id']}/actions/sendFile", {"files": [file], "draft": False, "uploading": 0})
    except Gone as error:
        parcel.keep({})
        raise TryAgain(f"The draft went away while it was filled: {error}") from error
    except Conflict as error:
        if client.get(f"rest/mail/{mail['id']}").get("status") == DRAFT:
            parcel.keep({})
            raise TryAgain(f"The mail did not go: {error}") from error


def _check_scan(client: Client, mail: str) -> None:
    found = client.get(f"rest/mail/{mail}/scanStatus")
    status = str(found.get("status", "") if isinstance(found, dict) else found).lower()
    if status in PENDING:
        raise TryAgain("The mail was sent; Kiteworks is still scanning it.", after=5)
    if status not in CLEAN:
        raise Refused("Kiteworks' scan holds the mail back. Its administrator must look at it.")
