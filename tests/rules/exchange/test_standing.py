"""Where an import stands: worked out from its rows, so that no row can be lost from the count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.presenters import counted, counts, cut, progress_words
from saferpractice.exchange.rules.states import BatchState, LineState, Standing, standing_of, work_words

pytestmark = pytest.mark.requirement("R6")

LOOKED_AT = st.dictionaries(st.sampled_from([state.value for state in LineState]), st.integers(0, 5000))


def standing(rows: int, undone: bool = False, stopped: bool = False, **found: int) -> Standing:
    return standing_of(rows=rows, counts=found, undone=undone, stopped=stopped)


class TestProgress:
    @pytest.mark.parametrize(
        ("found", "progress", "at_work"),
        [
            (standing(10), (0, 10), True),
            (standing(10, imported=3, held=1), (4, 10), True),
            (standing(10, imported=3, held=1, stopped=True), (4, 10), False),
            (standing(10, imported=9, held=1), (10, 10), False),
            (standing(10, undone=True, imported=6, withdrawn=1, stays=1, held=2), (2, 8), True),
            (standing(10, undone=True, withdrawn=7, stays=1, held=2), (10, 10), False),
            (standing(10, undone=True, held=10), (10, 10), False),
        ],
        ids=["begun", "under way", "stopped", "over", "being undone", "undone", "nothing to undo"],
    )
    def test_is_of_rows_or_of_incidents_taken_back(
        self, found: Standing, progress: tuple[int, int], at_work: bool
    ) -> None:
        assert (found.progress, found.at_work) == (progress, at_work)

    @given(st.integers(0, 9000), LOOKED_AT, st.booleans(), st.booleans())
    def test_never_goes_beyond_the_whole(self, more: int, found: dict[str, int], undone: bool, stopped: bool) -> None:
        one = standing_of(rows=sum(found.values()) + more, counts=found, undone=undone, stopped=stopped)
        done, whole = one.progress
        assert 0 <= done <= whole
        assert (one.state is BatchState.UNDOING) <= (done < whole)
        assert (one.state is BatchState.WORKING) <= (done < whole)

    @given(LOOKED_AT, st.booleans())
    def test_no_row_is_lost_from_the_count(self, found: dict[str, int], undone: bool) -> None:
        one = standing_of(rows=sum(found.values()), counts=found, undone=undone)
        assert sum(one.count(state) for state in LineState) == one.looked_at == sum(found.values())

    @given(LOOKED_AT, st.booleans())
    def test_one_that_holds_a_row_back_never_says_it_is_done(self, found: dict[str, int], stopped: bool) -> None:
        one = standing_of(rows=sum(found.values()), counts=found, undone=False, stopped=stopped)
        assert one.state is (BatchState.HOLDS if found.get("held") else BatchState.DONE)

    @given(LOOKED_AT, st.integers(0, 50), st.booleans())
    def test_an_undone_one_is_undone_when_nothing_of_it_stands_and_not_before(
        self, found: dict[str, int], more: int, stopped: bool
    ) -> None:
        one = standing_of(rows=sum(found.values()) + more, counts=found, undone=True, stopped=stopped)
        assert (one.state is BatchState.UNDONE) == (not found.get("imported"))

    def test_a_state_nobody_knows_is_not_passed_over(self) -> None:
        with pytest.raises(ValueError, match="lost"):
            standing(3, imported=2, lost=1)


class TestInWords:
    @pytest.mark.parametrize(
        ("found", "said"),
        [
            (standing(0), "0 of 0 rows"),
            (standing(1200), "0 of 1,200 rows"),
            (standing(2, imported=2), "2 imported"),
            (standing(1300, held=3, imported=1200), "1,200 imported, 3 held back"),
            (standing(6, stays=1, withdrawn=2, already=3), "3 already here, 2 taken back, 1 stays"),
            (standing(2, imported=2, held=0), "2 imported"),
        ],
    )
    def test_each_state_that_has_rows_in_one_order(self, found: Standing, said: str) -> None:
        assert counted(found) == said

    @pytest.mark.parametrize(
        ("found", "said"),
        [
            (standing(1000, imported=250), "250 of 1,000 rows looked at."),
            (standing(9, undone=True, imported=2, withdrawn=3, stays=1, held=3), "4 of 6 rows taken back."),
        ],
    )
    def test_how_far_it_is(self, found: Standing, said: str) -> None:
        assert progress_words(found) == said

    @pytest.mark.parametrize(
        ("found", "texts"),
        [
            (standing(3), ["imported"]),
            (standing(3, held=3), ["imported", "held back"]),
            (standing(3, undone=True, withdrawn=3), ["taken back"]),
            (standing(3, undone=True, withdrawn=1, imported=1, stays=1), ["imported", "taken back", "stays"]),
        ],
    )
    def test_an_import_that_brought_nothing_says_so(self, found: Standing, texts: list[str]) -> None:
        assert [one["text"] for one in counts(found)] == texts

    @given(st.lists(st.sampled_from(["triage.record", "reviews.open", "reviews.close", "files.add", "changes.agree"])))
    def test_why_an_incident_stays_says_each_thing_once(self, operations: list[str]) -> None:
        if not operations:
            return
        said = work_words(operations)
        for words in ("it was triaged", "its review has begun", "somebody has worked on it", "a change or tracked"):
            assert said.count(words) <= 1
        assert ("its review has begun" in said) == any(name.startswith("reviews.") for name in operations)
        assert not said.startswith(" and ")
        assert not said.endswith(", ")

    @given(st.text(max_size=60), st.integers(1, 30))
    def test_a_text_cut_for_a_list_is_its_beginning(self, text: str, length: int) -> None:
        shown, whole = cut(text, length), " ".join(text.split())
        assert "\n" not in shown
        assert len(shown) <= length + 1
        assert shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1]))
