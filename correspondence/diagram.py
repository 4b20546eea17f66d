"""The picture of the statuses, and the table beside it: made from TRANSITIONS, for docs/ and the API's pages.

Where a status stands is written here by hand; what leads where is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from correspondence.drawing import Box, Point, path, rectangle, straight, text
from correspondence.statuses import AVAILABLE, NEVER_SET, TRANSITIONS, Status

Transitions = Mapping[Status, frozenset[Status]]

_TITLE = "Statuses of a correspondence"
_WIDTH, _HEIGHT = 824, 612
_ROWS = (118, 194, 270, 346, 458)
_RAIL = 512  # what may happen in any available status hangs on one line


class Drawn(NamedTuple):
    """How a status is shown: where, in what colours, with which note. The table says at length what sets it."""

    box: Box
    look: str
    note: str
    set_by: str


@dataclass(frozen=True, slots=True)
class Group:
    """Statuses in one frame. What all of them allow is one arrow from the frame."""

    name: str
    label: str
    statuses: frozenset[Status]
    box: Box


class Arrow(NamedTuple):
    """What may happen in a status, or in any status of a group."""

    source: Status | Group
    target: Status

    @property
    def sources(self) -> Sequence[Status]:
        """Every status that it leads from, by number."""
        return sorted(self.source.statuses) if isinstance(self.source, Group) else [self.source]

    @property
    def moves(self) -> bool:
        """Whether the current status can change by it; otherwise only the history has more to say."""
        return any(_moves(source, self.target) for source in self.sources)


def _left(row: int, note: str, set_by: str, look: str = "queue") -> Drawn:
    return Drawn(Box(57, _ROWS[row], 176, 54), look, note, set_by)


def _right(row: int, note: str, set_by: str, look: str = "out") -> Drawn:
    return Drawn(Box(546, _ROWS[row], 246, 54), look, note, set_by)


_DRAWN: Mapping[Status, Drawn] = {
    Status.INITIALIZED: _left(0, "request stored", "POST `/correspondence`, always first"),
    Status.READY_FOR_PUBLISH: _left(1, "files are there", "the worker, once all files of the letter are published"),
    Status.PUBLISHED: Drawn(
        Box(328, _ROWS[1], 130, 54),
        "out",
        "it is out",
        "the worker at the publish time, or its recipient's first look after that",
    ),
    Status.FETCHED: _right(
        0,
        "recipient looks at it",
        "GET overview (once in 15 s for each party), `…/details`, `…/content`, as recipient",
        "aside",
    ),
    Status.READ: _right(1, "content, or markasread", "POST `…/markasread`, or the first GET `…/content`"),
    Status.CONFIRMED: _right(2, "recipient confirms", "POST `…/confirm`"),
    Status.PURGED_BY_RECIPIENT: _right(4, "recipient deletes it", "DELETE `…/purge`, as recipient", "end"),
    Status.PURGED_BY_ALTINN: _left(4, "sender deletes it", "DELETE `…/purge`, as sender", "end"),
    Status.RESERVED: Drawn(
        Box(328, _ROWS[3], 156, 54),
        "queue",
        "wants no post",
        "POST `/correspondence`, after Initialized: a person who has reserved, among several recipients",
    ),
    Status.FAILED: Drawn(
        Box(89, _ROWS[3], 144, 54),
        "failed",
        "for good",
        "the worker: a file is infected or lost, or the register turns the recipient away",
    ),
    Status.ATTACHMENTS_DOWNLOADED: _right(3, "recipient takes a file", "GET `…/download` as recipient, every time"),
}
_WAITING = Group(
    "waiting",
    "Waiting to be published",
    frozenset({Status.INITIALIZED, Status.READY_FOR_PUBLISH}),
    Box(41, 102, 208, 162),
)
_AVAILABLE = Group("available", "Available to the recipient", AVAILABLE - NEVER_SET, Box(312, 102, 496, 314))
_GROUPS = (_WAITING, _AVAILABLE)


def _from_rail(target: Status) -> Sequence[Point]:
    box = _DRAWN[target].box
    return (_RAIL, _AVAILABLE.box.top), (_RAIL, box.center[1]), (box.left, box.center[1])


# The way of those arrows for which the straight one is not the best.
_WAYS: Mapping[tuple[Status | Group, Status], Sequence[Point]] = {
    (Status.INITIALIZED, Status.RESERVED): ((233, 145), (471, 145), (471, 346)),
    (Status.RESERVED, Status.READY_FOR_PUBLISH): ((328, 360), (280, 360), (280, 234), (233, 234)),
    (Status.READY_FOR_PUBLISH, Status.PUBLISHED): ((233, 208), (328, 208)),
    (Status.RESERVED, Status.FAILED): ((328, 386), (233, 386)),
    (_WAITING, Status.PURGED_BY_ALTINN): ((73, 264), (73, 458)),
    (_AVAILABLE, Status.FETCHED): _from_rail(Status.FETCHED),
    (_AVAILABLE, Status.READ): _from_rail(Status.READ),
    (_AVAILABLE, Status.CONFIRMED): _from_rail(Status.CONFIRMED),
    (_AVAILABLE, Status.ATTACHMENTS_DOWNLOADED): _from_rail(Status.ATTACHMENTS_DOWNLOADED),
    (_AVAILABLE, Status.PURGED_BY_RECIPIENT): _from_rail(Status.PURGED_BY_RECIPIENT),
}

_STYLE = """
  svg { --page: #ffffff; --ink: #1c2733; --soft: #566575; --line: #67778a; --frame: #d3dbe4; --inside: #f6f8fb;
        --queue: #ffffff; --queue-edge: #93a1b1; --out: #e5f0fb; --out-edge: #5b94cc; --failed: #fcebea;
        --failed-edge: #cf6a63; --end: #e6eaef; --end-edge: #93a1b1;
        color-scheme: light dark; background: var(--page); max-width: 100%; height: auto; }
  @media (prefers-color-scheme: dark) {
    svg { --page: #11161d; --ink: #e6ebf1; --soft: #a7b3c1; --line: #8a99a9; --frame: #2f3a46; --inside: #171e27;
          --queue: #222b36; --queue-edge: #5f6e7e; --out: #17324d; --out-edge: #4b86bf; --failed: #43211f;
          --failed-edge: #b9605a; --end: #2c333c; --end-edge: #5f6e7e; } }
  text { font: 14px -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--soft); }
  .heading, .label, .name { font-weight: 600; fill: var(--ink); }
  .heading { font-size: 20px; }
  .label { font-size: 15px; }
  .name { font-size: 16px; }
  .number { text-anchor: end; }
  .frame { fill: var(--inside); stroke: var(--frame); stroke-width: 1.5; }
  .status { fill: var(--queue); stroke: var(--queue-edge); stroke-width: 1.5; }
  .out { fill: var(--out); stroke: var(--out-edge); }
  .aside { fill: var(--inside); stroke: var(--out-edge); stroke-dasharray: 5 4; }
  .failed { fill: var(--failed); stroke: var(--failed-edge); }
  .end { fill: var(--end); stroke: var(--end-edge); }
  .arrow, .sample { fill: none; stroke: var(--line); stroke-width: 2; marker-end: url(#head); }
  .noted { stroke-dasharray: 5 4; }
  .fill { fill: var(--line); }
"""
_HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="10" markerHeight="10"'
    ' markerUnits="userSpaceOnUse" orient="auto"><path class="fill" d="M0 0.8 10 5 0 9.2z"/></marker>'
)


def arrows(transitions: Transitions = TRANSITIONS) -> Iterator[Arrow]:
    """All that may happen, each once: from a group if all of its statuses allow it, and from every other status."""
    for target, allowed in sorted(transitions.items()):
        rest = allowed - NEVER_SET
        for group in _GROUPS:
            if group.statuses <= rest:
                yield Arrow(group, target)
                rest -= group.statuses
        for status in sorted(rest):
            yield Arrow(status, target)


def svg(transitions: Transitions = TRANSITIONS) -> str:
    """The picture, a document of its own: no script, nothing from elsewhere, light or dark as its reader likes.

    Raises:
        LookupError: a status of the table has no place in the picture.
    """
    statuses = _in_table(transitions)
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        f'<title id="title">{_TITLE}</title>',
        f'<desc id="desc">{escape(_description(transitions))}</desc>',
        f"<style>{_STYLE}</style>",
        _HEAD,
        text(24, 40, _TITLE, "heading"),
        *(line for group in _GROUPS for line in _frame(group)),
        *(_arrow(arrow) for arrow in arrows(transitions)),
        *(
            _dot(point)
            for point in sorted({_way(arrow)[0] for arrow in arrows(transitions) if isinstance(arrow.source, Group)})
        ),
        *(_beginning(_drawn(status).box) for status in statuses if status not in transitions),
        *(line for status in statuses for line in _status(status)),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def table(transitions: Transitions = TRANSITIONS) -> str:
    """The same in Markdown, a row for each status. In italics what only the history has of it.

    Raises:
        LookupError: a status of the table has no place in the picture.
    """
    statuses = _in_table(transitions)
    rows = ["| status | no. | set by | what may follow |", "|---|---|---|---|"]
    for status in Status:
        set_by = _drawn(status).set_by if status in statuses else "never set here"
        rows.append(f"| {status.label} | {status} | {set_by} | {_followers(status, transitions) or '–'} |")
    return "\n".join(rows) + "\n"


def _in_table(transitions: Transitions) -> Sequence[Status]:
    allowed = frozenset[Status]().union(*transitions.values())
    return sorted((allowed - NEVER_SET) | transitions.keys())


def _drawn(status: Status) -> Drawn:
    if status not in _DRAWN:
        raise LookupError(f"{status.label} is in TRANSITIONS and has no place in the picture: give it one in _DRAWN.")
    return _DRAWN[status]


def _moves(source: Status, target: Status) -> bool:
    return target > source and target != Status.FETCHED


def _followers(status: Status, transitions: Transitions) -> str:
    if status in NEVER_SET:
        return ""
    targets = sorted(target for target, allowed in transitions.items() if status in allowed)
    return ", ".join(target.label if _moves(status, target) else f"*{target.label}*" for target in targets)


def _description(transitions: Transitions) -> str:
    sentences = [
        f"{target.label} may follow {', '.join(status.label for status in sorted(allowed - NEVER_SET))}."
        for target, allowed in sorted(transitions.items())
    ]
    return " ".join(sentences)


def _frame(group: Group) -> Iterator[str]:
    yield rectangle(group.box, "frame", 14, group=group.name)
    yield text(group.box.left + 2, group.box.top - 11, group.label, "label")


def _arrow(arrow: Arrow) -> str:
    source, target = arrow
    name = source.name if isinstance(source, Group) else source.label
    meaning = f"{', '.join(status.label for status in arrow.sources)} → {target.label}"
    return (
        f'<path class="arrow{"" if arrow.moves else " noted"}" data-from="{name}" data-to="{target.label}"'
        f' d="{path(_way(arrow))}"><title>{meaning}</title></path>'
    )


def _way(arrow: Arrow) -> Sequence[Point]:
    source, target = arrow
    start = source.box if isinstance(source, Group) else _drawn(source).box
    return _WAYS.get((source, target)) or straight(start, _drawn(target).box)


def _dot(center: Point, radius: int = 4) -> str:
    return f'<circle class="fill" cx="{center[0]}" cy="{center[1]}" r="{radius}"/>'


def _beginning(box: Box) -> str:
    y = box.center[1]
    return _dot((18, y), 6) + f'<path class="sample" d="M18 {y}H{box.left}"/>'


def _status(status: Status) -> Iterator[str]:
    box, look, note, _ = _drawn(status)
    yield rectangle(box, f"status {look}", 9, status=status.label)
    yield text(box.left + 13, box.top + 23, status.label, "name")
    yield text(box.left + 13, box.top + 42, note)
    yield text(box.right - 12, box.top + 42, str(status.value), "number")


def _legend() -> Iterator[str]:
    yield '<path class="sample" d="M24 548H62"/>'
    yield text(74, 552, "becomes current, if its number is higher")
    yield '<path class="sample noted" d="M24 571H62"/>'
    yield text(74, 575, "is only noted in the history")
    yield '<path class="sample" d="M28 594H62"/>' + _dot((28, 594))
    yield text(74, 598, "from any status in the frame")
    yield text(412, 552, "Current: the highest number so far, not Fetched.")
    yield text(412, 575, "Reserved: in reach only once it was published.")
    yield text(412, 598, f"Never set here: {', '.join(status.label for status in sorted(NEVER_SET))}.")
