"""The state diagram, read as its readers do: which frame or box does an arrow leave, which one does it reach?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from django.test import Client as DjangoClient

from config.devtools.generate import TABLE_BEGINS, TABLE_ENDS, diagram_files
from correspondence import diagram
from correspondence.drawing import Box
from correspondence.statuses import AVAILABLE, NEVER_SET, TRANSITIONS, Status
from tests.clients import problem
from tests.contract import openapi

PAGE = "/correspondence/api/v1/docs/statuses.svg"
SVG = "{http://www.w3.org/2000/svg}"
Pairs = set[tuple[Status, Status]]


@dataclass
class Picture:
    """What there is to be seen."""

    statuses: Mapping[str, Box]
    groups: Mapping[str, Box]
    arrows: list[ET.Element]

    @classmethod
    def of(cls, document: str) -> "Picture":
        root = ET.fromstring(document)
        boxes = list(root.iter(f"{SVG}rect"))
        return cls(
            {box.attrib["data-status"]: _box(box) for box in boxes if "data-status" in box.attrib},
            {box.attrib["data-group"]: _box(box) for box in boxes if "data-group" in box.attrib},
            [path for path in root.iter(f"{SVG}path") if "data-to" in path.attrib],
        )

    def meant_by(self, name: str) -> list[str]:
        """The status of that name, or all that stand in the frame of that name."""
        if name in self.statuses:
            return [name]
        return [status for status, box in self.statuses.items() if _holds(self.groups[name], box)]

    def transitions(self) -> Pairs:
        return {
            (status_of(source), status_of(arrow.attrib["data-to"]))
            for arrow in self.arrows
            for source in self.meant_by(arrow.attrib["data-from"])
        }


def _box(rectangle: ET.Element) -> Box:
    return Box(*(int(rectangle.attrib[name]) for name in ("x", "y", "width", "height")))


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left < inner.left and inner.right < outer.right and outer.top < inner.top and inner.bottom < outer.bottom
    )


def _is_on_the_side_of(box: Box, point: tuple[int, int]) -> bool:
    x, y = point
    across, along = box.left <= x <= box.right, box.top <= y <= box.bottom
    return across and along and (x in (box.left, box.right) or y in (box.top, box.bottom))


def _points(arrow: ET.Element) -> list[tuple[int, int]]:
    """Every point of a path, those that bend it too."""
    numbers = [int(number) for number in re.findall(r"\d+", arrow.attrib["d"])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _cuts(box: Box, start: tuple[int, int], end: tuple[int, int]) -> bool:
    """Whether a level or upright line goes through the inside of a box."""
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return left < box.right and right > box.left and top < box.bottom and bottom > box.top


def status_of(label: str) -> Status:
    return next(status for status in Status if status.label == label)


def in_table(transitions: diagram.Transitions = TRANSITIONS) -> Pairs:
    return {(source, target) for target, allowed in transitions.items() for source in allowed - NEVER_SET}


def followers_in_the_page() -> Iterator[tuple[str, str]]:
    for row in diagram.table().splitlines()[2:]:
        status, *_, followers = row.strip("| ").split(" | ")
        yield from ((status, follower) for follower in followers.split(", ") if follower != "–")


@pytest.fixture
def picture() -> Picture:
    return Picture.of(diagram.svg())


def test_the_picture_shows_every_transition_of_the_table_and_no_other(picture: Picture) -> None:
    assert picture.transitions() == in_table()


def test_no_transition_is_drawn_twice() -> None:
    drawn = [(source, arrow.target) for arrow in diagram.arrows() for source in arrow.sources]

    assert sorted(drawn) == sorted(in_table())


def test_the_picture_shows_every_status_that_is_ever_set_and_no_other(picture: Picture) -> None:
    assert {status_of(label) for label in picture.statuses} == set(Status) - NEVER_SET


def test_the_frames_hold_what_they_say(picture: Picture) -> None:
    assert {status_of(label) for label in picture.meant_by("available")} == AVAILABLE - NEVER_SET
    assert picture.meant_by("waiting") == ["Initialized", "ReadyForPublish"]


def test_every_arrow_leaves_one_side_and_reaches_another(picture: Picture) -> None:
    places = {**picture.statuses, **picture.groups}
    for arrow in picture.arrows:
        start, *_, end = _points(arrow)
        assert _is_on_the_side_of(places[arrow.attrib["data-from"]], start), arrow.attrib
        assert _is_on_the_side_of(places[arrow.attrib["data-to"]], end), arrow.attrib


def test_no_arrow_runs_through_a_status(picture: Picture) -> None:
    for arrow in picture.arrows:
        for start, end in pairwise(_points(arrow)):
            assert [label for label, box in picture.statuses.items() if _cuts(box, start, end)] == [], arrow.attrib


def test_an_arrow_is_dashed_where_the_number_is_too_low_to_become_current(picture: Picture) -> None:
    dashed = {
        (arrow.attrib["data-from"], arrow.attrib["data-to"])
        for arrow in picture.arrows
        if "noted" in arrow.attrib["class"].split()
    }

    assert dashed == {
        ("Reserved", "ReadyForPublish"),
        ("Reserved", "Published"),
        ("Failed", "PurgedByAltinn"),
        ("available", "Fetched"),
    }


def test_the_picture_follows_the_table() -> None:
    """One transition more, one less, and one that leaves a frame's arrow without one of its statuses."""
    changed = {
        **TRANSITIONS,
        Status.FAILED: TRANSITIONS[Status.FAILED] | {Status.PUBLISHED},
        Status.RESERVED: frozenset[Status](),
        Status.CONFIRMED: AVAILABLE - {Status.RESERVED},
    }

    assert Picture.of(diagram.svg(changed)).transitions() == in_table(changed)


@pytest.mark.parametrize(
    "table",
    [{Status.ARCHIVED: frozenset({Status.READ})}, {**TRANSITIONS, Status.FORWARDED: AVAILABLE}],
    ids=["alone", "among others"],
)
def test_a_status_without_a_place_is_named(table: diagram.Transitions) -> None:
    with pytest.raises(LookupError, match=r"^(Archived|Forwarded) is in TRANSITIONS and has no place in the picture"):
        diagram.svg(table)
    with pytest.raises(LookupError, match="has no place"):
        diagram.table(table)


def test_nothing_drawn_by_hand_is_left_over() -> None:
    assert set(diagram._DRAWN) == set(Status) - NEVER_SET
    assert set(diagram._WAYS) <= {tuple(arrow) for arrow in diagram.arrows()}


def test_the_table_in_the_documents_says_the_same() -> None:
    pairs = [(status_of(status), status_of(follower.strip("*"))) for status, follower in followers_in_the_page()]

    assert sorted(pairs) == sorted(in_table())


def test_what_only_the_history_has_is_in_italics_in_the_table() -> None:
    for status, follower in followers_in_the_page():
        stays = follower.strip("*") == "Fetched" or status_of(follower.strip("*")) <= status_of(status)
        assert follower.startswith("*") == stays, (status, follower)


def test_every_status_has_a_row_in_the_table_by_number() -> None:
    rows = [row.split(" | ")[:2] for row in diagram.table().splitlines()[2:]]

    assert rows == [[f"| {status.label}", str(status.value)] for status in Status]


def test_who_can_not_see_it_is_told_the_transitions() -> None:
    root = ET.fromstring(diagram.svg())
    title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert title is not None
    assert described is not None
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {described.attrib['id']}"
    assert "Reserved may follow Initialized. Failed may follow Initialized, ReadyForPublish, Reserved." in (
        described.text or ""
    )


def test_it_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    picture = diagram.svg()

    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]
    assert re.findall(r"<script|href|@import|@font-face|\son\w+=", picture) == []
    assert set(re.findall(r"url\(([^)]*)\)", picture)) == {"#head"}


def test_the_documents_hold_what_the_code_gives() -> None:
    """Mended by `make diagram`."""
    files = diagram_files()

    assert {path.name for path in files} == {"statuses.svg", "statuses.md"}
    assert {path: path.read_text() for path in files} == dict(files)


def test_the_page_in_the_documents_keeps_what_was_written_by_hand() -> None:
    page = next(text for path, text in diagram_files().items() if path.suffix == ".md")

    assert page.startswith("# Statuses of a correspondence\n")
    assert page.split(TABLE_BEGINS.format(target="diagram"))[1].split(TABLE_ENDS)[0].strip() == diagram.table().strip()


@pytest.mark.parametrize("path", [PAGE, PAGE + "/", PAGE.upper()])
def test_anybody_gets_it_from_the_service(path: str) -> None:
    response = DjangoClient().get(path)

    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert response.content.decode() == diagram.svg()


def test_it_may_be_kept_but_not_framed_and_runs_nothing() -> None:
    response = DjangoClient().get(PAGE)

    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Content-Security-Policy"].startswith("default-src 'none';")
    assert "Set-Cookie" not in response
    assert "Vary" not in response or "Cookie" not in response["Vary"]


def test_who_has_it_already_is_told_so() -> None:
    client = DjangoClient()
    again = client.get(PAGE, headers={"If-None-Match": client.get(PAGE)["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_head_answers_without_the_picture() -> None:
    response = DjangoClient().head(PAGE)

    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_is_only_read(method: str) -> None:
    assert problem(DjangoClient().generic(method, PAGE)) == (405, None)


def test_the_openapi_document_links_to_it() -> None:
    assert f"]({PAGE})" in str(openapi.document())
