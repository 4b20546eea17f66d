"""The OpenAPI document, and the pages that show it."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client as DjangoClient

from config import schema_view
from config.kernel.errors import DomainError
from correspondence import examples
from correspondence.models import Correspondence
from tests.clients import Client, problem
from tests.contract import openapi

SCHEMA, DOCS = "/correspondence/api/v1/schema/", "/correspondence/api/v1/docs/"


def test_the_service_serves_the_committed_document() -> None:
    response = DjangoClient().get(SCHEMA)

    assert response.status_code == 200
    assert yaml.safe_load(response.content) == openapi.document()


def test_many_who_ask_for_it_at_once_all_get_it() -> None:
    """The library that writes it is not made for that: the first of a process met a 500."""
    schema_view._document.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: DjangoClient().get(SCHEMA), range(16)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_every_code_of_the_catalogue_is_declared_by_some_endpoint() -> None:
    codes = {f"CORR-{error.code:05}" for error in DomainError.__subclasses__()}

    assert codes == set(re.findall(r"CORR-\d{5}", openapi.DOCUMENT.read_text()))


def test_every_code_of_the_catalogue_is_told_apart() -> None:
    """Subclasses of a fault say more about it, under its own number."""
    codes = [error.code for error in DomainError.__subclasses__()]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("path", [SCHEMA, DOCS])
def test_the_documents_pages_refuse_with_problems_too(path: str) -> None:
    assert problem(DjangoClient().post(path)) == (405, None)


def test_every_operation_describes_its_errors() -> None:
    for path in openapi.document()["paths"].values():
        for operation in path.values():
            problems = {status for status in operation["responses"] if status >= "4"}
            assert {"400", "401", "403", "404", "405", "406", "500", "503"} <= problems
            assert all(operation["responses"][status]["description"] for status in problems)


@pytest.mark.parametrize("status", ["414", "431"])
def test_every_operation_describes_what_the_web_server_refuses_before_it(status: str) -> None:
    paths = openapi.document()["paths"].values()
    responses = [operation["responses"] for path in paths for operation in path.values()]

    assert len(responses) >= 16
    assert [each for each in responses if status not in each] == []


def test_a_body_that_is_read_must_be_there() -> None:
    """An empty file is a body too: without any there is no media type, which is 415."""
    bodies = [
        operation["requestBody"]
        for path in openapi.document()["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]

    assert [body.get("required") for body in bodies] == [True] * 4


@pytest.mark.parametrize("body", [examples.MINIMAL, examples.MANY_RECIPIENTS, examples.FULL])
def test_the_documents_examples_work_as_they_stand(sender: Client, body: dict[str, Any]) -> None:
    call_command("load_demo")
    assert sender.post(body).status_code == 200
    assert Correspondence.objects.count() == len(body["recipients"])


def test_swagger_ui_takes_nothing_from_other_hosts(plain_static_files: None) -> None:
    page = DjangoClient().get(DOCS)
    script = DjangoClient().get(f"{DOCS}?script=")

    assert page.status_code == script.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert sources
    assert all(source.startswith("/") for source in sources)
    assert b"http://" not in script.content.replace(b"http://testserver", b"")
    assert b"https://" not in script.content
