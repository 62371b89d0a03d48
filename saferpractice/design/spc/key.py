"""What is written about a chart over time: the signs of its marks, the names of its lines, the key below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from saferpractice.design.charts import INK, LINE, QUIET
from saferpractice.design.spc.frame import Frame, Size
from saferpractice.design.spc.shapes import Flag, Look, Spc, hollow, n, number, shape, shown, text_at


def flags_of(spc: Spc, frame: Frame, size: Size) -> Iterator[str]:
    """Vertical lines with their signs above; signs that would overlap share one."""
    tall = size.font + 6
    for flag in spc.flags:
        x = n(frame.x(flag.at))
        yield f'<path d="M{x} {n(frame.top - 4)}V{n(frame.bottom)}" stroke="{INK}" stroke-dasharray="2 3"/>'
    for left, width, said in _signs(spc.flags, frame, size):
        top = frame.top - 4 - tall
        yield f'<rect x="{n(left)}" y="{n(top)}" width="{n(width)}" height="{n(tall)}" rx="3" fill="{INK}"/>'
        yield text_at(left + width / 2, top + size.font, said, colour="#ffffff", anchor="middle", bold=True)


def _signs(flags: Sequence[Flag], frame: Frame, size: Size) -> list[tuple[float, float, str]]:
    """Left, width and words of each sign, none over another, all within the picture."""
    groups = [[flag] for flag in sorted(flags, key=lambda flag: flag.at)]
    while True:
        placed = [_sign(group, frame, size) for group in groups]
        clash = next((i for i in range(1, len(placed)) if placed[i][0] < placed[i - 1][0] + placed[i - 1][1] + 2), None)
        if clash is None:
            return placed
        groups[clash - 1 : clash + 1] = [groups[clash - 1] + groups[clash]]


def _sign(group: Sequence[Flag], frame: Frame, size: Size) -> tuple[float, float, str]:
    said = _signed([flag.sign for flag in group])
    width = len(said) * size.font * 0.6 + 8
    middle = frame.x(sum(flag.at for flag in group) / len(group))
    return min(max(middle - width / 2, 2), size.width - width - 2), width, said


def _signed(signs: Sequence[str]) -> str:
    """Numbers as a range, then letters: "1–3, A"."""
    numbers = sorted(int(sign) for sign in signs if sign.isdecimal())
    words = [f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])] if numbers else []
    return ", ".join([*words, *sorted(sign for sign in signs if not sign.isdecimal())])


def names_of(spc: Spc) -> Iterator[tuple[float, str, str]]:
    """The lines at the right end with their heights, words and colours."""
    last = next((dot for dot in reversed(spc.dots) if not dot.open), None)
    if last is not None:
        if last.centre is not None:
            yield last.centre, f"{spc.centre_label} {number(last.centre, spc.unit)}", INK
        limit = "Trial" if last.trial else ""
        for value, word in ((shown(last.upper, spc), "upper"), (shown(last.lower, spc), "lower")):
            if value is not None:
                yield value, f"{limit} {word} {number(value, spc.unit)}".strip().capitalize(), QUIET
    if spc.target is not None:
        yield spc.target, f"Target {number(spc.target, spc.unit)}", LINE


def named(names: Sequence[tuple[float, str, str]], frame: Frame, size: Size) -> Iterator[str]:
    """The names beside their lines, moved apart where they would overlap; a target far away points to where it is."""
    pitch = size.font + 2
    placed = sorted(
        (
            min(max(frame.y(value), frame.top), frame.bottom),
            f"{words} ↑" if value > frame.high else f"{words} ↓" if value < frame.low else words,
            colour,
        )
        for value, words, colour in names
    )
    heights: list[float] = []
    for y, _, _ in placed:
        heights.append(max(y, heights[-1] + pitch) if heights else y)
    over = max(0.0, heights[-1] - frame.bottom) if heights else 0.0
    for i in range(len(heights) - 1, -1, -1):
        ceiling = heights[i + 1] - pitch if i + 1 < len(heights) else heights[i] - over
        heights[i] = min(heights[i], ceiling)
    for height, (_, words, colour) in zip(heights, placed, strict=True):
        yield text_at(frame.right + 6, height + size.font * 0.35, words, colour=colour)


def key_of(spc: Spc, size: Size) -> tuple[list[str], float]:
    """What the shapes mean, and on a narrow chart the lines too; with the height it takes."""
    items = list(_key_items(spc, lines=not size.labelled))
    drawn: list[str] = []
    x, row = 4.0, 0
    for symbol, words in items:
        width = 26 + len(words) * size.font * 0.54 + 16
        if x > 4 and x + width - 16 > size.width:
            x, row = 4.0, row + 1
        y = size.height + 10 + row * (size.font + 10)
        drawn += [symbol(x + 9, y), text_at(x + 24, y + size.font * 0.35, words)]
        x += width
    return drawn, (row + 1) * (size.font + 10) + 4 if items else 0


def _key_items(spc: Spc, *, lines: bool) -> Iterator[tuple[_Drawer, str]]:
    looks = {(dot.look, dot.high) for dot in spc.dots if dot.value is not None and not dot.open}
    for look, words in ((Look.CONCERN, "Concern"), (Look.IMPROVEMENT, "Improvement"), (Look.NEUTRAL, "Special cause")):
        high = (look, True) in looks
        if high or (look, False) in looks:
            yield _Drawer(look, high), words
    if any(dot.open and dot.value is not None for dot in spc.dots):
        yield _Drawer(None, high=False), "Not over yet"
    if not lines:
        return
    last = next((dot for dot in reversed(spc.dots) if not dot.open), None)
    if last is not None and last.centre is not None:
        yield _Drawer(f'stroke="{INK}" stroke-width="1.5"'), f"{spc.centre_label} {number(last.centre, spc.unit)}"
    held = [value for value in (shown(last.lower, spc), shown(last.upper, spc)) if value is not None] if last else []
    if last is not None and held:
        dashes, word = ("1.5 5", "Trial limits") if last.trial else ("7 4", "Limits")
        told = " to ".join(number(value, spc.unit) for value in held)
        if len(held) == 1:
            word = f"{word.removesuffix('s')}, {'upper' if shown(last.upper, spc) is not None else 'lower'}"
        yield _Drawer(f'stroke="{QUIET}" stroke-width="1.5" stroke-dasharray="{dashes}"'), f"{word} {told}"
    if spc.target is not None:
        dashed = f'stroke="{LINE}" stroke-width="2" stroke-dasharray="12 3 2 3"'
        yield _Drawer(dashed), f"Target {number(spc.target, spc.unit)}"


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Draws a sign of the key about a place: a shape, a hollow dot, or a line of some look."""

    what: Look | str | None
    high: bool = False

    def __call__(self, x: float, y: float) -> str:
        if self.what is None:
            return hollow(x, y, 4)
        if isinstance(self.what, Look):
            return shape(x, y, self.what, self.high, 1.0)
        return f'<path d="M{n(x - 9)} {n(y)}h18" {self.what}/>'
