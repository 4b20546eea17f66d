"""The endpoints of correspondence: parse, one call, answer."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from attachments.file_answers import file_answer, part_of
from attachments.file_types import ANSWERED_TYPES, recipient_headers
from attachments.views import ATTACHMENT_ID, RANGE
from config.kernel import clock, gates
from config.kernel.forms import bind
from config.kernel.streamed_body import streamed
from config.kernel.transfers import uploads
from config.kernel.views import FORM, JSON, WireView, body_of, caller_of, id_of
from config.kernel.wsgi import connection_of
from correspondence import actions, examples, reads
from correspondence.examples import FORM_DESCRIPTION, FORM_SCHEMA
from correspondence.intake import received
from correspondence.serializers.answers import InitializeAnswer, Overview, initialize_answer, sender_overview
from correspondence.serializers.initialize import InitializeRequest

CORRESPONDENCE_ID = OpenApiParameter("correspondenceId", OpenApiTypes.UUID, OpenApiParameter.PATH)
_PART = OpenApiResponse(OpenApiTypes.BINARY, description="The part that `Range` asks for.")
RECIPIENT_FILE_RESPONSES: Any = {
    **{(200, name): OpenApiTypes.BINARY for name in ANSWERED_TYPES},
    **{(206, name): _PART for name in ANSWERED_TYPES},
}


class InitializeView(WireView):
    """POST /correspondence"""

    gates = {"post": gates.sender}
    consumes = {"post": JSON}
    problem_statuses = {"post": (409, 422)}
    problem_examples = examples.PROBLEMS

    @extend_schema(
        operation_id="initializeCorrespondence",
        summary="Send one correspondence to up to 500 recipients",
        description=(
            "Stores one correspondence for each recipient and answers at once; workers publish them now, or at "
            "`requestedPublishTime`. Names are read in any casing, unknown ones ignored."
        ),
        request=InitializeRequest,
        responses={200: InitializeAnswer},
        examples=examples.INITIALIZE,
        tags=["correspondence"],
    )
    def post(self, request: Request) -> Response:
        draft = InitializeRequest(data=body_of(request)).draft()
        return Response(initialize_answer(actions.initialize(draft=draft, caller=caller_of(request), now=clock.now())))


class InitializeWithFilesView(WireView):
    """POST /correspondence/upload"""

    gates = {"post": gates.sender}
    consumes = {"post": FORM}
    problem_statuses = {"post": (409, 422, 502)}

    @extend_schema(
        operation_id="initializeCorrespondenceWithFiles",
        summary="Send one correspondence together with its files",
        description=FORM_DESCRIPTION,
        request={FORM: FORM_SCHEMA},
        responses={200: InitializeAnswer},
        tags=["correspondence"],
    )
    def post(self, request: Request) -> Response:
        http_request, caller = request._request, caller_of(request)
        with (
            uploads.taken(caller.identity),
            streamed(http_request) as body,
            received(body, http_request.content_params or {}, caller) as form,
        ):
            bound = InitializeRequest(data=bind(InitializeRequest(), form.values))
            draft = bound.draft(form.files, form=True)
            accepted = actions.initialize(draft=draft, caller=caller, now=clock.now(), before_commit=form.commit)
        return Response(initialize_answer(accepted))


class OverviewView(WireView):
    """GET /correspondence/{correspondenceId}"""

    gates = {"get": gates.either}
    problem_examples = {401: examples.PROBLEMS[401]}

    @extend_schema(
        operation_id="getCorrespondence",
        summary="See how a correspondence stands",
        description="For its sender: its status, and until it is published its content.",
        parameters=[CORRESPONDENCE_ID],
        responses={200: Overview},
        examples=examples.GET_OVERVIEW,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str) -> Response:
        correspondence = reads.for_sender(
            caller=caller_of(request), correspondence_id=id_of(correspondenceId, "correspondenceId")
        )
        links = correspondence.mailing.attachments.in_order()
        return Response(sender_overview(correspondence, list(correspondence.events.in_order()), links))


class AttachmentDownloadView(WireView):
    """GET /correspondence/{correspondenceId}/attachment/{attachmentId}/download"""

    gates = {"get": gates.download}
    produces = None
    problem_statuses = {"get": (416, 502)}

    @extend_schema(
        operation_id="downloadCorrespondenceAttachment",
        summary="Fetch a file of a correspondence, as its recipient",
        description="Each request that includes the first byte is written in the history as AttachmentsDownloaded.",
        parameters=[CORRESPONDENCE_ID, ATTACHMENT_ID, RANGE],
        responses=RECIPIENT_FILE_RESPONSES,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str, attachmentId: str) -> HttpResponseBase:
        letter_id, file_id = id_of(correspondenceId, "correspondenceId"), id_of(attachmentId, "attachmentId")
        caller, now = caller_of(request), clock.now()
        attachment = reads.attachment_for_recipient(
            caller=caller, correspondence_id=letter_id, attachment_id=file_id, now=now
        )
        part = part_of(request, attachment)
        download = None
        if request.method != "HEAD":
            download = actions.download(
                caller=caller,
                correspondence_id=letter_id,
                attachment=attachment,
                part=part,
                connection=connection_of(request._request),
                now=now,
            )
        return file_answer(attachment, part, download, recipient_headers(attachment.file_name))
