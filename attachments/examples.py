"""Examples in the OpenAPI document."""

from drf_spectacular.utils import OpenApiExample

INITIALIZE = [
    OpenApiExample(
        "A plan",
        value={
            "resourceId": "fjordby-byggesak",
            "fileName": "situasjonsplan.pdf",
            "displayName": "Situasjonsplan",
            "checksum": "9e107d9d372bb6826bd81d3542a419d6",
            "sendersReference": "plan-43",
            "expirationInDays": 180,
        },
        request_only=True,
    )
]
