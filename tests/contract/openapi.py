"""The committed OpenAPI document as a judge of answers: every answer in a test must be one that it declares."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())
    return content


def operation(method: str, path: str) -> dict[str, Any] | None:
    """The operation that the document has for a request, if any."""
    segments = path.lower().partition("?")[0].rstrip("/").split("/")
    for template, operations in document()["paths"].items():
        # A path without parameters comes first in the document's order of letters: upload before {correspondenceId}.
        if _matches(template.split("/"), segments):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


def _matches(template: list[str], segments: list[str]) -> bool:
    pairs = list(zip(template, segments, strict=False))
    return len(template) == len(segments) and all(part == given or (part[:1] == "{" and given) for part, given in pairs)


def check(method: str, path: str, response: Any) -> None:
    """Raises AssertionError where the document does not declare this status, media type, body or code of a problem."""
    declared = operation(method, path)
    if declared is None:
        return
    assert str(response.status_code) in declared["responses"], f"{method} {path} answers {response.status_code}"
    answer = declared["responses"][str(response.status_code)]
    content = answer.get("content", {})
    if not content:
        assert not response.content
        return
    assert response["Content-Type"] in content
    if response["Content-Type"].endswith("json") and not response.streaming and response.content:
        _validator(json.dumps(content[response["Content-Type"]]["schema"])).validate(response.json())
    if response["Content-Type"] == "application/problem+json" and (code := response.json().get("code")):
        assert code in answer["description"], f"{method} {path} answers {code}"


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": _with_null(document()["components"])})


def _with_null(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has the type null."""
    if isinstance(node, list):
        return [_with_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _with_null(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if node.get("nullable") is True else inner
