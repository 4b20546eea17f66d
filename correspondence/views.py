"""The endpoints of correspondence: parse, one call, answer."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.kernel import clock, gates
from config.kernel.views import JSON, WireView, body_of, caller_of, id_of
from correspondence import actions, examples, reads
from correspondence.serializers.answers import InitializeAnswer, Overview, initialize_answer, sender_overview
from correspondence.serializers.initialize import InitializeRequest


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


class OverviewView(WireView):
    """GET /correspondence/{correspondenceId}"""

    gates = {"get": gates.either}
    problem_examples = {401: examples.PROBLEMS[401]}

    @extend_schema(
        operation_id="getCorrespondence",
        summary="See how a correspondence stands",
        description="For its sender: its status, and until it is published its content.",
        parameters=[OpenApiParameter("correspondenceId", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={200: Overview},
        examples=examples.GET_OVERVIEW,
        tags=["correspondence"],
    )
    def get(self, request: Request, correspondenceId: str) -> Response:
        correspondence = reads.for_sender(
            caller=caller_of(request), correspondence_id=id_of(correspondenceId, "correspondenceId")
        )
        return Response(sender_overview(correspondence, list(correspondence.events.in_order())))
