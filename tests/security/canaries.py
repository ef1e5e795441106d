"""Canaries and every form they may be sent in, written here without the search's own code."""

import base64
import io
import secrets
import zipfile

from config.canary import Canary

Sent = dict[str, bytes]


def fresh() -> Canary:
    """A specimen SSN (area 9xx, group 49) and a temporary ID."""
    serial = 1000 + secrets.randbelow(9000)
    return Canary(f"{900 + secrets.randbelow(100)}49{serial}", f"ID{secrets.token_hex(4)}")


def as_text(canary: Canary) -> Sent:
    """Every form of the canary as a text, written here without the search's own code; form -> bytes."""
    ssn, four = canary.ssn, canary.ssn[-4:]
    hyphenated = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"
    return {
        "plain": f"line 7: {ssn} was sent".encode(),
        "hyphenated": f"<td>{hyphenated}</td>".encode(),
        "spaced": f"({hyphenated.replace('-', ' ')})".encode(),
        "plain, reversed": f"x{ssn[::-1]}x".encode(),
        "hyphenated, reversed": hyphenated[::-1].encode(),
        "plain, base64 0": base64.b64encode(f"{ssn}..".encode()),
        "plain, base64 1": base64.b64encode(f"1{ssn}.".encode()),
        "plain, base64 2": base64.b64encode(f"12{ssn}".encode()),
        "hyphenated, base64": base64.b64encode(f"[{hyphenated}]".encode()),
        "plain, hexadecimal": ssn.encode().hex().encode(),
        "last four beside the ID 0": f"{canary.temporary_id},{four}".encode(),
        "last four beside the ID 1": f"{canary.temporary_id}{four}".encode(),
        "last four beside the ID 2": f"{canary.temporary_id}...{four}".encode(),
        "last four beside the ID 3": f"{four};{canary.temporary_id}".encode(),
    }


def as_bytes(canary: Canary) -> Sent:
    """The textual forms, and those that only bytes can have."""
    return as_text(canary) | {
        "plain, UTF-16": canary.ssn.encode("utf-16-le"),
        "number little": int(canary.ssn).to_bytes(8, "little"),
        "number big": int(canary.ssn).to_bytes(8, "big"),
    }


def names(sent: Sent) -> set[str]:
    """The forms' names as hits give them."""
    return {name.rstrip("0123").strip().removesuffix(" little").removesuffix(" big") for name in sent}


def zipped(data: bytes) -> bytes:
    """A compressed ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.csv", data)
    return out.getvalue()
