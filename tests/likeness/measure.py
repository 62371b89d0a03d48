"""How often what is named as similar went wrong in the same way: each way of ranking on the same labelled texts.

    python -m tests.likeness.measure REPORTS.csv [--postgresql] [--model WHEEL]

``REPORTS.csv`` holds reports to prevent future deaths as the judiciary of England and Wales publishes them (Crown
copyright, Open Government Licence v3.0), with the columns id, circumstances and concerns. They tell of people who died:
only their ids are in ``labels.json``, never a word of them. ``--postgresql`` starts the PostgreSQL of the tests for a
moment; ``--model`` compares with embeddings too (see ``static.py`` for what that takes). Written down in ADR 0012.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from saferpractice.similar.rules import most_alike, ranked, words_in

FEWEST_RELEVANT = {"circumstances": 3, "concerns": 3, "single concerns": 2}
"""A text is asked about when at least so many others are relevant to it."""
FIRST_OF_A_REPORT = 3
DRAWS = 5_000
FUSED_FROM, FUSED_FIRST = 60, 50
"""Reciprocal rank fusion: the usual constant, and how far down each list is read."""
_NUMBER = r"\(?\d{1,2}[.)]\)?|\([a-z]\)|[a-z][.)]|\([ivx]+\)|[ivx]+[.)]|[•\-–]"
_MARK = re.compile(rf"(?:(?<=\s)|^)(?:{_NUMBER})\s+")

Order = list[list[int]]
"""For each text the numbers of the others, the likest first."""


@dataclass(frozen=True)
class Texts:
    """Texts of one kind: which report each is of, what is relevant to each, and which are asked about."""

    kind: str
    ids: Sequence[str]
    texts: Sequence[str]
    reports: Sequence[str]
    relevant: Sequence[frozenset[int]]

    @property
    def asked(self) -> list[int]:
        """The texts asked about."""
        fewest = FEWEST_RELEVANT[self.kind]
        return [n for n, text in enumerate(self.texts) if text and len(self.relevant[n]) >= fewest]

    def others(self, order: Sequence[Sequence[int]]) -> Order:
        """``order`` without texts of the same report, which would be no find."""
        return [[m for m in found if self.reports[m] != self.reports[n]] for n, found in enumerate(order)]


def single_concerns(concerns: str) -> list[str]:
    """The numbered concerns of a report, those of a line or more; labelled by their place in this list."""
    parts = (re.sub(r"\s+", " ", part).strip() for part in _MARK.split(concerns))
    return [part for part in parts if len(part) >= 90]


def texts_of(kind: str, ids: Sequence[str], texts: Sequence[str], labels: Mapping[str, Sequence[str]]) -> Texts:
    """Texts with what is relevant to each: another report's that shares a mechanism."""
    reports = [one.split("/")[0] for one in ids]
    mechanisms = [{name for name, those in labels.items() if one in those} for one in ids]
    relevant = [
        frozenset(m for m in range(len(ids)) if reports[m] != reports[n] and mechanisms[n] & mechanisms[m])
        for n in range(len(ids))
    ]
    return Texts(kind, ids, texts, reports, relevant)


def read(path: Path) -> list[Texts]:
    """The three kinds of texts. Reports without an id cannot be named in a label and are left out."""
    csv.field_size_limit(10**8)
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"]]
    labels = json.loads(Path(__file__).with_name("labels.json").read_text("utf-8"))
    ids = [row["id"] for row in rows]
    singles = [
        (f"{row['id']}/{number}", text)
        for row in rows
        for number, text in enumerate(single_concerns(row["concerns"])[:FIRST_OF_A_REPORT], 1)
    ]
    return [
        texts_of("circumstances", ids, [row["circumstances"] for row in rows], labels["reports"]),
        texts_of("concerns", ids, [row["concerns"] for row in rows], labels["reports"]),
        texts_of("single concerns", [one for one, _ in singles], [text for _, text in singles], labels["concerns"]),
    ]


# ---- ways of ranking


def by_our_rules(texts: Texts) -> Order:
    """As ``saferpractice.similar`` ranks, without leaving out what is hardly alike."""
    pool = {n: words_in(text) for n, text in enumerate(texts.texts)}
    return [
        [one.key for one in ranked(pool[n], {m: words for m, words in pool.items() if m != n})]
        for n in range(len(pool))
    ]


def as_shown(texts: Texts) -> Order:
    """As a page shows it: at most five, none that is hardly alike."""
    pool = {n: words_in(text) for n, text in enumerate(texts.texts)}
    return [
        [
            like.key
            for like in most_alike(pool[n], {m: p for m, p in pool.items() if texts.reports[m] != texts.reports[n]})
        ]
        for n in range(len(pool))
    ]


def by_sqlite(texts: Texts) -> Order:
    """FTS5 as the search of incidents has it, asked for any of the words, by its BM25."""
    with sqlite3.connect(":memory:") as database:
        tokens = "porter unicode61 remove_diacritics 2"
        database.execute(f"CREATE VIRTUAL TABLE told USING fts5(n UNINDEXED, text, tokenize = '{tokens}')")
        database.executemany("INSERT INTO told VALUES (?, ?)", enumerate(texts.texts))

        def alike(n: int, text: str) -> list[int]:
            any_of = " OR ".join(f'"{word}"' for word in words_in(text).counts)
            found = database.execute("SELECT n FROM told WHERE told MATCH ? ORDER BY bm25(told), n", [any_of])
            return [m for (m,) in found if m != n]

        return [alike(n, text) if text else [] for n, text in enumerate(texts.texts)]


def by_postgresql(texts: Texts) -> Order:
    """``ts_rank`` over ``to_tsvector('english')``, asked for any of the words, divided by the length's logarithm."""
    import psycopg

    from tests.databases import PostgresqlServer

    server = PostgresqlServer()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as database:
            database.execute("CREATE TEMPORARY TABLE told (n int, words tsvector)")
            for n, text in enumerate(texts.texts):
                database.execute("INSERT INTO told VALUES (%s, to_tsvector('english', %s))", [n, text])
            rank = (
                "SELECT n FROM told, to_tsquery('english', %s) q WHERE words @@ q ORDER BY ts_rank(words, q, 1) DESC, n"
            )

            def alike(n: int, text: str) -> list[int]:
                found = database.execute(rank, [" | ".join(words_in(text).counts)])
                return [m for (m,) in found if m != n]

            return [alike(n, text) if text else [] for n, text in enumerate(texts.texts)]
    finally:
        server.stop()


def fused(one: Order, other: Order) -> Order:
    """Two orders as one, by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009)."""
    both = []
    for pair in zip(one, other, strict=True):
        scores: Counter[int] = Counter()
        for found in pair:
            for rank, m in enumerate(found[:FUSED_FIRST], 1):
                scores[m] += 1 / (FUSED_FROM + rank)  # type: ignore[assignment]
        both.append(sorted(scores, key=lambda m: (-scores[m], m)))
    return both


# ---- how good they are


@dataclass(frozen=True)
class Score:
    """Precision at five and recall at ten for each text asked about."""

    precision: list[float]
    recall: list[float]


def score(texts: Texts, order: Order) -> Score:
    """How good ``order`` is. Fewer than five found count as five: an empty place is no find."""
    found = texts.others(order)
    return Score(
        [sum(m in texts.relevant[n] for m in found[n][:5]) / 5 for n in texts.asked],
        [sum(m in texts.relevant[n] for m in found[n][:10]) / len(texts.relevant[n]) for n in texts.asked],
    )


def mean(numbers: Sequence[float]) -> float:
    """Their mean."""
    return sum(numbers) / len(numbers)


def difference(texts: Texts, one: Sequence[float], other: Sequence[float]) -> tuple[float, float, float]:
    """How much more ``other`` is, with a 95% interval: reports are drawn whole, as their texts hang together."""
    by_report: dict[str, list[float]] = {}
    for n, a, b in zip(texts.asked, one, other, strict=True):
        by_report.setdefault(texts.reports[n], []).append(b - a)
    groups = [(sum(those), len(those)) for those in by_report.values()]
    draw = random.Random(1)
    means = []
    for _ in range(DRAWS):
        drawn = draw.choices(groups, k=len(groups))
        means.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    return mean(other) - mean(one), means[int(DRAWS * 0.025)], means[int(DRAWS * 0.975)]


def report(texts: Texts, ways: Mapping[str, Callable[[Texts], Order]]) -> list[str]:
    """A table: each way, and how much better or worse than the first."""
    asked = texts.asked
    chance = mean([len(texts.relevant[n]) / sum(r != texts.reports[n] for r in texts.reports) for n in asked])
    lines = [f"{texts.kind}: {len(asked)} of {len(texts.ids)} asked about; by chance {chance:.3f}"]
    first: Score | None = None
    for name, way in ways.items():
        got = score(texts, way(texts))
        first = first or got
        more, low, high = difference(texts, first.precision, got.precision)
        lines.append(
            f"  {name:42} P@5 {mean(got.precision):.3f}  R@10 {mean(got.recall):.3f}  "
            f"P@5 against the first {more:+.3f} ({low:+.3f} to {high:+.3f})"
        )
    shown = texts.others(as_shown(texts))
    right = sum(m in texts.relevant[n] for n in asked for m in shown[n])
    all_of_them = sum(len(shown[n]) for n in asked)
    return [
        *lines,
        f"  as a page shows it: {all_of_them / len(asked):.1f} each, {right / all_of_them:.3f} of them right",
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--postgresql", action="store_true", help="rank with PostgreSQL too")
    parser.add_argument("--model", type=Path, help="a wheel or folder with all-MiniLM-L6-v2")
    given = parser.parse_args()
    ways: dict[str, Callable[[Texts], Order]] = {"full text: SQLite FTS5": by_sqlite, "full text: ours": by_our_rules}
    if given.postgresql:
        ways["full text: PostgreSQL ts_rank"] = by_postgresql
    if given.model:
        from tests.likeness.static import ways_of

        for name, way in ways_of(given.model).items():
            ways[name] = way
            ways[f"{name}, fused with ours"] = lambda texts, way=way: fused(by_our_rules(texts), way(texts))  # type: ignore[misc]
    for texts in read(given.reports):
        print("\n".join(report(texts, ways)), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
