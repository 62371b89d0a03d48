"""How long drawing a pack of many incidents takes, and how much memory: a part of ``make bench``.

A pack is drawn in a process of its own, so that its memory is seen by itself; Typst has another, and both are told.
What drawing the PDF takes is compared with letting the same Typst set the same words as plain paragraphs, without
tables, tags, charts, contents or attached files. Exit code 1 when the PDF takes longer or more memory than it may.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile

from saferpractice.evidence.rendering import bundle, data, html, pdf
from saferpractice.evidence.rendering.places import DATA
from saferpractice.evidence.rendering.printing import lines_of
from saferpractice.evidence.rules.packs.document import Fact, Facts, Kind, Pack, Section, Source, Typed
from tests.factories.packs_drawn import a_chart, a_drawn_pack, a_story, a_table, opened

MOST_SECONDS = 20.0
MOST_MEGABYTES = 300.0
"""For each of the two processes by itself."""
AT_INCIDENTS = 200
"""The ceilings are for a pack of so many; a smaller one must not take more either."""
CHARTS = 20
LABELS = ("What happened", "Harm", "Done at once", "Tier", "Why this tier", "Who decided")
PLAIN = '#set text(font: "Liberation Sans", size: 10pt)\n#for line in json(bytes(sys.inputs.lines)) { par(line) }\n'


@dataclass(frozen=True)
class Measured:
    """Seconds, and the largest size of each process in megabytes."""

    incidents: int
    pages: int
    kilobytes: int
    pdf: float
    plain: float
    html: float
    data: float
    bundle: float
    ours: float
    typst: float


def long_pack(incidents: int) -> Pack:
    """Each incident has its facts, a story of 15 moments and three tables; the first ones a chart."""
    sections: list[Section] = []
    for number in range(incidents):
        what = Typed(f"Nobody answered the door at visit {number}, and the duty manager was called the next morning.")
        facts = Facts(tuple(Fact(label, what) for label in LABELS), Source(Kind.INCIDENT, f"2026-{number:04}"))
        chart = (a_chart(f"Theme {number}"),) if number < CHARTS else ()
        tables = (a_table(6, "contacts", what), a_table(5, "changes", what), a_table(4, "audits", what))
        sections += [
            Section(f"Incident 2026-{number:04}", (facts,)),
            Section("What happened and was decided", (a_story(15),), level=2),
            Section("What was done", (*tables, *chart), level=2),
        ]
    return a_drawn_pack(sections=tuple(sections), about=f"{incidents} incidents, all invented")


def words_of(pack: Pack) -> list[str]:
    """Every text of the pack, one after the other."""
    text = re.sub(r"<(style|svg).*?</\1>|<[^>]+>", "\n", html(pack), flags=re.DOTALL)
    return [line for line in lines_of(text) if line.strip()]


def set_plainly(lines: list[str]) -> None:
    """The baseline: the words alone, in a process that does nothing else."""
    code = (
        "import sys, typst; typst.compile(sys.argv[1].encode(), font_paths=[sys.argv[2]], ignore_system_fonts=True,"
        "format='pdf', pdf_tags=False, sys_inputs={'lines': sys.stdin.read()})"
    )
    command = [sys.executable, "-I", "-c", code, PLAIN, str(DATA / "fonts")]
    subprocess.run(command, input=json.dumps(lines).encode(), check=True, capture_output=True)


def megabytes(whose: int) -> float:
    """The largest size so far, of this process or of the largest that it started."""
    size = resource.getrusage(whose).ru_maxrss
    return size / (1024 if sys.platform != "darwin" else 1024 * 1024)


def measure(incidents: int) -> Measured:
    """In this process, and those that it starts."""
    pack = long_pack(incidents)
    took: dict[str, float] = {}

    def timed(name: str, call: object) -> object:
        started = time.perf_counter()
        result = call()  # type: ignore[operator]
        took[name] = time.perf_counter() - started
        return result

    raw = timed("pdf", lambda: pdf(pack))
    ours, typst = megabytes(resource.RUSAGE_SELF), megabytes(resource.RUSAGE_CHILDREN)
    timed("html", lambda: html(pack))
    timed("data", lambda: data(pack))
    with TemporaryFile() as into:
        timed("bundle", lambda: bundle(pack, [], None, into))
    lines = words_of(pack)
    timed("plain", lambda: set_plainly(lines))
    assert isinstance(raw, bytes)
    return Measured(incidents, len(opened(raw).pages), len(raw) // 1024, ours=ours, typst=typst, **took)


def in_a_process(incidents: int) -> Measured:
    """What memory a process took is known only of one that did nothing else."""
    command = [sys.executable, "-m", "tests.bench_packs", "--incidents", str(incidents), "--in-this-process"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def said(found: Measured) -> str:
    """As Markdown."""
    return (
        "\n| drawing a pack | pages | KB | PDF, s | its words alone, s | ratio | page, s | data, s | ZIP of all, s "
        "| our memory, MB | Typst's, MB |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        f"| {found.incidents} incidents | {found.pages} | {found.kilobytes:,} | {found.pdf:.1f} | {found.plain:.1f} "
        f"| {found.pdf / found.plain:.1f} | {found.html:.1f} | {found.data:.1f} | {found.bundle:.1f} "
        f"| {found.ours:.0f} | {found.typst:.0f} |"
    )


def judged(found: Measured) -> list[str]:
    """What is not as it must be."""
    wrong = []
    if found.pdf >= MOST_SECONDS:
        wrong.append(f"Drawing {found.incidents} incidents takes {MOST_SECONDS:.0f} seconds or longer")
    if max(found.ours, found.typst) >= MOST_MEGABYTES:
        wrong.append(f"Drawing {found.incidents} incidents takes {MOST_MEGABYTES:.0f} MB or more")
    return wrong


def main(arguments: list[str]) -> int:
    """Measure, print it, and judge."""
    parser = argparse.ArgumentParser(prog="bench_packs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--incidents", type=int, default=AT_INCIDENTS)
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.in_this_process:
        print(json.dumps(asdict(measure(chosen.incidents))))
        return 0
    found = in_a_process(chosen.incidents)
    print(said(found), flush=True)
    for line in judged(found):
        print(line)
    return 1 if judged(found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
