"""How long an XmR chart takes, from its numbers to every label and both icons: the third part of ``make bench``.

1, 100 and 2,000 series of 36 months, as many pages ask for at once. Beside each in the same run, turn by turn:
the closest maintained package for the same charts, abspc of a Welsh health board, which ``make bench`` installs into an
environment of its own since it brings pandas and matplotlib along (``requirements/bench.lock``). Times are those of
the processor, since the machine may be busy with other things. Exit code 1 when one of our series takes more than
0.3 ms. What the drawing of the picture takes is told beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

MOST_MS = 0.3
SERIES = (1, 100, 2000)
POINTS = 36
TARGET = 24.0
ROUNDS = 5
PEER = Path(__file__).resolve().parent.parent / ".bench" / "bin" / "python"
"""The Python in whose environment the other package is."""


def numbers(how_many: int) -> list[list[float]]:
    """Series as services have them: ordinary for the most part, some with a shift, a trend or a spike."""
    rng = random.Random(how_many)
    found = []
    for number in range(how_many):
        values = [round(rng.gauss(20, 4), 1) for _ in range(POINTS)]
        match number % 4:
            case 1:
                values[24:] = [value + 6 for value in values[24:]]
            case 2:
                values[28:] = [18.0 + i for i in range(8)]
            case 3:
                values[-1] = 45.0
        found.append(values)
    return found


def days() -> list[date]:
    """The first days of the months."""
    return [date(2023 + (3 + i) // 12, (3 + i) % 12 + 1, 1) for i in range(POINTS)]


def milliseconds(call: Callable[[], object], series: int, *, least: float = 0.05) -> float:
    """Of the processor for one series: the middle of some rounds, each long enough to be measured."""
    call()
    times = 1
    while True:
        started = time.process_time()
        for _ in range(times):
            call()
        if time.process_time() - started >= least:
            break
        times *= 2
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(times):
            call()
        found.append((time.process_time() - started) * 1000 / times / series)
    return statistics.median(found)


def ours(how_many: int) -> tuple[float, float]:
    """Milliseconds a series for reading it, and for drawing what was read."""
    from saferpractice.assurance.rules.charts.chart import measure_chart
    from saferpractice.assurance.rules.charts.which import Number
    from saferpractice.assurance.rules.measures import Better, Measure, Period, Point, Series
    from saferpractice.design.spc import Dot, Spc, spc_chart

    over = [Period(day, day.replace(day=monthrange(day.year, day.month)[1]), f"{day:%b %Y}") for day in days()]
    measure = Measure("late", "Late escalations", Number.MEASURED, Better.LOWER, "late", "", "rows", target=TARGET)
    given = [
        Series(measure, "North team", tuple(Point(period, value) for period, value in zip(over, values, strict=True)))
        for values in numbers(how_many)
    ]
    after = date(2030, 1, 1)
    read = [measure_chart(series, today=after) for series in given]
    assert all(chart.variation is not None and chart.assurance is not None for chart in read)
    pictures = [
        Spc("Late", chart.why, tuple(Dot(p.label, p.value, p.centre, p.lower, p.upper) for p in chart.points))
        for chart in read
    ]
    return (
        milliseconds(lambda: [measure_chart(series, today=after) for series in given], how_many),
        milliseconds(lambda: [spc_chart(picture) for picture in pictures], how_many),
    )


def theirs(how_many: int) -> float:
    """Milliseconds a series for the same by the other package. Only its own environment can answer."""
    import abspc
    import pandas as pd

    frames = [pd.DataFrame({"date": days(), "value": values}) for values in numbers(how_many)]

    def one(frame: Any) -> tuple[Any, ...]:
        found = abspc.detect_special_causes(abspc.calculate_control_limits(frame, "XmR"))
        return (
            abspc.determine_point_colours(found, improvement_direction="low"),
            abspc.determine_variation_type(found, improvement_direction="low"),
            abspc.determine_assurance_type(found, TARGET, improvement_direction="low"),
        )

    return milliseconds(lambda: [one(frame) for frame in frames], how_many)


def ask_peer(how_many: int) -> float | None:
    """What the other package takes, in its own environment; None where that is not installed."""
    if not PEER.exists():
        return None
    done = subprocess.run(
        [PEER, __file__, "--peer", str(how_many)], capture_output=True, text=True, check=False, cwd=PEER.parent
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    return float(json.loads(done.stdout))


def table(found: Sequence[tuple[int, float, float, float | None]]) -> str:
    """As Markdown: how many series, and for one of them reading, drawing, and the other package's reading."""
    lines = ["| series | read ms | drawn ms | abspc ms | times |", "| ---: | ---: | ---: | ---: | ---: |"]
    for series, read, drawn, other in found:
        beside = "not installed |" if other is None else f"{other:.1f} | {other / read:.0f}"
        lines.append(f"| {series:,} | {read:.3f} | {drawn:.3f} | {beside} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure, print a table, and judge ours."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", default=",".join(map(str, SERIES)))
    parser.add_argument("--peer", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.peer:
        print(json.dumps(theirs(chosen.peer)))
        return 0
    found = [(how_many, *ours(how_many), ask_peer(how_many)) for how_many in map(int, chosen.series.split(","))]
    print(table(found))
    slow = [f"{how_many:,} series" for how_many, read, *_ in found if read > MOST_MS]
    if slow:
        print(f"More than {MOST_MS} ms a series: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
