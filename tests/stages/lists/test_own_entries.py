"""A provider's own entries: added, put in place, ended; the law left as it ships."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from saferpractice.access.models import Provider
from saferpractice.lists.models import ListEntry
from saferpractice.lists.operations import add_entry, end_entry
from saferpractice.lists.queries import choices, label_of, shipped, versions
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14", "R36")]

TODAY = date(2026, 3, 4)
A_DAY = timedelta(days=1)
WHY = "The quality meeting of March decided that this is how we work here."


def a_theme(**changes: Any) -> dict[str, Any]:
    return {
        "code": "medication",
        "label": "Medication",
        "hint": "Missed, wrong or hoarded.",
        "detail": {},
        "source": {"title": "quality meeting of 3 March 2026", "url": None},
        "valid_from": TODAY,
        "valid_to": None,
    } | changes


def a_duty(code: str, **changes: Any) -> dict[str, Any]:
    """A shipped duty as a provider would send it back, with ``changes`` to its detail."""
    entry = next(entry for entry in shipped("duties").entries if entry.code == code)
    return a_theme(code=code, label=entry.label, detail={**entry.detail, **changes})


def add(cast: Cast, list_code: str = "themes", by: Any = None, **changes: Any) -> ListEntry:
    return add_entry(
        by=by or cast.quality_lead, at=NOW, provider=cast.provider, list_code=list_code, data=a_theme(**changes)
    )


def end(cast: Cast, code: str, last_day: date = TODAY, list_code: str = "themes", **changes: Any) -> ListEntry:
    given = {"by": cast.quality_lead, "at": NOW, "provider": cast.provider, "reason": WHY} | changes
    return end_entry(list_code=list_code, code=code, last_day=last_day, **given)


def offered(cast: Cast, on: date = TODAY, list_code: str = "themes") -> dict[str, str]:
    return {choice.code: choice.label for choice in choices(list_code, provider_id=cast.provider.pk, on=on)}


def problems(cast: Cast, list_code: str = "themes", **changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        add(cast, list_code, **changes)
    assert not ListEntry.objects.exists()
    return refused.value.problems


class TestAdding:
    def test_it_is_offered_from_its_day_to_this_provider_only(self, cast: Cast) -> None:
        add(cast, valid_from=TODAY + 7 * A_DAY)
        assert "medication" not in offered(cast, TODAY + 6 * A_DAY)
        assert offered(cast, TODAY + 7 * A_DAY)["medication"] == "Medication"
        elsewhere = choices("themes", provider_id=cast.stranger.provider_id, on=TODAY + 7 * A_DAY)
        assert "medication" not in {choice.code for choice in elsewhere}

    def test_it_is_offered_until_its_last_day(self, cast: Cast) -> None:
        add(cast, valid_to=TODAY + A_DAY)
        assert "medication" in offered(cast, TODAY + A_DAY)
        assert "medication" not in offered(cast, TODAY + 2 * A_DAY)

    def test_it_is_on_the_trail_whole(self, cast: Cast) -> None:
        add(cast)
        entry = TrailEntry.objects.get(operation="lists.add_entry")
        assert entry.sentence == "added “Medication” in the list “Themes”, from 4 March 2026"
        assert entry.by_name == "Quill Harker"
        assert entry.facts["code"] == "medication"
        assert entry.facts["hint"] == "Missed, wrong or hoarded."

    @pytest.mark.parametrize(
        ("changes", "part", "sentence"),
        [
            ({"label": " "}, "label", "Write the words people read, plainly"),
            ({"label": "x" * 301}, "label", "Write 300 at most"),
            ({"label": "SELF-neglect"}, "label", "Another entry already has this name"),
            ({"code": "Not A Code"}, "code", "a short code in small letters"),
            ({"source": {"title": "", "url": None}}, "source.title", "Write the title of the document"),
            ({"source": {"title": "x", "url": "ftp://x"}}, "source.url", "beginning with https://"),
            ({"valid_to": TODAY - A_DAY}, "valid_to", "not before the first"),
            ({"valid_from": TODAY - A_DAY}, "valid_from", "Choose today or a later day"),
            ({"valid_from": date(2101, 1, 1)}, "valid_from", "between 1983-01-01 and 2100-01-01"),
            ({"hint": "x" * 4001}, "hint", "Write 4000 at most"),
        ],
    )
    def test_a_mistake_is_said_beside_its_part(
        self, cast: Cast, changes: dict[str, Any], part: str, sentence: str
    ) -> None:
        assert sentence in problems(cast, **changes)[part]

    def test_every_mistake_is_said_at_once(self, cast: Cast) -> None:
        found = problems(cast, label="", source={"title": "", "url": None})
        assert set(found) == {"label", "source.title"}

    def test_a_code_of_another_list_must_stand_there(self, cast: Cast) -> None:
        detail = {
            "brief": False,
            "ask": "Who?",
            "seips": "nowhere",
            "yorkshire": "x-y",
            "sar_domain": "direct-practice",
        }
        found = problems(cast, "system-conditions", detail=detail)
        assert set(found) == {"detail.seips", "detail.yorkshire"}

    @pytest.mark.parametrize("list_code", ["tier-rules", "care-act-tests", "physical-harm", "yorkshire"])
    def test_law_and_frameworks_are_the_same_for_everybody(self, cast: Cast, list_code: str) -> None:
        with pytest.raises(Refused, match="the same for everybody"):
            add(cast, list_code)

    @pytest.mark.parametrize(
        "name",
        ["worker", "duty_manager", "supervisor", "reviewer", "director", "commissioner", "inspector", "stranger"],
    )
    def test_who_may_not(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused, match="quality lead"):
            add(cast, by=cast.people()[name])
        with pytest.raises(Refused, match="quality lead"):
            end(cast, "other", by=cast.people()[name])

    @pytest.mark.parametrize("name", ["quality_lead", "lead", "administrator"])
    def test_who_may(self, cast: Cast, name: str) -> None:
        assert add(cast, by=cast.people()[name]).provider == cast.provider

    def test_the_past_is_open_to_a_set_up_only(self, cast: Cast) -> None:
        add(cast, by=SET_UP, valid_from=date(2025, 1, 6))
        assert "medication" in offered(cast, date(2025, 1, 6))


class TestPuttingInPlace:
    def test_the_shipped_words_stand_until_the_day_before(self, cast: Cast) -> None:
        add(cast, code="other", label="None of these", valid_from=TODAY + A_DAY)
        assert offered(cast)["other"] == "Something else"
        assert offered(cast, TODAY + A_DAY)["other"] == "None of these"
        assert list(offered(cast, TODAY + A_DAY)) == list(offered(cast)), "it keeps its place"
        assert "put its own entry in place of" in TrailEntry.objects.get(operation="lists.add_entry").sentence

    def test_ones_own_ends_the_day_before_the_next(self, cast: Cast) -> None:
        first = add(cast)
        add(cast, label="Medicines", valid_from=TODAY + 10 * A_DAY)
        first.refresh_from_db()
        assert first.valid_to == TODAY + 9 * A_DAY
        assert offered(cast, TODAY + 9 * A_DAY)["medication"] == "Medication"
        assert offered(cast, TODAY + 10 * A_DAY)["medication"] == "Medicines"

    def test_a_slip_is_mended_on_the_same_day(self, cast: Cast) -> None:
        add(cast, label="Medicaton")
        add_entry(
            by=cast.quality_lead,
            at=NOW + timedelta(minutes=5),
            provider=cast.provider,
            list_code="themes",
            data=a_theme(label="Medication"),
        )
        assert offered(cast)["medication"] == "Medication"
        assert offered(cast, TODAY + A_DAY)["medication"] == "Medication"
        assert ListEntry.objects.count() == 2, "nothing is overwritten"

    def test_another_planned_for_later_still_takes_over(self, cast: Cast) -> None:
        add(cast, label="Later", valid_from=TODAY + 10 * A_DAY)
        add(cast, label="Now")
        assert offered(cast)["medication"] == "Now"
        assert offered(cast, TODAY + 10 * A_DAY)["medication"] == "Later"

    def test_what_was_recorded_with_a_code_keeps_a_name(self, cast: Cast) -> None:
        add(cast)
        end(cast, "medication")
        assert label_of("themes", "medication", provider_id=cast.provider.pk) == "Medication"


class TestEnding:
    def test_ones_own_is_offered_no_more_after_its_last_day(self, cast: Cast) -> None:
        add(cast)
        end(cast, "medication", TODAY + A_DAY)
        assert "medication" in offered(cast, TODAY + A_DAY)
        assert "medication" not in offered(cast, TODAY + 2 * A_DAY)

    def test_a_shipped_one_is_taken_off_for_this_provider(self, cast: Cast) -> None:
        end(cast, "other")
        assert "other" in offered(cast)
        assert "other" not in offered(cast, TODAY + A_DAY)
        elsewhere = choices("themes", provider_id=cast.stranger.provider_id, on=TODAY + A_DAY)
        assert "other" in {choice.code for choice in elsewhere}
        entry = TrailEntry.objects.get(operation="lists.end_entry")
        assert entry.facts["reason"] == WHY

    def test_after_ones_own_in_place_of_a_shipped_one_that_is_offered_again(self, cast: Cast) -> None:
        add(cast, code="other", label="None of these")
        end(cast, "other")
        assert offered(cast, TODAY + A_DAY)["other"] == "Something else"

    def test_one_taken_off_is_put_back(self, cast: Cast) -> None:
        end(cast, "other")
        add(cast, code="other", label="Something else", valid_from=TODAY + 5 * A_DAY)
        assert "other" not in offered(cast, TODAY + 4 * A_DAY)
        assert offered(cast, TODAY + 5 * A_DAY)["other"] == "Something else"
        end(cast, "other", TODAY + 6 * A_DAY)
        assert offered(cast, TODAY + 7 * A_DAY)["other"] == "Something else", "the shipped one is offered again"

    @pytest.mark.parametrize(
        ("given", "part"),
        [
            ({"reason": ""}, "reason"),
            ({"reason": "n/a"}, "reason"),
            ({"last_day": TODAY - A_DAY}, "last_day"),
            ({"code": "nothing-like-it"}, ""),
        ],
    )
    def test_what_cannot_be(self, cast: Cast, given: dict[str, Any], part: str) -> None:
        with pytest.raises(Invalid) as refused:
            end(cast, **{"code": "other", **given})
        assert part in refused.value.problems
        assert not ListEntry.objects.exists()

    def test_a_list_keeps_one_entry(self, cast: Cast) -> None:
        for code in list(offered(cast))[:-1]:
            end(cast, code)
        with pytest.raises(Invalid, match="at least one entry"):
            end(cast, "other")
        assert list(offered(cast, TODAY + A_DAY)) == ["other"]


@pytest.mark.requirement("R6")
class TestTheLaw:
    """Shipped law is never edited in place, and nobody calls a time of their own the law."""

    def test_a_duty_with_a_time_in_law_cannot_be_taken_off(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="law or a contract sets a time"):
            end(cast, "cqc-18-abuse", list_code="duties")

    def test_one_that_is_local_can(self, cast: Cast) -> None:
        end(cast, "caldicott-guardian", list_code="duties")
        assert "caldicott-guardian" not in offered(cast, TODAY + A_DAY, "duties")

    def test_the_local_time_of_a_duty_is_set(self, cast: Cast) -> None:
        law = {"kind": "law", "words": "without delay", "timescale": None}
        own = {"kind": "local", "words": "within 4 hours", "timescale": {"kind": "clock_hours", "amount": 4}}
        add_entry(
            by=cast.lead,
            at=NOW,
            provider=cast.provider,
            list_code="duties",
            data=a_duty("cqc-18-abuse", clocks=[law, own]),
        )
        found = {c.code: c for c in choices("duties", provider_id=cast.provider.pk, on=TODAY)}["cqc-18-abuse"]
        assert found.own
        assert found.detail["clocks"][1]["words"] == "within 4 hours"

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"paragraph": "Regulation 99, 2009"}, "detail.paragraph"),
            ({"clocks": [{"kind": "local", "words": "soon", "timescale": None}]}, "detail.clocks"),
            ({"clocks": [{"kind": "law", "words": "in a week", "timescale": None}]}, "detail.clocks"),
        ],
    )
    def test_its_paragraph_and_its_time_are_not(self, cast: Cast, changes: dict[str, Any], part: str) -> None:
        with pytest.raises(Invalid) as refused:
            add_entry(
                by=cast.lead, at=NOW, provider=cast.provider, list_code="duties", data=a_duty("cqc-18-abuse", **changes)
            )
        assert part in refused.value.problems

    def test_a_duty_of_ones_own_is_never_called_law(self, cast: Cast) -> None:
        data = a_duty("cqc-18-abuse")
        with pytest.raises(Invalid) as refused:
            add_entry(
                by=cast.lead,
                at=NOW,
                provider=cast.provider,
                list_code="duties",
                data=data | {"code": "our-own", "label": "Our own"},
            )
        assert "Only shipped entries state the law" in refused.value.problems["detail.clocks"]


class TestVersions:
    def test_one_is_in_force_for_each_code_on_each_day(self, cast: Cast) -> None:
        add(cast, code="other", label="None of these", valid_from=TODAY + A_DAY)
        add(cast, valid_from=TODAY + 2 * A_DAY)
        for day in range(4):
            on = TODAY + day * A_DAY
            standing = [v for v in versions("themes", provider_id=cast.provider.pk, on=on) if v.in_force]
            assert {v.code: v.label for v in standing} == offered(cast, on)

    def test_they_tell_whose_each_is(self, cast: Cast) -> None:
        add(cast, code="other", label="None of these")
        found = [v for v in versions("themes", provider_id=cast.provider.pk, on=TODAY) if v.code == "other"]
        assert [(v.own, v.in_force, v.label) for v in found] == [
            (False, False, "Something else"),
            (True, True, "None of these"),
        ]

    def test_anothers_are_not_among_them(self, cast: Cast) -> None:
        other = Provider.objects.get(pk=cast.stranger.provider_id)
        add_entry(by=cast.stranger, at=NOW, provider=other, list_code="themes", data=a_theme())
        assert "medication" not in {v.code for v in versions("themes", provider_id=cast.provider.pk, on=TODAY)}
