"""What the OpenAPI document says of every endpoint without being told by each."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from config.kernel.errors import DomainError
from config.kernel.problems import MEDIA_TYPE

# Any endpoint may answer these, the web server before it 414 and 431 (config/gunicorn_worker.py);
# each view adds its own (`problem_statuses`, and those of its `problem_errors`).
COMMON_STATUSES = (400, 401, 403, 404, 405, 406, 414, 429, 431, 500, 503)
BODY_STATUSES = (408, 413, 415)

_TEXTS = {
    400: "The path, query or body breaks the schema (`STD-00000`, every fault at once), or a rule.",
    401: "No token, or one that is not believed; with a code: no access.",
    403: "The token's scope does not do, or the platform token is invalid.",
    404: "There is nothing here, or nothing that the caller may see.",
    405: "Not a method of this path.",
    406: "The Accept header excludes the answer's media type.",
    408: "The body was not there in time.",
    409: "The idempotency key was used before.",
    413: "The body is too large.",
    414: "The request line is longer than 8190 bytes.",
    415: "The body's media type is not the one that is read here.",
    416: "The range lies outside the file.",
    422: "The only recipient has reserved against digital post.",
    429: "The caller has asked for more than one may in a minute; there is room again after `Retry-After` seconds.",
    431: "A header field is longer than 16,384 bytes, or there are more than 100.",
    502: "The storage of attachments failed.",
    500: "A fault of ours; its `traceId` finds it in our logs.",
    503: (
        "A part that is needed cannot be reached, or as much is going on as may at once. Send again after "
        "`Retry-After` seconds. A request to send was not stored, unless `outcome` says that this is not known."
    ),
}

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "traceId"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "traceId": {"type": "string", "description": "W3C trace id; our logs carry it too."},
        "outcome": {
            "type": "string",
            "enum": ["unknown"],
            "description": "Of a 503: the database was lost at the very end, so it may be stored all the same.",
        },
        "code": {
            "type": "string",
            "description": "`STD-00000` for the schema, `CORR-` and five digits for a rule.",
        },
        "statusDescription": {"type": "string"},
        "errorCode": {"type": "integer", "description": "The number of the rule, as in `code`."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Faults of the schema by the member that they concern.",
        },
        "validationErrors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "title": {"type": "string"},
                    "paths": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        "faults": {
            "type": "array",
            "description": "Which members of the request a rule concerns; an addition of this service.",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class WireSchema(AutoSchema):
    """Adds the problem answers of an operation, as its view declares them."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            if "requestBody" in operation:  # without one there is no media type either, and that is 415
                operation["requestBody"]["required"] = True
            for status in sorted(declared_statuses(self.view, self.method.lower())):
                operation["responses"].setdefault(str(status), self._problem_response(status))
        return operation

    def _problem_response(self, status: int) -> dict[str, Any]:
        examples = getattr(self.view, "problem_examples", {}).get(status)
        content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
        if examples:
            content["examples"] = examples
        text = _TEXTS[status] + _codes(self.view, self.method.lower(), status)
        response: dict[str, Any] = {"description": text, "content": {MEDIA_TYPE: content}}
        if status == 401:
            response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
        if status in (429, 503):
            response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
        return response


def declared_statuses(view: Any, method: str) -> set[int]:
    """Every problem status that the operation can answer."""
    own = getattr(view, "problem_statuses", {}).get(method, ())
    coded = (error.status for error in view.problem_errors.get(method, ()))
    return {*COMMON_STATUSES, *(BODY_STATUSES if method in view.consumes else ()), *own, *coded}


def _codes(view: Any, method: str, status: int) -> str:
    """The rules that answer with this status, a line for each."""
    errors = sorted((error for error in view.problem_errors.get(method, ()) if error.status == status), key=_code)
    return "".join(f"\n- `{_code(error)}`: {str(error.__doc__).splitlines()[0]}" for error in errors)


def _code(error: type[DomainError]) -> str:
    return f"CORR-{error.code:05}"


def add_problem_schema(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Postprocessing hook: the one component that every problem answer refers to."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    return result


class IssuerAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Bearer tokens and platform tokens, as Swagger UI's Authorize button offers them."""

    target_class = "config.kernel.authentication.IssuerAuthentication"
    name = ["bearer", "platform"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "header", "name": "PlatformAccessToken"},
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        return [{"bearer": []}, {"platform": []}]


class TextExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Lengths of texts."""

    target_class = "config.kernel.wire.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.target.max_length is not None:
            schema["maxLength"] = self.target.max_length
        if self.target.required and not self.target.may_be_empty:
            schema["minLength"] = 1
        return schema


class WireEnumExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """The names; that their numbers are read too is said in words, so that generated clients stay typed."""

    target_class = "config.kernel.wire.WireEnum"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        names = [member.name for member in self.target.enum]
        numbers = ", ".join(f"{member.value} {member.name}" for member in self.target.enum)
        text = {"type": "string", "enum": names}
        description = f"A name, read in any casing, or its number: {numbers}."
        if self.target.must_have_name:
            return {**text, "description": description}
        # A number without a name is kept, and written back as it came.
        return {"oneOf": [text, {"type": "integer"}], "description": description}
