"""docs/security.md promises nothing that no test holds."""

import ast
import re

import pytest

from tests.docs.variables import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
PROMISES = re.findall(r"^\| .+ \|$", PAGE.split("## What is promised")[1].split("\n## ")[0], re.MULTILINE)[1:]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("promise", PROMISES, ids=lambda row: row[2:60])
def test_every_promise_names_its_test(promise: str) -> None:
    assert "`tests/" in promise


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_that_is_named_exists(file: str, function: str) -> None:
    tree = ast.parse((ROOT / file).read_text())

    assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
