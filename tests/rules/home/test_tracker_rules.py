"""The tracker's rules: where a page ends, what belongs where, and what an address may ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.home.rules import Cursor, Sort, Sphere, Which

pytestmark = pytest.mark.requirement("R35")
ID = UUID("01a21cd9-2147-724f-8cf6-ae06926f4798")
AT = datetime(2026, 3, 4, 2, 5, 6, 789, tzinfo=UTC)


class TestCursor:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "~",
            "2026-03-04T02:05:00+00:00",
            f"~{ID}",
            f"2026-03-04T02:05:00~{ID}",
            f"2026-03-04~{ID}",
            f"2026-02-29T00:00:00+00:00~{ID}",
            f"0001-01-01T00:00:00+14:00~{ID}",
            f"9999-12-31T23:59:59-12:00~{ID}",
            f"10000-01-01T00:00:00+00:00~{ID}",
            f"2026-03-04T02:05:00+99:00~{ID}",
            "2026-03-04T02:05:00+00:00~not-an-id",
            f"2026-03-04T02:05:00+00:00~{ID}~{ID}",
            "2026-03-04T02:05:00+00:00~\x00",
            f"\x00~{ID}",
            "9" * 5000,
        ],
    )
    def test_what_somebody_changed_is_the_first_page(self, text: str) -> None:
        assert Cursor.read(text) is None

    @pytest.mark.parametrize(
        ("moment", "read"),
        [
            ("2026-03-04T02:05:00+00:00", datetime(2026, 3, 4, 2, 5, tzinfo=UTC)),
            ("2026-03-04T02:05:00Z", datetime(2026, 3, 4, 2, 5, tzinfo=UTC)),
            ("2026-10-25T01:30:00+01:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
            ("2026-10-25T01:30:00+00:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
            ("0001-01-01T00:00:00+00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ],
    )
    def test_it_is_a_moment_and_a_row(self, moment: str, read: datetime) -> None:
        found = Cursor.read(f"{moment}~{ID}")
        assert found == Cursor(read, ID)
        assert found is not None
        assert found.moment.tzinfo is UTC, "the night the clocks go back has two half past ones"

    @given(st.integers(0, 315_000_000_000), st.integers(-840, 840), st.uuids())
    def test_it_comes_back_as_it_went_out(self, seconds: int, minutes: int, row: UUID) -> None:
        moment = datetime(2, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        cursor = Cursor(moment.astimezone(timezone(timedelta(minutes=minutes))), row)
        assert Cursor.read(cursor.text()) == cursor

    @given(st.text(max_size=60))
    def test_any_text_is_a_place_or_the_first_page(self, text: str) -> None:
        for odd in (text, f"{text}~{ID}", f"{AT.isoformat()}~{text}"):
            found = Cursor.read(odd)
            assert found is None or found.moment.utcoffset() == timedelta()


class TestSpheres:
    KINDS = {
        "triage.decide": Sphere.DECISIONS,
        "triage.tell": Sphere.DECISIONS,
        "reviews.document": Sphere.DOCUMENTS,
        "changes.action": Sphere.ACTIONS,
        "changes.accept_evidence": Sphere.ACTIONS,
        "findings.answer": Sphere.CHANGES,
        "changes.go_live": Sphere.CHANGES,
        "changes.proof": Sphere.CHANGES,
        "assurance.look": Sphere.CHECKS,
        "pathways.record": Sphere.PATHWAYS,
        "supervision.discuss": Sphere.SUPERVISION,
    }

    @pytest.mark.parametrize("kind", KINDS)
    def test_each_kind_of_work_belongs_to_one(self, kind: str) -> None:
        assert [sphere for sphere in Sphere if sphere.holds(kind)] == [self.KINDS[kind]]

    @pytest.mark.parametrize("kind", ["", "triage", "Triage.decide", "notriage.decide", "change.action"])
    def test_a_kind_that_only_looks_alike_belongs_to_none(self, kind: str) -> None:
        assert [sphere for sphere in Sphere if sphere.holds(kind)] == []

    @pytest.mark.parametrize("choice", [Which, Sort, Sphere])
    def test_every_choice_has_words_of_its_own(self, choice: type[Which] | type[Sort] | type[Sphere]) -> None:
        words = [one.label for one in choice]
        assert all(words)
        assert len(set(words)) == len(words)
