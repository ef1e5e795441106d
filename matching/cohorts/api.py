"""Cohort files over HTTP: where they stand, and sending one in parts.

One way for both: a state's program calls these addresses with a token, the page of the request calls the same views at
addresses of its own with its session and the token against forged forms.
"""

from base64 import b64decode
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from matching.models.cohorts import CohortFile, CohortUpload
from matching.services import cohort_files, uploads
from matching.services.uploads import BadPart, Part
from requests_app.models import DataRequest, Person
from requests_app.sealed_parts import PART_BYTES
from requests_app.services.sign_in.tokens import Scope
from requests_app.views.people.access import person_of, seen_request

# The same views for the pages: who is signed in calls, and a session proves that its own page asked.
BY_SESSION: dict[str, Any] = {"authentication_classes": [SessionAuthentication], "schema": None}
BINARY = {"application/octet-stream": {"type": "string", "format": "binary"}}
PART_HEADERS = [
    OpenApiParameter(
        "Upload-Offset", int, OpenApiParameter.HEADER, required=True, description="Where the part begins."
    ),
    OpenApiParameter(
        "Content-Digest", str, OpenApiParameter.HEADER, required=True, description="sha-256=:BASE64: of the part."
    ),
]


class UploadRate(UserRateThrottle):
    """Many small files, or the parts of a large one, are many calls."""

    scope = "uploads"


class UploadBegun(serializers.Serializer[Any]):
    """What is to be sent: the place of the grid and the file's size."""

    cohort = serializers.CharField(max_length=80, help_text="The named cohort, as the form names it.")
    quarter = serializers.IntegerField(help_text="YYYYQ")
    bytes = serializers.IntegerField(min_value=0, help_text="The size of the whole file.")
    parts = serializers.ListField(
        child=serializers.RegexField(r"^[A-Za-z0-9+/]{43}=$"),
        required=False,
        max_length=10_000,
        help_text="The SHA-256 of each part of the file in base64. With it an upload of the same file that was broken "
        "off goes on where it was.",
    )


class UploadState(serializers.ModelSerializer[CohortUpload]):
    """How far an upload is. The next part begins at `received`; each has `part_bytes`, the last one what is left."""

    bytes = serializers.IntegerField(source="total_bytes")
    received = serializers.IntegerField(source="received_bytes")
    part_bytes = serializers.SerializerMethodField()
    ended = serializers.SerializerMethodField(help_text="True once the file was handed over, or must be begun again.")

    class Meta:
        model = CohortUpload
        fields = ("id", "cohort", "quarter", "bytes", "received", "part_bytes", "ended")
        read_only_fields = fields

    def get_part_bytes(self, _upload: CohortUpload) -> int:
        """The size of every part but the last."""
        return PART_BYTES

    def get_ended(self, upload: CohortUpload) -> bool:
        """Nothing more can be sent."""
        return upload.ended_at is not None


class FileProblem(serializers.Serializer[Any]):
    """One kind of problem, with the first 1,000 line numbers."""

    kind = serializers.CharField()
    count = serializers.IntegerField()
    lines = serializers.ListField(child=serializers.IntegerField())
    hint = serializers.CharField()
    file = serializers.CharField(default="", help_text="The other file of the request that contradicts; else empty.")


class FileState(serializers.ModelSerializer[CohortFile]):
    """A file and what the check said of it. Nothing of its content."""

    state = serializers.CharField(help_text="received, to_confirm, accepted, refused or replaced")
    problems = FileProblem(many=True)

    class Meta:
        model = CohortFile
        fields = ("id", "cohort", "quarter", "state", "rows", "excluded", "uploaded_at", "checked_at", "problems")
        read_only_fields = fields


class PlaceState(serializers.Serializer[Any]):
    """One place of the grid and its current file, if there is one."""

    cohort = serializers.CharField()
    quarter = serializers.IntegerField()
    state = serializers.CharField(help_text="missing, received, to_confirm, accepted or refused")
    file = FileState(allow_null=True)


class CohortFiles(APIView):
    """Every file the approved form asks for."""

    @extend_schema(responses=PlaceState(many=True))
    def get(self, request: Request, number: str) -> Response:
        """Every file the approved form asks for, and where it stands."""
        return Response(PlaceState(cohort_files.grid(_seen(request, number)), many=True).data)


class Uploads(APIView):
    """Beginning an upload."""

    needs_scope = Scope.UPLOAD
    throttle_classes = (UploadRate,)

    @extend_schema(request=UploadBegun, responses={201: UploadState})
    def post(self, request: Request, number: str) -> Response:
        """Begins to send a file in parts, or goes on with it; a file of the same cohort and quarter is replaced once
        this one arrived. The next part begins at `received`."""
        sent = UploadBegun(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        upload = uploads.begin(
            _seen(request, number),
            said["cohort"],
            said["quarter"],
            said["bytes"],
            actor=_person(request),
            parts=[b64decode(digest) for digest in said.get("parts", ())],
        )
        return Response(UploadState(upload).data, status=201)


class OneUpload(APIView):
    """An upload on its way."""

    needs_scope = Scope.UPLOAD
    throttle_classes = (UploadRate,)

    @extend_schema(responses=UploadState)
    def get(self, request: Request, number: str, upload_id: str) -> Response:
        """How far the upload is: after a cut connection, go on from `received`."""
        return Response(UploadState(_upload(request, number, upload_id)).data)

    @extend_schema(request=BINARY, parameters=PART_HEADERS, responses=UploadState)
    def put(self, request: Request, number: str, upload_id: str) -> Response:
        """Sends the next part. It is encrypted while it arrives and kept once it arrived whole."""
        upload = _upload(request, number, upload_id)
        try:
            taken = uploads.take_part(upload, _part(request), actor=_person(request))
        except BadPart as bad:
            raise ValidationError(str(bad)) from bad
        except OSError as cut:  # the connection, or what Django makes of it
            raise ValidationError(uploads.NOT_WHOLE) from cut
        return Response(UploadState(taken).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: str, upload_id: str) -> Response:
        """Gives the upload up; what arrived of it is destroyed."""
        uploads.give_up(_upload(request, number, upload_id))
        return Response(status=204)


class UploadFinished(APIView):
    """Handing a file over."""

    needs_scope = Scope.UPLOAD
    throttle_classes = (UploadRate,)

    @extend_schema(request=None, responses=FileState)
    def post(self, request: Request, number: str, upload_id: str) -> Response:
        """Hands the whole file over to be checked; asked again, the answer is the same."""
        row = uploads.finish(_upload(request, number, upload_id), actor=_person(request))
        return Response(FileState(row).data)


def _person(request: Request) -> Person:
    return person_of(request)  # type: ignore[arg-type]


def _seen(request: Request, number: str) -> DataRequest:
    return seen_request(request._request, number)


def _upload(request: Request, number: str, upload_id: str) -> CohortUpload:
    """The person's own upload for this request; nobody else's is there."""
    own = CohortUpload.objects.select_related("request__agency")
    found = own.filter(pk=upload_id, request=_seen(request, number), started_by=_person(request)).first()
    if found is None:
        raise Http404
    return found


def _part(request: Request) -> Part:
    http = request._request
    offset, length = http.headers.get("Upload-Offset", ""), http.headers.get("Content-Length", "")
    if not (offset.isascii() and offset.isdigit() and length.isascii() and length.isdigit()):
        raise BadPart("Send the headers Upload-Offset and Content-Length with the part.")
    digest = uploads.digest_from(http.headers.get("Content-Digest", ""))
    return Part(int(offset), int(length), digest, http.read)


def upload_addresses(number: str) -> dict[str, str]:
    """Where a page sends a file; `{id}` stands for the upload's."""
    one = reverse("cohort_upload", args=[number, "ID"])
    finish = reverse("cohort_upload_finish", args=[number, "ID"])
    return {"begin": reverse("cohort_uploads", args=[number]), "one": one, "finish": finish}
