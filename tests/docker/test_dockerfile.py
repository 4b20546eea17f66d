"""The reader of Dockerfile and .dockerignore, which `make image-check` builds by."""

from pathlib import Path

import pytest

from config.devtools.dockerfile import Context, assignments, stages

TEXT = """
# a comment
ARG BASE=some:1
FROM ${BASE} AS build
RUN one \\
    # said in between
    && two
FROM ${BASE}
ENV A=1 B=$A:/x
CMD ["python", "-m", "x"]
"""


def test_stages_hold_their_steps_in_order() -> None:
    build, final = stages(TEXT)

    assert (build.base, build.name, build.steps) == ("some:1", "build", [("RUN", "one && two")])
    assert (final.base, final.name, final.command()) == ("some:1", "", ["python", "-m", "x"])


def test_what_it_does_not_know_is_no_silent_gap() -> None:
    with pytest.raises(ValueError, match="unknown instruction: ADD x /"):
        stages("FROM a\nADD x /")


def test_variables_know_what_was_there_before() -> None:
    assert assignments("PATH=/venv/bin:$PATH X='a b'", {"PATH": "/bin"}) == {"PATH": "/venv/bin:/bin", "X": "a b"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("manage.py", True),
        ("README.md", False),
        ("app/models.py", True),
        ("app/deep/er/x.py", True),
        ("app/tools/x.py", False),
        ("app/__pycache__/x.py", False),
        ("app/x.pyc", False),
        ("application/x.py", False),
    ],
)
def test_the_last_pattern_that_matches_decides(tmp_path: Path, path: str, kept: bool) -> None:
    (tmp_path / ".dockerignore").write_text("# why\n*\n!manage.py\n!app\napp/tools\n**/__pycache__\n**/*.pyc\n")

    assert Context(tmp_path).holds(Path(path)) is kept
