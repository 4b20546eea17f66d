"""The endpoints of attachments: parse, one call, answer."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from attachments import actions, examples, faults, reads
from attachments.downloads import Download
from attachments.file_answers import file_answer, part_of
from attachments.file_types import BYTES
from attachments.models import Attachment
from attachments.serializers import (
    AttachmentDetails,
    AttachmentOverview,
    InitializeAttachmentRequest,
    attachment_details,
    attachment_overview,
)
from attachments.usage import usage
from config.kernel import clock, gates
from config.kernel.streamed_body import announced_length, streamed
from config.kernel.transfers import uploads
from config.kernel.views import JSON, WireView, body_of, caller_of, id_of
from config.kernel.wsgi import connection_of

TAG = "attachment"
ATTACHMENT_ID = OpenApiParameter("attachmentId", OpenApiTypes.UUID, OpenApiParameter.PATH)
RANGE = OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes, `bytes=0-1023`.")
FILE_RESPONSES: Any = {
    (200, BYTES): OpenApiTypes.BINARY,
    (206, BYTES): OpenApiResponse(OpenApiTypes.BINARY, description="The part that `Range` asks for."),
}


class InitializeAttachmentView(WireView):
    """POST /attachment"""

    gates = {"post": gates.sender}
    problem_errors = {"post": faults.INITIALIZE}
    consumes = {"post": JSON}
    body_key = "InitializeAttachmentExt"

    @extend_schema(
        operation_id="initializeAttachment",
        summary="Register a file before its upload",
        description=(
            "Answers the id under which the file is uploaded, and named in `existingAttachments` once it is Published. "
            "`sender` is ignored, whatever it holds."
        ),
        request=InitializeAttachmentRequest,
        responses={200: OpenApiTypes.UUID},
        examples=examples.INITIALIZE,
        tags=[TAG],
    )
    def post(self, request: Request) -> Response:
        draft = InitializeAttachmentRequest(data=body_of(request)).draft()
        return Response(str(actions.initialize(draft=draft, caller=caller_of(request), now=clock.now()).pk))


class UploadView(WireView):
    """POST /attachment/{attachmentId}/upload"""

    gates = {"post": gates.sender}
    consumes = {"post": BYTES}
    problem_errors = {"post": faults.UPLOAD}

    @extend_schema(
        operation_id="uploadAttachment",
        summary="Upload the bytes of a file",
        description=(
            "The raw bytes, with or without Content-Length. One try: whatever ends it, another upload is CORR-02005. "
            "Answers the attachment: Published, or UploadProcessing until the malware scanner has answered."
        ),
        parameters=[ATTACHMENT_ID],
        request={BYTES: OpenApiTypes.BINARY},
        responses={200: AttachmentOverview},
        tags=[TAG],
    )
    def post(self, request: Request, attachmentId: str) -> Response:
        attachment_id, http_request = id_of(attachmentId, "attachmentId"), request._request
        caller = caller_of(request)
        with uploads.taken(caller.identity), streamed(http_request) as body:
            attachment = actions.upload(
                caller=caller,
                attachment_id=attachment_id,
                body=body,
                announced=announced_length(http_request),
                clock=clock.now,
            )
        return Response(attachment_overview(attachment, ()))


class AttachmentView(WireView):
    """GET and DELETE /attachment/{attachmentId}"""

    gates = {"get": gates.sender, "delete": gates.sender}
    problem_errors = {"get": faults.SEE, "delete": faults.DELETE}

    @extend_schema(
        operation_id="getAttachment",
        summary="See how an attachment stands",
        description="Poll it between upload and sending: only a Published attachment can be sent.",
        parameters=[ATTACHMENT_ID],
        responses={200: AttachmentOverview},
        tags=[TAG],
    )
    def get(self, request: Request, attachmentId: str) -> Response:
        attachment = _own(request, attachmentId)
        return Response(attachment_overview(attachment, usage().correspondence_ids(attachment.pk)))

    @extend_schema(
        operation_id="deleteAttachment",
        summary="Delete an attachment that no correspondence carries",
        parameters=[ATTACHMENT_ID],
        responses={204: None},
        tags=[TAG],
    )
    def delete(self, request: Request, attachmentId: str) -> Response:
        attachment_id = id_of(attachmentId, "attachmentId")
        actions.purge(caller=caller_of(request), attachment_id=attachment_id, now=clock.now())
        return Response(status=204)


class DetailsView(WireView):
    """GET /attachment/{attachmentId}/details"""

    gates = {"get": gates.sender}
    problem_errors = {"get": faults.SEE}

    @extend_schema(
        operation_id="getAttachmentDetails",
        summary="See an attachment and its history",
        parameters=[ATTACHMENT_ID],
        responses={200: AttachmentDetails},
        tags=[TAG],
    )
    def get(self, request: Request, attachmentId: str) -> Response:
        attachment = _own(request, attachmentId)
        events = list(attachment.events.in_order())
        return Response(attachment_details(attachment, usage().correspondence_ids(attachment.pk), events))


class DownloadView(WireView):
    """GET /attachment/{attachmentId}/download"""

    gates = {"get": gates.sender}
    produces = None
    problem_errors = {"get": faults.DOWNLOAD}
    problem_statuses = {"get": (416,)}

    @extend_schema(
        operation_id="downloadAttachment",
        summary="Fetch the bytes of a file, as its sender",
        description="Possible until a correspondence that carries it is published.",
        parameters=[ATTACHMENT_ID, RANGE],
        responses=FILE_RESPONSES,
        tags=[TAG],
    )
    def get(self, request: Request, attachmentId: str) -> HttpResponseBase:
        caller = caller_of(request)
        attachment_id = id_of(attachmentId, "attachmentId")
        attachment = reads.to_download(caller=caller, attachment_id=attachment_id, now=clock.now())
        part = part_of(request, attachment)
        download = None
        if request.method != "HEAD":
            download = Download(attachment, part, connection_of(request._request), caller.identity)
        return file_answer(attachment, part, download, {"Content-Type": BYTES})


def _own(request: Request, attachment_id: str) -> Attachment:
    return reads.for_sender(caller=caller_of(request), attachment_id=id_of(attachment_id, "attachmentId"))
