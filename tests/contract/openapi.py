"""The committed OpenAPI document as a judge of answers: every answer in a test must be one that it declares."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "openapi.yaml"
_LETTER = "/correspondence/api/v1/correspondence"


@cache
def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return content


def operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation that the document has for a request, if any."""
    segments = path.lower().rstrip("/").removeprefix(_LETTER).strip("/").split("/")
    if not path.lower().startswith(_LETTER) or len(segments) > 1 or "//" in path:
        return None
    template = f"{_LETTER}/{{correspondenceId}}" if segments[0] else _LETTER
    found: dict[str, Any] | None = document()["paths"][template].get(method.lower())
    return found


def check(method: str, path: str, response: Any) -> None:
    """Raises AssertionError where the document does not declare this status, media type or body."""
    declared = operation(method, path)
    if declared is None:
        return
    assert str(response.status_code) in declared["responses"], f"{method} {path} answers {response.status_code}"
    content = declared["responses"][str(response.status_code)]["content"]
    assert response["Content-Type"] in content
    if response.content:
        _validator(content[response["Content-Type"]]["schema"]["$ref"]).validate(response.json())


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference, "components": _with_null(document()["components"])})


def _with_null(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has the type null."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _with_null(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner
