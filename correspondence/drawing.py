"""Boxes and lines as SVG writes them. Lengths are pixels; points count from the upper left corner."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

Point = tuple[int, int]
_ROUNDING = 8


class Box(NamedTuple):
    """An upright rectangle."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The x of its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The y of its lower side."""
        return self.top + self.height

    @property
    def center(self) -> Point:
        """The point in its middle."""
        return self.left + self.width // 2, self.top + self.height // 2


def straight(source: Box, target: Box) -> Sequence[Point]:
    """A line between facing sides, level or upright where it can be; from a frame's left side to a box inside of it."""
    x, y = _shared(source[::2], target[::2]), _shared(source[1::2], target[1::2])
    if x and y:
        return (source.left, y), (target.left, y)
    if x:
        down = source.top < target.top
        return (x, source.bottom if down else source.top), (x, target.top if down else target.bottom)
    right = source.left < target.left
    start, end = (source.right, target.left) if right else (source.left, target.right)
    return (start, y or source.center[1]), (end, y or target.center[1])


def _shared(one: Sequence[int], other: Sequence[int]) -> int | None:
    """The middle of what two stretches, each a start and a length, have in common."""
    start, end = max(one[0], other[0]), min(sum(one), sum(other))
    return (start + end) // 2 if start < end else None


def path(points: Sequence[Point]) -> str:
    """What goes into `d`: the points, the corners between them right angles that are rounded."""
    steps = ["M{} {}".format(*points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        steps.append("L{} {}Q{} {} {} {}".format(*start, *corner, *end))
    steps.append("L{} {}".format(*points[-1]))
    return "".join(steps)


def _towards(corner: Point, other: Point) -> Point:
    (x, y), (to_x, to_y) = corner, other
    return x + _ROUNDING * ((to_x > x) - (to_x < x)), y + _ROUNDING * ((to_y > y) - (to_y < y))


def rectangle(box: Box, look: str, rounding: int, **data: str) -> str:
    """A box; `data` become attributes that say what it stands for."""
    told = "".join(f' data-{name}="{value}"' for name, value in data.items())
    place = f'x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}"'
    return f'<rect class="{look}"{told} {place} rx="{rounding}"/>'


def text(x: int, y: int, words: str, look: str = "note") -> str:
    """One line of text; y is where its letters stand."""
    return f'<text class="{look}" x="{x}" y="{y}">{escape(words)}</text>'
