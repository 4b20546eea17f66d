"""Loaded by schemathesis (SCHEMATHESIS_HOOKS), in its process: real values in a share of the cases, and notes of all.

Generated values alone hardly come beyond 404 and CORR-01036. What is put in is chosen by a digest of the case itself,
so that one seed makes the same choices. Schemathesis looks again afterwards whether the case still fits the document.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData

# How often ids of rows that are there take the place of generated ones. Deletion uses its rows up.
REAL_IDS, REAL_IDS_TO_DELETE = 0.75, 0.15
OFTEN, SOMETIMES = 0.8, 0.3
ACCEPTS = ("text/plain", "application/json", "application/*", "text/html;q=0.9, */*;q=0.1", ",", "nonsense/;")
RANGES = ("bytes=0-9", "bytes=-5", "bytes=10-", "bytes=900000-", "bytes=5-1", "bytes=0-1,5-6", "lines=1-2")
# What is optional and refused for reasons that the schema cannot say: left out often, so that letters are accepted too.
STUMBLING_BLOCKS = ("dueDateTime", "notification", "externalReferences", "isConfidential", "isConfirmationNeeded")

# The contract's tolerant reading (http-api.md §2 and §3.2). The document tells it in words, so that generated clients
# stay typed: `sender` is ignored whatever it holds; enums are read in any casing and as numbers, numbers as strings.
_ENUMS = r"notificationTemplate|\w*[cC]hannel|\w*[cC]ontentType|referenceType|dataLocationType|role|status"
TOLERATED = re.compile(rf"\b(sender|{_ENUMS}|expirationInDays|altinn2CorrespondenceId)\b(?!/properties)")

_TOKEN = re.compile(r"(?:[\w-]{20,}\.){2}[\w-]{20,}")

_ANSWERS = {
    ("POST", "/correspondence/api/v1/attachment"): {"attachmentId": "$response.body"},
    ("POST", "/correspondence/api/v1/correspondence"): {
        "correspondenceId": "$response.body#/correspondences/0/correspondenceId"
    },
    ("GET", "/correspondence/api/v1/correspondence"): {"correspondenceId": "$response.body#/ids/0"},
}

_pool = json.loads(Path(os.environ["FUZZ_POOL"]).read_text())
_values: dict[str, list[str]] = _pool["values"]
_copies: list[list[str]] = _pool["copies"]
_readable = set(_values.get(f"letters for {os.environ['FUZZ_CALLER']}", ()))
_readable_copies = [copy for copy in _copies if copy[0] in _readable]
_statuses: Counter[tuple[str, int]] = Counter()
_findings: list[dict[str, str]] = []


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Link what is created or found to every operation on it: stateful sequences follow these links."""
    for (method, path), parameters in _ANSWERS.items():
        (name,) = parameters
        on_it = [
            operation["operationId"]
            for template, operations in raw_schema["paths"].items()
            for operation in operations.values()
            if "{" + name + "}" in template
        ]
        links = {each: {"operationId": each, "parameters": parameters} for each in on_it}
        raw_schema["paths"][path][method.lower()]["responses"]["200"]["links"] = links


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put real values in a share of the cases. Ids that a link brought stay."""
    chance = random.Random(_digest(case))
    if case.meta is None or case.meta.phase.name != "stateful":
        _put_ids(case, chance)
    _put_query(case, chance)
    _put_headers(case, chance)
    if isinstance(case.body, dict):
        case.body = _with_real(case.body, case.path, chance)


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Count the answer, and keep ids of what was made for later cases."""
    _statuses[case.operation.label, response.status_code] += 1
    if response.status_code == 200 and case.method == "POST":
        _keep(case.path, json.loads(response.content))


@schemathesis.hook
def after_network_error(context: HookContext, case: Case, request: Any) -> None:
    """A connection that was cut is a finding."""
    _note(case, "no answer", "the connection was cut, or nothing came in time")


@schemathesis.hook
def filter_failure(context: HookContext, failure: Any, case: Case, response: Response) -> bool:
    """Write the failure down. It counts, unless the contract reads what the document does not name."""
    if isinstance(failure, AcceptedNegativeData) and _is_tolerated(failure.message, case):
        return False
    _note(case, failure.title, f"{response.status_code} {failure.message}\n{response.text[:600]}")
    return True


def _is_tolerated(message: str, case: Case) -> bool:
    """Whether each broken place of the request is one that the contract reads. An empty parameter is none."""
    blank = {name for name, value in (case.query or {}).items() if value == ""}
    places = re.findall(r"violates .* at (\S+)", message) or re.findall(r"Invalid component: (.*)", message)
    return bool(places) and all(TOLERATED.search(place) or blank & set(re.findall(r"\w+", place)) for place in places)


def _note(case: Case, title: str, message: str) -> None:
    label = case.operation.label
    if sum((each["operation"], each["title"]) == (label, title) for each in _findings) < 3:  # the first show enough
        finding = {"operation": label, "caller": os.environ["FUZZ_CALLER"], "title": title, "message": message}
        _findings.append({**finding, "curl": _TOKEN.sub("$TOKEN", case.as_curl_command())})


@atexit.register
def _write_notes() -> None:
    statuses = [[operation, status, count] for (operation, status), count in sorted(_statuses.items())]
    Path(os.environ["FUZZ_NOTES"]).write_text(json.dumps({"statuses": statuses, "findings": _findings}))


def _digest(case: Case) -> int:
    return zlib.crc32(repr((case.method, case.path, case.path_parameters, case.query, case.body)).encode())


def _put_ids(case: Case, chance: random.Random) -> None:
    names = set(case.path_parameters or {})
    if case.path.endswith("/attachment/{attachmentId}/upload") and _values["waiting"] and chance.random() < OFTEN:
        case.path_parameters = {"attachmentId": _values["waiting"].pop()}  # each takes one upload
        return
    if not names or chance.random() > (REAL_IDS_TO_DELETE if case.method == "DELETE" else REAL_IDS):
        return
    if names == {"correspondenceId", "attachmentId"} and chance.random() < OFTEN:
        found = list(zip(("correspondenceId", "attachmentId"), chance.choice(_readable_copies or _copies), strict=True))
    else:
        found = [(name, chance.choice(_values[name])) for name in sorted(names)]
        if _readable and names == {"correspondenceId"} and chance.random() < OFTEN:
            found = [("correspondenceId", chance.choice(sorted(_readable)))]
    case.path_parameters = dict(found)  # a new one: cases share parts


def _put_query(case: Case, chance: random.Random) -> None:
    for name in ("resourceId", "sendersReference", "idempotentKey"):
        if name in (case.query or {}) and _fits(name, case.query[name]) and chance.random() < OFTEN:
            case.query = {**case.query, name: chance.choice(_values[name])}
    if "onBehalfOf" in (case.query or {}) and chance.random() < SOMETIMES:
        case.query = {**case.query, "onBehalfOf": chance.choice(_values["recipient"])}


def _put_headers(case: Case, chance: random.Random) -> None:
    if chance.random() < 0.05:
        case.headers["Accept"] = chance.choice(ACCEPTS)
    if "download" in case.path and chance.random() < SOMETIMES:
        case.headers["Range"] = chance.choice(RANGES)


def _with_real(body: dict[str, Any], path: str, chance: random.Random) -> dict[str, Any]:
    body = json.loads(json.dumps(body)) if _is_json(body) else dict(body)  # cases share parts of their bodies
    if path.endswith("/correspondence/upload"):
        return _form(body, chance)
    letter = body.get("correspondence")
    if isinstance(letter, dict):
        _put(letter, "resourceId", chance)
        for name in STUMBLING_BLOCKS:
            _drop(letter, name, chance)
        if isinstance(letter.get("content"), dict):
            _drop(letter["content"], "attachments", chance)
            _drop(letter["content"], "language", chance)
    _put(body, "resourceId", chance)
    _put_list(body, "recipients", "recipient", chance, at_least=1)
    _put_list(body, "existingAttachments", "existingAttachments", chance, at_least=0)
    _put(body, "idempotentKey", chance, SOMETIMES)
    file_name = body.get("fileName")
    if isinstance(file_name, str) and len(file_name) <= 200 and chance.random() < OFTEN:
        body["fileName"] = f"{file_name}.txt"
        _drop(body, "checksum", chance)
    return body


def _form(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    for name, values in (("Correspondence.ResourceId", "resourceId"), ("Recipients[0]", "recipient")):
        if body.get(name) and isinstance(body[name], str) and chance.random() < OFTEN:
            body[name] = chance.choice(_values[values])
    if chance.random() < OFTEN:
        for name in [name for name in body if "ttachments" in name]:
            del body[name]
    return body


def _put(members: dict[str, Any], name: str, chance: random.Random, share: float = OFTEN) -> None:
    if _fits(name, members.get(name)) and chance.random() < share:
        members[name] = chance.choice(_values[name])


def _put_list(members: dict[str, Any], name: str, values: str, chance: random.Random, at_least: int) -> None:
    given = members.get(name)
    fits = isinstance(given, list) and len(given) >= at_least and all(_fits(name, each) for each in given)
    if fits and chance.random() < OFTEN:
        members[name] = chance.sample(_values[values], chance.choice((at_least, 1, 1, 2)))


def _fits(name: str, value: Any) -> bool:
    """Whether a value is what the document asks for: what breaks it is not to be mended by putting a real one in."""
    if name in {"idempotentKey", "existingAttachments"}:
        return isinstance(value, str) and re.fullmatch(r"[0-9a-fA-F-]{36}", value) is not None
    return isinstance(value, str) and 1 <= len(value) <= 255


def _drop(members: dict[str, Any], name: str, chance: random.Random) -> None:
    if name in members and chance.random() < OFTEN:
        del members[name]


def _is_json(body: dict[str, Any]) -> bool:
    try:
        json.dumps(body)
    except (TypeError, ValueError):
        return False
    return True


def _keep(path: str, answer: Any) -> None:
    if path.endswith("/attachment"):
        _values["attachmentId"].append(answer)
    elif path.endswith(("/correspondence", "/correspondence/upload")):
        _values["correspondenceId"] += [each["correspondenceId"] for each in answer["correspondences"]]
