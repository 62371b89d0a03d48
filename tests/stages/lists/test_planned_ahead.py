"""Entries planned ahead, sent twice, replaced and ended in any order: what a list offers stays true on every day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.lists.models import ListEntry
from saferpractice.lists.operations import add_entry, end_entry
from saferpractice.lists.queries import choices, label_of, labels_of, own_entries_count, shipped, versions
from saferpractice.lists.rules.own import is_law
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.personas import NOW, SET_UP, Cast
from tests.stages.lists.test_own_entries import A_DAY, TODAY, WHY, a_duty, a_theme, add, end, offered

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14", "R36")]


def refused(cast: Cast, part: str, do: Any, *args: Any, **changes: Any) -> str:
    """The sentence beside ``part``; nothing was written."""
    before = list(ListEntry.objects.order_by("pk").values())
    with pytest.raises(Invalid) as no:
        do(cast, *args, **changes)
    assert list(ListEntry.objects.order_by("pk").values()) == before
    return no.value.problems[part]


class TestOnePlannedForLater:
    def test_ended_it_does_not_bring_back_what_it_had_replaced(self, cast: Cast) -> None:
        add(cast, label="Later", valid_from=TODAY + 10 * A_DAY)
        add(cast, label="Now")
        end(cast, "medication", TODAY + 12 * A_DAY)
        days = {day: offered(cast, TODAY + day * A_DAY).get("medication") for day in (0, 9, 10, 12, 13, 40)}
        assert days == {0: "Now", 9: "Now", 10: "Later", 12: "Later", 13: None, 40: None}

    def test_one_that_ends_before_the_next_begins_leaves_a_gap(self, cast: Cast) -> None:
        add(cast, label="Later", valid_from=TODAY + 10 * A_DAY)
        add(cast, label="Now", valid_to=TODAY + 3 * A_DAY)
        days = {day: offered(cast, TODAY + day * A_DAY).get("medication") for day in (3, 4, 9, 10)}
        assert days == {3: "Now", 4: None, 9: None, 10: "Later"}

    def test_ending_the_day_before_it_begins_would_end_nothing(self, cast: Cast) -> None:
        add(cast, label="Now")
        add(cast, label="Later", valid_from=TODAY + 10 * A_DAY)
        said = refused(cast, "last_day", end, "medication", TODAY + 9 * A_DAY)
        assert "Another stands in its place from the day after" in said
        end(cast, "medication", TODAY + 3 * A_DAY)
        assert "medication" not in offered(cast, TODAY + 4 * A_DAY)
        assert offered(cast, TODAY + 10 * A_DAY)["medication"] == "Later"

    def test_its_name_is_taken_from_its_first_day(self, cast: Cast) -> None:
        add(cast, code="falls", label="Falls", valid_from=TODAY + 10 * A_DAY)
        assert "already has this name" in refused(cast, "label", add, label="FALLS")
        add(cast, label="Falls", valid_to=TODAY + 9 * A_DAY)
        assert list(offered(cast).values()).count("Falls") == 1

    def test_the_name_of_one_that_has_ended_is_free(self, cast: Cast) -> None:
        add(cast, code="falls", label="Falls", valid_to=TODAY + A_DAY)
        add(cast, label="Falls", valid_from=TODAY + 2 * A_DAY)
        assert offered(cast, TODAY + 2 * A_DAY)["medication"] == "Falls"

    def test_a_slip_mended_the_same_day_is_the_name_everywhere(self, cast: Cast) -> None:
        for minutes, label in ((0, "Medicaton"), (5, "Medication")):
            add_entry(
                by=cast.quality_lead, at=NOW + timedelta(minutes=minutes), provider=cast.provider, list_code="themes",
                data=a_theme(label=label),
            )  # fmt: skip
        assert label_of("themes", "medication", provider_id=cast.provider.pk) == "Medication"
        assert labels_of("themes", provider_id=cast.provider.pk)["medication"] == "Medication"

    def test_what_is_counted_is_what_holds_on_the_day(self, cast: Cast) -> None:
        add(cast, valid_from=TODAY + A_DAY, valid_to=TODAY + 2 * A_DAY)
        counts = [own_entries_count(cast.provider.pk, TODAY + day * A_DAY).get("themes", 0) for day in range(4)]
        assert counts == [0, 1, 1, 0]

    @pytest.mark.parametrize("leap", [date(2028, 2, 29), date(2096, 2, 29)])
    def test_a_leap_day_is_a_day(self, cast: Cast, leap: date) -> None:
        add(cast, valid_from=leap)
        add(cast, label="After", valid_from=leap + A_DAY)
        assert [offered(cast, leap + day * A_DAY).get("medication") for day in (-1, 0, 1)] == [
            None, "Medication", "After",
        ]  # fmt: skip


class TestSentTwice:
    @pytest.mark.parametrize("code", ["other", "medication"])
    def test_ending_is_one_ending(self, cast: Cast, code: str) -> None:
        add(cast)
        assert end(cast, code) == end(cast, code)
        assert TrailEntry.objects.filter(operation="lists.end_entry").count() == 1
        assert ListEntry.objects.filter(code=code).count() == 1
        assert code not in offered(cast, TODAY + A_DAY)

    def test_adding_is_one_entry(self, cast: Cast) -> None:
        add(cast)
        said = refused(cast, "label", add, code="medication-2")
        assert "already has this name" in said

    def test_another_day_is_another_ending(self, cast: Cast) -> None:
        end(cast, "other", TODAY + 5 * A_DAY)
        end(cast, "other", TODAY + A_DAY)
        assert "other" not in offered(cast, TODAY + 2 * A_DAY)
        with pytest.raises(Invalid, match="not offered on that day"):
            end(cast, "other", TODAY + 7 * A_DAY)


class TestNeverEmpty:
    @pytest.fixture
    def only_ours(self, cast: Cast) -> None:
        """Every shipped theme ended today; one of the provider's own is left."""
        add(cast)
        for code in list(offered(cast)):
            if code != "medication":
                end(cast, code)
        assert list(offered(cast, TODAY + A_DAY)) == ["medication"]

    @pytest.mark.parametrize("days", [0, 1, 30])
    def test_the_last_cannot_end_on_any_day(self, cast: Cast, only_ours: None, days: int) -> None:
        assert "at least one entry" in refused(cast, "", end, "medication", TODAY + days * A_DAY)

    def test_nor_be_replaced_by_one_that_ends(self, cast: Cast, only_ours: None) -> None:
        said = refused(cast, "valid_to", add, label="Medicines", valid_to=TODAY + 9 * A_DAY)
        assert "at least one entry" in said

    def test_nor_be_left_to_one_that_ends(self, cast: Cast) -> None:
        add(cast, valid_to=TODAY + 3 * A_DAY)
        for code in list(offered(cast)):
            if code not in {"medication", "other"}:
                end(cast, code)
        assert "at least one entry" in refused(cast, "", end, "other", TODAY + A_DAY)
        add(cast, code="falls", label="Falls")
        end(cast, "other", TODAY + A_DAY)
        assert list(offered(cast, TODAY + 4 * A_DAY)) == ["falls"]


class TestWhatDecisionsRestOn:
    """Records keep pointing at a code: whatever becomes of its entry, they keep a name and the past its entries."""

    @pytest.mark.parametrize("at_end", [0, 1, 20])
    def test_a_code_that_is_gone_has_its_name(self, cast: Cast, at_end: int) -> None:
        add(cast)
        end(cast, "medication", TODAY + at_end * A_DAY)
        end(cast, "other")
        named = labels_of("themes", provider_id=cast.provider.pk)
        assert (named["medication"], named["other"]) == ("Medication", "Something else")

    def test_a_name_of_another_provider_is_never_shown(self, cast: Cast) -> None:
        theirs = cast.stranger.provider
        add_entry(by=cast.stranger, at=NOW, provider=theirs, list_code="themes", data=a_theme(label="Theirs"))
        add_entry(
            by=cast.stranger,
            at=NOW,
            provider=theirs,
            list_code="themes",
            data=a_theme(code="other", label="Their other"),
        )
        assert label_of("themes", "medication", provider_id=cast.provider.pk) == "medication"
        assert labels_of("themes", provider_id=cast.provider.pk)["other"] == "Something else"
        assert own_entries_count(cast.provider.pk, TODAY) == {}

    @pytest.mark.parametrize("name", ["administrator", "lead", "quality_lead"])
    def test_nobody_keeps_the_lists_of_another_provider(self, cast: Cast, name: str) -> None:
        theirs = cast.stranger.provider
        with pytest.raises(Refused):
            add_entry(by=cast.people()[name], at=NOW, provider=theirs, list_code="themes", data=a_theme())
        with pytest.raises(Refused):
            end(cast, "other", by=cast.people()[name], provider=theirs)

    @pytest.mark.requirement("R6")
    @pytest.mark.parametrize(
        "code", [entry.code for entry in shipped("duties").entries if is_law(entry.detail) and entry.valid_to is None]
    )
    def test_a_duty_in_law_stays_the_duty_of_whom_the_law_names(self, cast: Cast, code: str) -> None:
        for changes, part in (
            ({"applies_to": {"nhs_funded": "any", "secure_unit": True, "health_service_body": False}}, "applies_to"),
            ({"kind": "partner"}, "kind"),
        ):
            data = a_duty(code, **changes)
            if data["detail"] == a_duty(code)["detail"]:
                continue
            with pytest.raises(Invalid) as no:
                add_entry(by=cast.lead, at=NOW, provider=cast.provider, list_code="duties", data=data)
            assert set(no.value.problems) == {f"detail.{part}"}

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["add", "end"]),
                st.sampled_from(["medication", "other", "lost-contact"]),
                st.integers(0, 9),
                st.none() | st.integers(0, 5),
                st.integers(0, 2),
            ),
            min_size=1,
            max_size=7,
        )
    )
    def test_whatever_is_planned_the_past_stays_and_nothing_contradicts(
        self, cast: Cast, steps: list[tuple[str, str, int, int | None, int]]
    ) -> None:
        ListEntry.objects.all().delete()
        today, number = TODAY, 0
        for what, code, first, length, pause in steps:
            today, number = today + pause * A_DAY, number + 1
            at = NOW + (today - TODAY) + timedelta(minutes=number)
            before = {day: offered(cast, day) for day in days_around(TODAY, today - A_DAY)}
            start = today + first * A_DAY
            try:
                if what == "add":
                    last = None if length is None else start + length * A_DAY
                    data = a_theme(code=code, label=f"{code} {number}", valid_from=start, valid_to=last)
                    add_entry(by=cast.quality_lead, at=at, provider=cast.provider, list_code="themes", data=data)
                    assert offered(cast, start)[code] == f"{code} {number}"
                else:
                    end_entry(
                        by=cast.quality_lead, at=at, provider=cast.provider, list_code="themes", code=code,
                        last_day=start, reason=WHY,
                    )  # fmt: skip
                    after = {one.code: one for one in choices("themes", provider_id=cast.provider.pk, on=start + A_DAY)}
                    assert code not in after or not after[code].own
            except Invalid:
                pass
            assert {day: offered(cast, day) for day in before} == before
        for day in days_around(TODAY, today + 20 * A_DAY):
            standing = [one for one in versions("themes", provider_id=cast.provider.pk, on=day) if one.in_force]
            assert {one.code: one.label for one in standing if not one.taken_off} == offered(cast, day) != {}


def days_around(first: date, last: date) -> list[date]:
    return [first + number * A_DAY for number in range((last - first).days + 1)]


def test_a_set_up_may_plan_in_the_past_and_still_empties_no_list(cast: Cast) -> None:
    add(cast, by=SET_UP, valid_from=TODAY - 30 * A_DAY, valid_to=TODAY - 20 * A_DAY)
    assert "medication" in offered(cast, TODAY - 20 * A_DAY)
    assert "medication" not in offered(cast, TODAY - 19 * A_DAY)
