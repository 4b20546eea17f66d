"""The contract's examples, for Swagger UI: they work as they stand against the demo registry."""

from drf_spectacular.utils import OpenApiExample

from registry.errors import NoAccess

MINIMAL = {
    "correspondence": {
        "resourceId": "fjordby-byggesak",
        "sendersReference": "sak-2026-0042",
        "content": {
            "messageTitle": "Vedtak i byggesaken din",
            "messageBody": "Hei.\n\nVi har **innvilget** søknaden.",
        },
    },
    "recipients": ["urn:altinn:person:identifier-no:01818517641"],
}
MANY_RECIPIENTS = {
    "correspondence": {
        "resourceId": "fjordby-byggesak",
        "sendersReference": "nabovarsel-7",
        "content": {"messageTitle": "Nabovarsel", "messageBody": "Se vedlagt plan."},
    },
    "recipients": [
        "0192:314762290",
        "urn:altinn:organization:identifier-no:310635820",
        "01818517641",
        "urn:altinn:person:identifier-no:55848812527",
        "urn:altinn:person:idporten-email:Kari.Nordmann@example.com",
        "urn:altinn:person:legacy-selfidentified:Gammelbruker7",
    ],
}
FULL = {
    "correspondence": {
        "resourceId": "urn:altinn:resource:fjordby-byggesak",
        "sendersReference": "sak-2026-0043",
        "messageSender": "Fjordby kommune, byggesak",
        "content": {
            "language": "nn",
            "messageTitle": "Stadfesting krevst: tilsyn 12. mai",
            "messageSummary": "Til {{recipientName}}: les og stadfest tidspunktet for tilsynet.",
            "messageBody": "# Tilsyn\n\nVi kjem på tilsyn **12. mai**.\n\n| Kva | Når |\n|---|---|\n| Oppmøte | 09 |\n",
        },
        "requestedPublishTime": "2026-01-05T08:00:00+01:00",
        "dueDateTime": "2040-01-15T12:00:00+01:00",
        "externalReferences": [{"referenceValue": "arkiv/2026/43", "referenceType": "Generic"}],
        "propertyList": {"saksnummer": "2026/43"},
        "replyOptions": [{"linkURL": "https://fjordby.example/sak/43", "linkText": "Svar på saka"}],
        "ignoreReservation": True,
        "isConfirmationNeeded": True,
    },
    "recipients": ["urn:altinn:organization:identifier-no:314762290"],
}
ACCEPTED = {
    "correspondences": [
        {
            "correspondenceId": "019a4c22-0001-7a10-8f3e-000000000001",
            "status": "Initialized",
            "recipient": "urn:altinn:person:identifier-no:01818517641",
            "notifications": None,
        }
    ],
    "attachmentIds": [],
}
OVERVIEW = {
    "correspondenceId": "019a4c22-7f10-7b02-a1d4-5c6d7e8f9012",
    "recipient": "urn:altinn:organization:identifier-no:314762290",
    "sender": "urn:altinn:organization:identifier-no:312295202",
    "created": "2026-01-05T08:00:01.118302+00:00",
    "status": "Published",
    "statusText": "Published",
    "statusChanged": "2026-01-05T08:00:06.55012+00:00",
    "published": "2026-01-05T08:00:06.55012+00:00",
    "read": None,
    "notifications": [],
    "altinn2CorrespondenceId": None,
    "content": {
        "language": "no",
        "messageTitle": "",
        "messageSummary": "",
        "messageBody": "",
        "attachments": [],
    },
    "resourceId": "fjordby-byggesak",
    "sendersReference": "sak-2026-0043",
    "messageSender": "Fjordby kommune, byggesak",
    "requestedPublishTime": "2026-01-05T07:00:00+00:00",
    "dueDateTime": "2040-01-15T11:00:00+00:00",
    "externalReferences": [{"referenceValue": "arkiv/2026/43", "referenceType": "Generic"}],
    "propertyList": {"saksnummer": "2026/43"},
    "replyOptions": [{"linkURL": "https://fjordby.example/sak/43", "linkText": "Svar på saka"}],
    "notification": None,
    "ignoreReservation": True,
    "isConfirmationNeeded": True,
    "isConfidential": False,
    "allowForwarding": False,
}
SCHEMA_PROBLEM = {
    "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    "title": "Bad Request",
    "status": 400,
    "code": "STD-00000",
    "statusDescription": "Bad Request",
    "validationErrors": [
        {
            "code": "CORR.VLD-00000",
            "title": "MessageTitle must have a value.",
            "paths": ["Correspondence/Content/MessageTitle"],
        }
    ],
    "errors": {"Correspondence.Content.MessageTitle": ["MessageTitle must have a value."]},
    "traceId": "00-3f2c9a4e1b7d4f60a1c25e8899aa0b1c-7d1e2f3a4b5c6d7e-00",
}
RULE_PROBLEM = {
    "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    "title": "Bad Request",
    "status": 400,
    "detail": "recipients[1] is the same recipient as recipients[0].",
    "code": "CORR-01006",
    "errorCode": 1006,
    "statusDescription": "Bad Request",
    "faults": [{"path": "recipients[1]", "detail": "recipients[1] is the same recipient as recipients[0]."}],
    "traceId": "00-5be1c07d2a9948f7b3e0d4c6a1f28e90-90ab12cd34ef5678-00",
}
ACCESS_PROBLEM = {
    "type": "https://tools.ietf.org/html/rfc9110#section-15.5.2",
    "title": "Unauthorized",
    "status": 401,
    "detail": NoAccess.text,
    "code": "CORR-04001",
    "errorCode": 4001,
    "statusDescription": "Unauthorized",
    "traceId": "00-8d0f3c1b6e7a4d2c9b5a0f1e2d3c4b5a-1122334455667788-00",
}
PROBLEMS = {
    400: {
        "schema": {"summary": "The body breaks the schema", "value": SCHEMA_PROBLEM},
        "rule": {"summary": "A rule refuses it", "value": RULE_PROBLEM},
    },
    401: {"access": {"summary": "Another owner's resource", "value": ACCESS_PROBLEM}},
}
INITIALIZE = [
    OpenApiExample("One person", value=MINIMAL, request_only=True),
    OpenApiExample("Every kind of recipient", value=MANY_RECIPIENTS, request_only=True),
    OpenApiExample("By name, to be confirmed", value=FULL, request_only=True),
    OpenApiExample("Accepted", value=ACCEPTED, response_only=True, status_codes=["200"]),
]
DETAILS = {
    **OVERVIEW,
    "statusHistory": [
        {
            "status": "Initialized",
            "statusText": "Initialized",
            "statusChanged": "2026-01-05T08:00:01.118311+00:00",
        },
        {
            "status": "ReadyForPublish",
            "statusText": "ReadyForPublish",
            "statusChanged": "2026-01-05T08:00:01.118319+00:00",
        },
        {"status": "Published", "statusText": "Published", "statusChanged": "2026-01-05T08:00:06.55012+00:00"},
    ],
    "systemLabel": "Default",
}
STATUS_DIAGRAM = "Which status follows which: [state diagram](/correspondence/api/v1/docs/statuses.svg)."
SEARCH = [
    OpenApiExample(
        "Found", value={"ids": ["019a4c22-7f10-7b02-a1d4-5c6d7e8f9012"]}, response_only=True, status_codes=["200"]
    )
]
GET_DETAILS = [OpenApiExample("Published", value=DETAILS, response_only=True, status_codes=["200"])]
GET_OVERVIEW = [OpenApiExample("Published", value=OVERVIEW, response_only=True, status_codes=["200"])]

FORM_DESCRIPTION = (
    "The members of the JSON request as form values named by their path, in any casing: "
    "`Correspondence.Content.MessageTitle`, `Recipients[0]`, `Correspondence.PropertyList.key`; all of them may "
    "begin with `request.`. Empty values are null. Files are parts named `attachments`; each is described by an entry "
    "`Correspondence.Content.Attachments[i]` whose `FileName` is the part's filename. All or nothing: where one file "
    "is refused, nothing is stored."
)
FORM_SCHEMA = {
    "type": "object",
    "required": [
        "Recipients[0]",
        "Correspondence.ResourceId",
        "Correspondence.SendersReference",
        "Correspondence.Content.MessageTitle",
        "Correspondence.Content.MessageBody",
    ],
    "properties": {
        "Recipients[0]": {"type": "string", "minLength": 1},
        "Correspondence.ResourceId": {"type": "string", "minLength": 1},
        "Correspondence.SendersReference": {"type": "string", "minLength": 1},
        "Correspondence.Content.MessageTitle": {"type": "string", "minLength": 1},
        "Correspondence.Content.MessageBody": {"type": "string", "minLength": 1},
        "Correspondence.Content.Attachments[0].FileName": {"type": "string"},
        "Correspondence.Content.Attachments[0].SendersReference": {"type": "string"},
        "attachments": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 100},
    },
    "additionalProperties": {"type": "string"},
}
