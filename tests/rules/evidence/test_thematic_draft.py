"""The draft of a thematic review: what it counts, what it holds against what, and what it leaves out."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rules.thematic.draft import draft
from saferpractice.evidence.rules.thematic.equity import kept_or_new, nothing_to_show
from saferpractice.evidence.rules.thematic.facts import Labels, OpenRisks, QuarterFacts
from saferpractice.evidence.rules.thematic.words import said_of
from tests.rules.evidence.facts import HARMS, QUARTER, THEMES, change, facts, finding, incident

pytestmark = pytest.mark.requirement("R36")
NOVEMBER = date(2025, 11, 5)


def section(data: dict[str, Any], code: str) -> dict[str, Any]:
    return next(one for one in data["sections"] if one["code"] == code)


class TestCounts:
    @pytest.mark.parametrize(
        ("on", "counted"),
        [
            (date(2025, 9, 30), 0),
            (date(2025, 10, 1), 1),
            (date(2025, 12, 31), 1),
            (date(2026, 1, 1), 0),
        ],
    )
    def test_the_days_of_the_quarter_and_no_other(self, on: date, counted: int) -> None:
        assert section(draft(facts(incident("a", on))), "overall")["total"] == counted

    def test_one_of_two_themes_counts_under_each_and_once_in_all(self) -> None:
        data = draft(facts(incident("a", NOVEMBER, themes={"self-neglect", "exploitation"})))
        totals = {
            code: section(data, code)["total"] for code in ("overall", "theme:self-neglect", "theme:exploitation")
        }
        assert totals == {"overall": 1, "theme:self-neglect": 1, "theme:exploitation": 1}

    def test_the_three_patterns_of_the_brief_are_there_when_there_was_none(self) -> None:
        codes = [one["code"] for one in draft(facts())["sections"]]
        assert codes[:4] == ["overall", "theme:self-neglect", "theme:exploitation", "theme:lost-contact"]

    def test_a_theme_that_left_the_list_is_still_counted(self) -> None:
        data = draft(facts(incident("a", NOVEMBER, themes={"old-theme"})))
        assert section(data, "theme:old-theme") | {"total": 1, "title": "Old theme"} == section(data, "theme:old-theme")

    def test_harm_and_teams(self) -> None:
        found = section(
            draft(
                facts(
                    incident("a", NOVEMBER, harm=0),
                    incident("b", NOVEMBER, harm=3, team="South"),
                    incident("c", NOVEMBER, harm=3),
                )
            ),
            "overall",
        )
        assert found["harm"] == [
            ["No harm", 1],
            ["Low harm", 0],
            ["Moderate harm", 0],
            ["Severe harm", 2],
            [HARMS[4], 0],
        ]
        assert found["teams"] == [["Riverside", "North", 2], ["Riverside", "South", 1]]

    def test_the_quarters_before_that_were_recorded_whole(self) -> None:
        found = section(draft(facts(incident("a", date(2025, 5, 1)), incident("b", NOVEMBER))), "overall")
        assert found["quarters"] == [["Q2 2025/26", 0], ["Q3 2025/26", 1]]
        whole = section(draft(facts(incident("a", date(2025, 4, 28)), incident("b", NOVEMBER))), "overall")
        assert whole["quarters"] == [["Q1 2025/26", 1], ["Q2 2025/26", 0], ["Q3 2025/26", 1]]
        assert found["months"][0] == ["2025-05-01", 1]
        assert len(found["months"]) == 8

    @pytest.mark.parametrize(("supported", "rate"), [(50, 6), (1000, 0), (66, 5), (7, 43), (None, None)])
    def test_a_rate_only_where_somebody_said_how_many(self, supported: int | None, rate: int | None) -> None:
        days = [incident(str(n), NOVEMBER) for n in range(3)]
        assert section(draft(facts(*days, supported=supported)), "overall").get("rate") == rate

    def test_what_became_known_late_is_counted_where_it_happened_and_said(self) -> None:
        found = section(draft(facts(incident("a", date(2025, 6, 1), known_on=NOVEMBER))), "overall")
        assert (found["total"], found["learnt_late"]) == (0, 1)

    def test_what_nobody_may_know_stands_nowhere_in_it(self) -> None:
        data = json.dumps(draft(facts(incident("a", NOVEMBER, person="person-7"))))
        assert "person-7" not in data

    @given(
        st.lists(st.tuples(st.dates(date(2023, 1, 1), date(2026, 3, 1)), st.sampled_from([*THEMES]), st.integers(0, 4)))
    )
    def test_every_breakdown_adds_up(self, rows: list[tuple[date, str, int]]) -> None:
        given = [incident(str(n), on, themes={theme}, harm=harm) for n, (on, theme, harm) in enumerate(rows)]
        data = draft(facts(*given))
        for one in data["sections"]:
            if "harm" in one:
                assert sum(count for _, count in one["harm"]) == one["total"] == len(one["incidents"])
                assert sum(count for *_, count in one["teams"]) == one["total"]
                assert sum(count for _, count in one["months"][-3:]) == one["total"]
                assert one["quarters"][-1][1] == one["total"]
        themed = sum(section(data, f"theme:{theme}")["total"] for theme in THEMES)
        assert themed == section(data, "overall")["total"]


class TestWords:
    def months(self, *counts: int) -> list[tuple[date, int]]:
        last = 2025 * 12 + 11
        places = range(last - len(counts) + 1, last + 1)
        return [(date(n // 12, n % 12 + 1, 1), count) for n, count in zip(places, counts, strict=True)]

    def said(self, *counts: int) -> Any:
        months = self.months(*counts)
        days = [first + timedelta(days=n % 28) for first, count in months for n in range(count)]
        return said_of(months, days, QUARTER.first)

    def test_noise_is_no_trend(self) -> None:
        said = self.said(*([6, 9, 5, 8, 7, 6, 9, 7] * 3))
        assert not said.stands_out
        assert "A difference from another quarter is no trend." in said.sentence
        assert len(said.dots) == 24

    def test_a_month_beyond_the_limits_stands_out_and_is_called_no_proof(self) -> None:
        said = self.said(*([6, 9, 5, 8, 7, 6, 9, 7] * 2), 7, 8, 6, 7, 8, 30)
        assert said.stands_out
        assert "above the upper limit" in said.sentence
        assert "no proof by itself" in said.sentence
        assert "More reports can mean that more is noticed." in said.sentence
        assert said.dots[-1][-1] == "neutral_high", "a rise in reports is never shown as a concern"

    def test_a_signal_before_the_quarter_is_not_one_of_it(self) -> None:
        assert not self.said(6, 9, 5, 8, 30, *([7, 6, 9, 7, 8] * 3)).stands_out

    @pytest.mark.parametrize(
        ("counts", "words"),
        [
            ((0,) * 24, "There was none in this time."),
            ((0, 1) * 4, "too few to tell a change from chance"),
            ((9, 7, 8), "too few to tell a change from chance"),
            ((6, 9, 5, 8, 7, 6, 9, 7, 8, 6, 5), "Nothing can be concluded yet."),
        ],
    )
    def test_few_are_not_compared(self, counts: tuple[int, ...], words: str) -> None:
        said = self.said(*counts)
        assert words in said.sentence
        assert not said.stands_out
        assert not said.dots

    def test_rare_ones_are_read_by_the_days_between_them(self) -> None:
        said = self.said(*([1, 0, 1, 1, 0, 1] * 4))
        assert "fewer than two a month" in said.sentence
        assert not said.stands_out

    def test_rare_ones_that_come_thick_and_fast_stand_out(self) -> None:
        months = self.months(*([1] * 21), 1, 1, 8)
        days = [first + timedelta(days=14) for first, _ in months[:-1]]
        said = said_of(months, [*days, *(date(2025, 12, 14) for _ in range(8))], QUARTER.first)
        assert said.stands_out
        assert "shorter than before, beyond chance" in said.sentence


class TestConditions:
    def test_each_finding_once_however_many_changes_answer_it(self) -> None:
        data = draft(
            facts(
                incident("a", NOVEMBER),
                findings=(finding("f", "a"),),
                changes=(change("c1", {"a"}), change("c2", {"a"}), change("c3", {"a"})),
            )
        )
        assert section(data, "conditions")["rows"] == [["No duty cover", 1]]

    def test_those_found_in_the_quarter_most_first(self) -> None:
        found = tuple(
            finding(str(n), "a", condition, on)
            for n, (condition, on) in enumerate(
                [
                    ("workload", date(2025, 10, 1)),
                    ("no-duty-cover", date(2025, 10, 2)),
                    ("no-duty-cover", date(2025, 12, 31)),
                    ("workload", date(2025, 9, 30)),
                ]
            )
        )
        data = draft(facts(incident("a", NOVEMBER), findings=found))
        assert section(data, "conditions")["rows"] == [["No duty cover", 2], ["workload", 1]]
        assert section(data, "conditions")["total"] == 3


class TestRepeats:
    def rows(self, *incidents: Any, **more: Any) -> list[tuple[str, str, list[str], list[str]]]:
        found = section(draft(facts(*incidents, **more)), "repeats")["rows"]
        return [(row["kind"], row["incident"], row["earlier"], row["after"]) for row in found]

    def test_the_same_person_within_the_window(self) -> None:
        early, late = (
            incident("a", date(2025, 8, 7), person="p", themes=()),
            incident("b", NOVEMBER, person="p", themes=()),
        )
        assert self.rows(early, late) == [("person", "b", ["a"], [])]
        assert self.rows(early, late, repeat_days=89) == []
        assert self.rows(early, late, repeat_days=90) == [("person", "b", ["a"], [])]

    def test_nobody_is_not_the_same_person_as_nobody(self) -> None:
        assert self.rows(incident("a", NOVEMBER, themes=()), incident("b", NOVEMBER, themes=())) == []

    @pytest.mark.parametrize(
        ("of_first", "alike"),
        [({}, True), ({"team": "South"}, False), ({"service": "Harbour"}, False), ({"themes": {"other"}}, False)],
    )
    def test_the_same_theme_in_the_same_team(self, of_first: dict[str, Any], alike: bool) -> None:
        found = self.rows(incident("a", date(2025, 10, 20), **of_first), incident("b", NOVEMBER))
        assert bool(found) == alike

    @pytest.mark.parametrize(("service", "alike"), [("Riverside", True), ("Harbour", False)])
    def test_the_same_condition_in_the_same_service(self, service: str, alike: bool) -> None:
        found = self.rows(
            incident("a", date(2025, 10, 20), team="South", service=service, themes=()),
            incident("b", NOVEMBER, themes=()),
            findings=(finding("f", "a"), finding("g", "b")),
        )
        assert [row[0] for row in found] == (["condition"] if alike else [])

    @pytest.mark.parametrize(
        ("live_on", "answers", "after"),
        [
            (date(2025, 11, 4), {"a"}, ["c"]),
            (NOVEMBER, {"a"}, []),
            (date(2025, 11, 6), {"a"}, []),
            (None, {"a"}, []),
            (date(2025, 10, 25), {"b"}, []),
        ],
    )
    def test_it_came_after_a_change_that_was_live_the_day_before(
        self, live_on: date | None, answers: set[str], after: list[str]
    ) -> None:
        found = self.rows(
            incident("a", date(2025, 10, 20)),
            incident("b", NOVEMBER),
            changes=(change("c", answers, live_on=live_on),),
        )
        assert found == [("theme", "b", ["a"], after)]

    def test_only_those_of_the_quarter_are_looked_at(self) -> None:
        assert self.rows(incident("a", date(2025, 8, 1)), incident("b", date(2025, 9, 1))) == []


class TestChangesAndRisks:
    def test_how_each_change_stands_in_the_words_of_the_verdicts(self) -> None:
        changes = (
            change("a", set(), verdict="Improved"),
            change("b", set(), verdict="Improved"),
            change("c", set()),
            change("d", set(), verdict="Got worse", agreed_on=date(2024, 1, 1)),
            change("e", set(), agreed_on=date(2024, 1, 1)),
            change("f", set(), agreed_on=date(2024, 1, 1), live_on=None),
        )
        found = section(draft(facts(changes=changes)), "changes")
        assert found["rows"] == [["Improved", 2], ["Not checked yet", 2]]
        assert [one["id"] for one in found["changes"]] == ["e", "a", "b", "c"], (
            "an old one in use and unchecked is not lost"
        )

    def test_open_risks(self) -> None:
        changes = (
            change("a", set()),
            change("b", set(), planned=True),
            change("c", set(), planned=True, verdict="Not shown"),
            change("d", set(), live_on=None),
        )
        risks = OpenRisks(late_actions=2, late_duties={"decisions of triage": 3}, at_risk=("i", "j"))
        found = section(draft(facts(changes=changes, risks=risks)), "risks")
        assert found["rows"] == [
            ["Incidents after which somebody may still be at risk", 2],
            ["Tracked actions that are late", 2],
            ["Late: decisions of triage", 3],
            ["Changes in use that nobody has planned to check", 1],
            ["Changes in use without a verdict yet", 1],
        ]
        assert found["total"] == 9


GROUPS = {"Sex": {"female": "Female", "male": "Male"}}


class TestEquity:
    def facts_of(self, women: int, men: int, unknown: int = 0, **changes: Any) -> QuarterFacts:
        people = [f"p{n}" for n in range(women + men + unknown)]
        recorded = {one: "female" if n < women else "male" for n, one in enumerate(people) if n < women + men}
        return facts(
            *(incident(one, NOVEMBER, person=one) for one in people),
            labels=Labels(themes=THEMES, conditions={}, harms=HARMS, groups=GROUPS),
            groups={"Sex": recorded},
            **changes,
        )

    def equity(self, *args: int, **changes: Any) -> dict[str, Any]:
        return section(draft(self.facts_of(*args, **changes)), "equity")

    def test_people_by_group_guarded(self) -> None:
        found = self.equity(31, 22, 9)
        rows = [["Female", "about 30"], ["Male", "about 20"], ["Not recorded", "about 10"]]
        assert found["tables"] == [{"title": "Sex", "rows": rows}]

    def test_somebody_with_two_incidents_is_one_person(self) -> None:
        twice = [incident(f"i{n}", NOVEMBER, person=f"p{n % 25}") for n in range(50)]
        assert section(draft(facts(*twice)), "equity")["people"] == 25

    def test_a_hidden_number_is_nowhere_in_what_is_kept(self) -> None:
        rows = dict(self.equity(40, 3, 12)["tables"][0]["rows"])
        assert rows == {"Female": "about 40", "Male": "not shown", "Not recorded": "not shown"}

    @pytest.mark.parametrize(
        ("args", "sentence"),
        [
            ((10, 9), "There were fewer than 20 people"),
            ((25, 0), ""),
            ((12, 8, 3), "No group can be shown without giving another away."),
        ],
    )
    def test_why_there_is_no_table(self, args: tuple[int, ...], sentence: str) -> None:
        found = nothing_to_show(self.equity(*args))
        assert found.startswith(sentence)
        assert bool(found) == bool(sentence)

    def test_a_provider_that_records_nothing(self) -> None:
        found = draft(facts(*(incident(str(n), NOVEMBER, person=str(n)) for n in range(30))))
        assert nothing_to_show(section(found, "equity")).startswith("The provider records no characteristics")

    @pytest.mark.parametrize(
        ("before", "now", "anew"),
        [
            ((40, 20), (41, 20), False),
            ((40, 20), (44, 20), False),
            ((40, 20), (45, 20), True),
            ((40, 20), (35, 20), True),
            ((30, 20, 20), (32, 20, 18), False),
            ((30, 20, 40), (40, 40, 10), True),
        ],
    )
    def test_two_drafts_side_by_side_give_nobody_away(
        self, before: tuple[int, ...], now: tuple[int, ...], anew: bool
    ) -> None:
        """One more person between two drafts would show in which group they are."""
        earlier, later = self.equity(*before), self.equity(*now, drawn_on=date(2026, 1, 20))
        assert (kept_or_new(earlier, later) == later) == anew
        assert kept_or_new(earlier, later) in (earlier, later)
