"""The geometry of bar charts: drawn by a template as SVG, with words around it that HTML sets (admin/_chart.html)."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
_GAP = 0.24  # of a bar's place


@dataclass(frozen=True, slots=True)
class Bar:
    """One number, as a rectangle on a ground that is a unit wide for each bar and HEIGHT high."""

    label: str
    value: int
    x: float
    y: float
    height: float
    is_open: bool  # its time is not over

    width: float = 1 - _GAP


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over time, the latest last; the axis begins at nought and ends at `top`."""

    bars: Sequence[Bar]
    top: int
    height: int = HEIGHT

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(bar.value for bar in self.bars)

    @property
    def highest(self) -> Bar:
        """The highest bar, the first of them if there are several."""
        return max(self.bars, key=lambda bar: bar.value)

    @property
    def width(self) -> int:
        """Of the ground."""
        return len(self.bars)

    @property
    def ticks(self) -> Sequence[int]:
        """Values beside the axis, from the top down."""
        return (self.top, self.top // 2, 0)

    def marks(self, number: int) -> Sequence[str]:
        """What stands below the axis: the label where each of so many equal parts begins."""
        return [self.bars[len(self.bars) * part // number].label for part in range(number)]


def chart(points: Sequence[tuple[str, int]]) -> Chart:
    """Of labels and numbers; the last one is not over yet. A number that is not nought is seen."""
    top = _round_above(max((value for _, value in points), default=0))
    bars = []
    for place, (label, value) in enumerate(points):
        height = round(max(value / top * HEIGHT, 1.5 if value else 0), 2)
        is_open = place == len(points) - 1
        bars.append(Bar(label, value, round(place + _GAP / 2, 2), round(HEIGHT - height, 2), height, is_open))
    return Chart(bars, top)


def _round_above(value: int) -> int:
    """The least even number of one digit and noughts, or 10 of them, that is not below the value."""
    size = 1
    while value > 10 * size:
        size *= 10
    return next(step * size for step in (2, 4, 6, 8, 10) if step * size >= value)
