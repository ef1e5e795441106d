"""A package's bytes into a draft, chunk by chunk; what arrived before a break is not sent again."""

import hashlib
from collections.abc import Iterator
from typing import Any

from requests_app.channels.kiteworks.client import Client, Conflict, Gone
from requests_app.channels.parcels import Parcel, TryAgain

WITH = "(id,totalSize,totalChunks,uploadedChunks,uploadedSize,finished)"


def uploaded(client: Client, parcel: Parcel, mail: str, chunk_bytes: int) -> Any:
    """The id of the file that holds exactly the package's bytes, uploaded into the draft `mail`."""
    upload, done = _begun(client, parcel, mail, chunk_bytes)
    digest, answer = hashlib.sha3_256(), {}
    total = _chunks(parcel.size, chunk_bytes)
    for index, content in enumerate(pieces(parcel.read(), chunk_bytes), start=1):
        digest.update(content)
        if index > done:
            answer = _sent(client, upload, index, content, last=index == total)
    if "id" not in answer or not _is_whole(answer, parcel.size, digest.hexdigest()):
        client.delete(f"rest/uploads/{upload['id']}")
        parcel.keep({})
        raise TryAgain("The package did not arrive whole; it is sent anew.")
    return answer["id"]


def pieces(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, the last one shorter or as long."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size])
            del held[:size]
    yield bytes(held)


def _chunks(size: int, chunk_bytes: int) -> int:
    return max(1, -(-size // chunk_bytes))


def _begun(client: Client, parcel: Parcel, mail: str, chunk_bytes: int) -> tuple[dict[str, Any], int]:
    """An upload of this draft and how many chunks it has; an earlier one if it can be gone on with."""
    earlier = parcel.progress
    if earlier.get("mail") == mail and earlier.get("chunk_bytes") == chunk_bytes:
        upload = {"id": earlier["upload"], "uri": earlier["uri"]}
        try:
            status = client.get(f"rest/uploads/{upload['id']}", **{"with": WITH})
            if not status.get("finished"):
                return upload, int(status.get("uploadedChunks", 0))
        except (Gone, Conflict):
            pass  # begun anew below
    total = _chunks(parcel.size, chunk_bytes)
    made = client.post(
        f"rest/mail/{mail}/actions/initiateUpload",
        {"filename": parcel.name, "totalSize": parcel.size, "totalChunks": total},
    )
    parcel.keep({"mail": mail, "upload": made["id"], "uri": made["uri"], "chunk_bytes": chunk_bytes})
    return made, 0


def _sent(client: Client, upload: dict[str, Any], index: int, content: bytes, *, last: bool) -> dict[str, Any]:
    fields = {
        "compressionMode": "NORMAL",
        "compressionSize": str(len(content)),
        "originalSize": str(len(content)),
        "index": str(index),
    }
    try:
        return client.upload(upload["uri"], fields | ({"lastChunk": "1"} if last else {}), content)
    except Conflict as error:
        status = client.get(f"rest/uploads/{upload['id']}", **{"with": WITH})
        if int(status.get("uploadedChunks", 0)) < index:
            raise TryAgain(f"A part of the package was not taken: {error}") from error
        return {}


def _is_whole(file: dict[str, Any], size: int, sha3: str) -> bool:
    """The size, and where the server gives one, the fingerprint, are those of the package."""
    if int(file.get("size", size)) != size:
        return False
    given = {str(print_.get("algo")): print_.get("hash") for print_ in file.get("fingerprints", [])}
    return given.get("sha3-256", sha3) == sha3
