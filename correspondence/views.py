"""The endpoints of correspondence: parse, one call, answer."""

from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from attachments.file_answers import file_answer, part_of
from attachments.file_types import ANSWERED_TYPES, recipient_headers
from attachments.views import ATTACHMENT_ID, RANGE
from config.kernel import clock, gates
from config.kernel.caller import Caller
from config.kernel.database import give_back
from config.kernel.forms import bind
from config.kernel.streamed_body import streamed
from config.kernel.transfers import renderings, uploads
from config.kernel.views import FORM, JSON, TEXT, WireView, body_of, caller_of, id_of, ids_of
from config.kernel.wsgi import connection_of
from correspondence import actions, examples, faults, reads
from correspondence.examples import FORM_DESCRIPTION, FORM_SCHEMA, STATUS_DIAGRAM
from correspondence.intake import received
from correspondence.metrics import counts_outcome
from correspondence.models import Correspondence
from correspondence.search import search
from correspondence.serializers.answers import (
    Details,
    FoundIds,
    InitializeAnswer,
    Overview,
    content_text,
    details,
    initialize_answer,
    overview,
)
from correspondence.serializers.initialize import InitializeRequest
from correspondence.serializers.query import SEARCH_PARAMETERS, search_of

_QUICK_TO_RENDER = 4_000  # characters
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
    problem_errors = {"post": faults.INITIALIZE}
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
    @counts_outcome
    def post(self, request: Request) -> Response:
        draft = InitializeRequest(data=body_of(request)).draft()
        return Response(initialize_answer(actions.initialize(draft=draft, caller=caller_of(request), now=clock.now())))


class InitializeWithFilesView(WireView):
    """POST /correspondence/upload"""

    gates = {"post": gates.sender}
    consumes = {"post": FORM}
    problem_errors = {"post": faults.INITIALIZE_WITH_FILES}

    @extend_schema(
        operation_id="initializeCorrespondenceWithFiles",
        summary="Send one correspondence together with its files",
        description=FORM_DESCRIPTION,
        request={FORM: FORM_SCHEMA},
        responses={200: InitializeAnswer},
        tags=["correspondence"],
    )
    @counts_outcome
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


class SearchView(WireView):
    """GET /correspondence; beside InitializeView's POST (urls.py)."""

    gates = {"get": gates.either}
    problem_errors = {"get": faults.SEARCH}

    @extend_schema(
        operation_id="findCorrespondences",
        summary="Find correspondences that were sent or received",
        description=(
            "At most 1000 ids, newest `requestedPublishTime` first. With `status` those that ever had it. Names of "
            "parameters, roles and statuses are read in any casing."
        ),
        parameters=SEARCH_PARAMETERS,
        responses={200: FoundIds},
        examples=examples.SEARCH,
        tags=["correspondence"],
    )
    def get(self, request: Request) -> Response:
        wanted = search_of((name, value) for name, values in request.query_params.lists() for value in values)
        ids = search(caller=caller_of(request), wanted=wanted)
        return Response({"ids": [str(row_id) for row_id in ids]})


class CorrespondencesView(InitializeView, SearchView):
    """/correspondence"""

    gates = {**InitializeView.gates, **SearchView.gates}
    consumes = InitializeView.consumes
    problem_errors = {**InitializeView.problem_errors, **SearchView.problem_errors}


class OverviewView(WireView):
    """GET /correspondence/{correspondenceId}"""

    gates = {"get": gates.either}
    problem_errors = {"get": faults.SEE}
    problem_examples = {401: examples.PROBLEMS[401]}

    @extend_schema(
        operation_id="getCorrespondence",
        summary="See how a correspondence stands",
        description=(
            "For its sender: its status, and until it is published its content. For its recipient, once it is "
            "published: its content too; that it was fetched is written in the history, once in 15 s."
        ),
        parameters=[CORRESPONDENCE_ID],
        responses={200: Overview},
        examples=examples.GET_OVERVIEW,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str) -> Response:
        return Response(overview(actions.open_overview(**_look(request, correspondenceId))))


class DetailsView(WireView):
    """GET /correspondence/{correspondenceId}/details"""

    gates = {"get": gates.either}
    problem_errors = {"get": faults.SEE}
    problem_examples = {401: examples.PROBLEMS[401]}

    @extend_schema(
        operation_id="getCorrespondenceDetails",
        summary="See how a correspondence stands, and all that happened to it",
        description=(
            f"The overview and the history. {STATUS_DIAGRAM} Each look of its recipient is written in the history. "
            "Its sender sees what was purged too."
        ),
        parameters=[CORRESPONDENCE_ID],
        responses={200: Details},
        examples=examples.GET_DETAILS,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str) -> Response:
        return Response(details(actions.open_details(**_look(request, correspondenceId))))


class ContentView(WireView):
    """GET /correspondence/{correspondenceId}/content"""

    gates = {"get": gates.recipient}
    problem_errors = {"get": faults.SEE}
    produces = TEXT

    @extend_schema(
        operation_id="getCorrespondenceContent",
        summary="Read a correspondence, as its recipient",
        description="The body as Markdown without anything that runs. Writes Fetched in the history, and Read once.",
        parameters=[CORRESPONDENCE_ID],
        responses={(200, f"{TEXT}; charset=utf-8"): OpenApiTypes.STR},
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str) -> HttpResponseBase:
        caller = caller_of(request)
        with ExitStack() as rendering:
            correspondence = actions.open_content(
                **_look(request, correspondenceId),
                admit=lambda letter: rendering.enter_context(_room_to_render(letter, caller)),
            )
            give_back()  # a hostile body takes two seconds
            return HttpResponse(content_text(correspondence), content_type=f"{TEXT}; charset=utf-8")


class MarkAsReadView(WireView):
    """POST /correspondence/{correspondenceId}/markasread"""

    gates = {"post": gates.recipient}
    problem_errors = {"post": faults.MARK_AS_READ}

    @extend_schema(
        operation_id="markCorrespondenceAsRead",
        summary="Say that a correspondence was read, as its recipient",
        description="It must have been fetched before. Once: a second time is CORR-01040.",
        parameters=[CORRESPONDENCE_ID],
        request=None,
        responses={200: OpenApiTypes.UUID},
        tags=["correspondence"],
    )
    def post(self, request: Request, correspondenceId: str) -> Response:
        correspondence_id = id_of(correspondenceId, "correspondenceId")
        actions.mark_as_read(caller=caller_of(request), correspondence_id=correspondence_id, now=clock.now())
        return Response(str(correspondence_id))


class ConfirmView(WireView):
    """POST /correspondence/{correspondenceId}/confirm"""

    gates = {"post": gates.recipient}
    problem_errors = {"post": faults.CONFIRM}

    @extend_schema(
        operation_id="confirmCorrespondence",
        summary="Confirm a correspondence, as its recipient",
        description="It must have been fetched before. Once: a second time is CORR-01041.",
        parameters=[CORRESPONDENCE_ID],
        request=None,
        responses={200: OpenApiTypes.UUID},
        tags=["correspondence"],
    )
    def post(self, request: Request, correspondenceId: str) -> Response:
        correspondence_id = id_of(correspondenceId, "correspondenceId")
        actions.confirm(caller=caller_of(request), correspondence_id=correspondence_id, now=clock.now())
        return Response(str(correspondence_id))


class PurgeView(WireView):
    """DELETE /correspondence/{correspondenceId}/purge"""

    gates = {"delete": gates.either}
    problem_errors = {"delete": faults.PURGE}

    @extend_schema(
        operation_id="purgeCorrespondence",
        summary="Delete a correspondence",
        description=(
            "Its sender can until it is published, or if it failed: it is never published then. Its recipient can "
            "once it is published, and confirmed where that is demanded. Its history stays."
        ),
        parameters=[CORRESPONDENCE_ID],
        responses={200: OpenApiTypes.UUID},
        tags=["correspondence"],
    )
    def delete(self, request: Request, correspondenceId: str) -> Response:
        correspondence_id = id_of(correspondenceId, "correspondenceId")
        actions.purge(caller=caller_of(request), correspondence_id=correspondence_id, now=clock.now())
        return Response(str(correspondence_id))


class AttachmentDownloadView(WireView):
    """GET /correspondence/{correspondenceId}/attachment/{attachmentId}/download"""

    gates = {"get": gates.download}
    produces = None
    problem_errors = {"get": faults.DOWNLOAD}
    problem_statuses = {"get": (416,)}

    @extend_schema(
        operation_id="downloadCorrespondenceAttachment",
        summary="Fetch a file of a correspondence, as its recipient",
        description="Each request that includes the first byte is written in the history as AttachmentsDownloaded.",
        parameters=[CORRESPONDENCE_ID, ATTACHMENT_ID, RANGE],
        responses=RECIPIENT_FILE_RESPONSES,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str, attachmentId: str) -> HttpResponseBase:
        correspondence_id, file_id = ids_of({"correspondenceId": correspondenceId, "attachmentId": attachmentId})
        caller, now = caller_of(request), clock.now()
        attachment = reads.attachment_for_recipient(
            caller=caller, correspondence_id=correspondence_id, attachment_id=file_id, now=now
        )
        part = part_of(request, attachment)
        download = None
        if request.method != "HEAD":
            download = actions.download(
                caller=caller,
                correspondence_id=correspondence_id,
                attachment=attachment,
                part=part,
                connection=connection_of(request._request),
                now=now,
            )
        return file_answer(attachment, part, download, recipient_headers(attachment.file_name))


def _room_to_render(letter: Correspondence, caller: Caller) -> AbstractContextManager[None]:
    """A slot, for bodies that take long."""
    return renderings.taken(caller.identity) if len(letter.mailing.body) > _QUICK_TO_RENDER else nullcontext()


def _look(request: Request, correspondence_id: str) -> dict[str, Any]:
    """Who looks at what; only GET leaves a trace."""
    return {
        "caller": caller_of(request),
        "correspondence_id": id_of(correspondence_id, "correspondenceId"),
        "now": clock.now(),
        "leaves_trace": request.method == "GET",
    }
