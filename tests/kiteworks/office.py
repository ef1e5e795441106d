"""What the simulated Kiteworks holds: mails, uploads, files; and its rules, as the documentation has them."""

import hashlib
import itertools
import uuid
from dataclasses import dataclass, field
from typing import Any

MEBIBYTE = 1024 * 1024
LARGEST_CHUNK = 65 * MEBIBYTE


class Answer(Exception):
    """An error as the API gives it."""

    def __init__(self, status: int, code: str, at_field: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": code, "message": "No."} | ({"field": at_field} if at_field else {})


@dataclass
class Mail:
    """A draft or a sent mail."""

    id: str
    number: int
    subject: str
    to: list[str]
    status: str = "draft"
    files: list[int] = field(default_factory=list)
    deleted: bool = False
    withdrawn: bool = False
    scans_left: int = 0
    times_sent: int = 0

    def entity(self) -> dict[str, Any]:
        """As the API shows it."""
        shown = {"id": self.id, "subject": self.subject, "status": self.status, "deleted": self.deleted}
        return shown | {"date": f"2026-11-22T00:00:{self.number:05d}+0000", "bucket": self.status, "type": "original"}


@dataclass
class Upload:
    """A file on its way into a draft."""

    id: int
    mail: str
    filename: str
    total_size: int
    total_chunks: int
    chunks: list[bytes] = field(default_factory=list)
    finished: bool = False

    def entity(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id,
            "uri": f"rest/uploads/{self.id}",
            "totalSize": self.total_size,
            "totalChunks": self.total_chunks,
            "uploadedChunks": len(self.chunks),
            "uploadedSize": sum(map(len, self.chunks)),
            "finished": self.finished,
        }


class Office:
    """The state of one simulated server."""

    def __init__(self) -> None:
        self.mails: dict[str, Mail] = {}
        self.uploads: dict[int, Upload] = {}
        self.files: dict[int, bytes] = {}
        self.downloads: dict[str, list[dict[str, Any]]] = {}
        self.slow_scans = 0
        self._ids = itertools.count(1)

    def sent(self) -> list[tuple[list[str], list[bytes]]]:
        """Every mail that went: to whom, with which bytes, once for each time it was sent."""
        went = [mail for mail in self.mails.values() for _ in range(mail.times_sent)]
        return [(mail.to, [self.files[file] for file in mail.files]) for mail in went]

    def create_mail(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("draft") is not True:
            raise Answer(422, "ERR_INVALID_PARAMETER", "draft")
        if not body.get("to") or not all("@" in str(one) for one in body["to"]):
            raise Answer(422, "ERR_INVALID_PARAMETER", "to")
        if body.get("acl") not in {"verify_recipient", "no_auth", "otp", "internal", "anyone_auth"}:
            raise Answer(422, "ERR_INVALID_PARAMETER", "acl")
        number = next(self._ids)
        mail = Mail(str(uuid.UUID(int=number)), number, str(body["subject"]), list(body["to"]))
        self.mails[mail.id] = mail
        return mail.entity()

    def mail(self, mail_id: str) -> Mail:
        found = self.mails.get(mail_id)
        if found is None:
            raise Answer(404, "ERR_ENTITY_NOT_FOUND")
        if found.deleted:
            raise Answer(410, "ERR_ENTITY_DELETED_PERMANENTLY")
        return found

    def _draft(self, mail_id: str) -> Mail:
        found = self.mail(mail_id)
        if found.status != "draft":
            raise Answer(409, "ERR_ENTITY_EXISTS")
        return found

    def initiate_upload(self, mail_id: str, body: dict[str, Any]) -> dict[str, Any]:
        self._draft(mail_id)
        for name in ("filename", "totalSize", "totalChunks"):
            if not body.get(name):
                raise Answer(422, "ERR_INVALID_PARAMETER", name)
        upload = Upload(next(self._ids), mail_id, body["filename"], int(body["totalSize"]), int(body["totalChunks"]))
        self.uploads[upload.id] = upload
        return upload.entity()

    def upload(self, upload_id: int) -> Upload:
        if upload_id not in self.uploads:
            raise Answer(404, "ERR_ENTITY_NOT_FOUND")
        return self.uploads[upload_id]

    def chunk(self, upload_id: int, fields: dict[str, str], content: bytes) -> dict[str, Any]:
        upload = self.upload(upload_id)
        if fields.get("compressionMode") != "NORMAL":
            raise Answer(422, "ERR_INVALID_PARAMETER", "compressionMode")
        if not len(content) == int(fields["originalSize"]) == int(fields["compressionSize"]):
            raise Answer(422, "ERR_INVALID_PARAMETER", "originalSize")
        if len(content) > LARGEST_CHUNK:
            raise Answer(413, "ERR_SYSTEM_NO_STORAGE_AVAILABLE")
        if upload.finished or int(fields["index"]) != len(upload.chunks) + 1:
            raise Answer(422, "ERR_INVALID_PARAMETER", "index")
        is_last = fields.get("lastChunk") == "1"
        if is_last != (int(fields["index"]) == upload.total_chunks):
            raise Answer(422, "ERR_INVALID_PARAMETER", "lastChunk")
        upload.chunks.append(content)
        return self._file(upload) if is_last else {}

    def _file(self, upload: Upload) -> dict[str, Any]:
        content = b"".join(upload.chunks)
        if len(content) != upload.total_size:
            raise Answer(422, "ERR_INVALID_PARAMETER", "totalSize")
        upload.finished = True
        file_id = next(self._ids)
        self.files[file_id] = content
        sha3 = hashlib.sha3_256(content).hexdigest()
        return {
            "id": file_id,
            "name": upload.filename,
            "size": len(content),
            "fingerprints": [{"algo": "sha3-256", "hash": sha3}],
        }

    def abort(self, upload_id: int) -> None:
        self.upload(upload_id)
        del self.uploads[upload_id]

    def send(self, mail_id: str, body: dict[str, Any]) -> dict[str, Any]:
        mail = self._draft(mail_id)
        if body.get("draft") is not False or body.get("uploading") != 0:
            raise Answer(422, "ERR_INVALID_PARAMETER", "draft")
        if not body.get("files") or not all(file in self.files for file in body["files"]):
            raise Answer(422, "ERR_INVALID_PARAMETER", "files")
        mail.files, mail.status = list(body["files"]), "sent"
        mail.times_sent += 1
        mail.scans_left = self.slow_scans
        return mail.entity()

    def scan(self, mail_id: str) -> dict[str, Any]:
        mail = self.mail(mail_id)
        if mail.scans_left:
            mail.scans_left -= 1
            return {"status": "scanning"}
        return {"status": "allowed"}

    def delete(self, mail_id: str) -> None:
        self._draft(mail_id).deleted = True

    def attachments(self, mail_id: str) -> list[dict[str, Any]]:
        mail = self.mail(mail_id)
        return [{"attachmentId": file, "withdrawn": mail.withdrawn} for file in mail.files]

    def withdraw(self, mail_id: str, ids: list[str]) -> None:
        mail = self.mail(mail_id)
        if mail.status != "sent" or set(ids) - set(map(str, mail.files)):
            raise Answer(422, "ERR_INVALID_PARAMETER", "id:in")
        mail.withdrawn = True
