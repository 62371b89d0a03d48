"""The files of the example: read whole, or every mistake named with its place and what to write instead."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.example.loading import DO
from saferpractice.exchange.example.moments import WEEKDAYS, Calendar, NoSuchMoment
from saferpractice.exchange.example.reading import Example, ExampleMistakes, read_example
from saferpractice.exchange.example.shapes import STEPS

pytestmark = pytest.mark.requirement("R5")

PROVIDER: dict[str, Any] = {
    "name": "Invented provider",
    "since": "w-20 Mon 09:00",
    "password": "a few plain words",
    "mail_domain": "invented.example",
    "services": [{"key": "community", "name": "Community", "teams": [{"key": "alder", "name": "Alder team"}]}],
    "people": [
        {"key": "wren", "name": "Wren Ashdown", "role": "support_worker", "at": "alder"},
        {"key": "dale", "name": "Dale Marlow", "role": "duty_manager", "at": "community"},
    ],
}
REPORT: dict[str, Any] = {
    "at": "w-3 Tue 10:00",
    "by": "wren",
    "what": "Nobody answered the door.",
    "physical": "none",
    "psychological": "low",
    "risk": "no",
    "themes": ["lost-contact"],
}
WITHDRAWN = {"withdraw-incident": {"at": "w-3 Wed 10:00", "by": "dale", "reason": "Entered twice."}}
INCIDENT: dict[str, Any] = {"key": "door", "team": "alder", "shows": "A report.", "steps": [{"report": REPORT}]}


def written(folder: Path, provider: Any = None, incidents: Any = None) -> Path:
    (folder / "provider.yml").write_text(yaml.safe_dump(PROVIDER if provider is None else provider))
    (folder / "story.yml").write_text(yaml.safe_dump([INCIDENT] if incidents is None else incidents))
    return folder


def with_steps(*steps: Any, **more: Any) -> dict[str, Any]:
    return INCIDENT | {"steps": list(steps)} | more


def changed(what: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of ``what`` with ``value`` at ``path`` ("people.0.name"); None takes it out."""
    copy = deepcopy(what)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = copy
    for part in way:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ExampleMistakes) as found:
        read_example(folder)
    return [str(mistake) for mistake in found.value.mistakes]


class TestAGoodExample:
    def test_it_is_read_whole_and_in_order(self, tmp_path: Path) -> None:
        incidents = [with_steps({"report": REPORT}, WITHDRAWN), INCIDENT | {"key": "window"}]
        found = read_example(written(tmp_path, incidents=incidents))
        assert isinstance(found, Example)
        assert [one.shape.key for one in found.incidents] == ["door", "window"]
        assert [step.word for step in found.incidents[0].steps] == ["report", "withdraw-incident"]
        assert found.provider.people[1].role.label == "Duty manager"

    def test_files_are_read_by_name_and_others_are_left_alone(self, tmp_path: Path) -> None:
        written(tmp_path)
        (tmp_path / "another.yml").write_text(yaml.safe_dump([INCIDENT | {"key": "window"}]))
        (tmp_path / "notes.txt").write_text("not ours: [")
        assert [one.file for one in read_example(tmp_path).incidents] == ["another.yml", "story.yml"]

    def test_every_word_of_a_file_has_its_operation(self) -> None:
        assert set(STEPS) == set(DO)


class TestFiles:
    def test_no_provider(self, tmp_path: Path) -> None:
        (tmp_path / "story.yml").write_text(yaml.safe_dump([INCIDENT]))
        assert mistakes(tmp_path) == [
            "provider.yml, file: This file is missing. Put it back, or take it from a release."
        ]

    @pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- a", "{"])
    @pytest.mark.parametrize("name", ["provider.yml", "story.yml"])
    def test_one_that_is_no_yaml_names_the_line(self, tmp_path: Path, name: str, text: str) -> None:
        (written(tmp_path) / name).write_text(text)
        said = mistakes(tmp_path)[0]
        assert said.startswith(f"{name}, file: This is not YAML:")
        assert "line 1" in said or "line 2" in said

    def test_a_provider_that_is_a_list(self, tmp_path: Path) -> None:
        assert mistakes(written(tmp_path, provider=["a"])) == [
            "provider.yml, file: Write the parts it holds: name, since, password, mail_domain, services, people."
        ]

    @pytest.mark.parametrize("content", [{"key": "door"}, "a text", 5])
    def test_incidents_that_are_no_list(self, tmp_path: Path, content: Any) -> None:
        said = "story.yml, file: Write a list of incidents: each begins with a hyphen."
        assert mistakes(written(tmp_path, incidents=content)) == [said]

    def test_an_incident_that_is_no_mapping_is_counted(self, tmp_path: Path) -> None:
        said = mistakes(written(tmp_path, incidents=[INCIDENT, "door"]))
        assert said == ["story.yml, incident 2: Write key, team, shows and steps."]


class TestProvider:
    @pytest.mark.parametrize(
        ("path", "value", "says"),
        [
            ("name", "", 'provider: "name": is empty. Write words.'),
            ("password", None, 'provider: "password": is missing.'),
            ("since", "last year", '"since": "last year" is no moment.'),
            ("since", "now+2h", '"since": "now+2h" is no moment.'),
            ("services.0.teams", [], '"services.1.teams": is empty. Write its teams.'),
            ("services.0.key", "Community", "a name of small letters, digits and hyphens"),
            ("services.0.teams.0.name", None, '"services.1.teams.1.name": is missing.'),
            ("people.0.role", "wizard", '"people.1.role"'),
            ("people.0.nickname", "Bee", '"people.1.nickname": is not a word that stands here.'),
            ("people.0.nmae", "Wren", 'Did you mean "name"?'),
            ("people.0.at", "aldr", 'wren: "at": there is no "aldr". Did you mean "alder"?'),
            ("people.0.at", "moon", 'wren: "at": there is no "moon".'),
            ("people.1.key", "wren", "wren: This key is used twice. Give one of them another."),
            ("services.0.teams.0.key", "community", None),
            ("people.0.sign_in", {}, '"people.1.sign_in.try_first": is missing. Write what to try first'),
        ],
    )
    def test_each_mistake_has_its_place(self, tmp_path: Path, path: str, value: Any, says: str | None) -> None:
        if says is None:  # a team called like its service: what hangs on either would be unclear
            provider = changed(PROVIDER, path, value)
            found = mistakes(written(tmp_path, provider=provider))
            assert any("alder" in one for one in found)
            return
        found = mistakes(written(tmp_path, provider=changed(PROVIDER, path, value)))
        assert any(says in one and one.startswith("provider.yml, ") for one in found), found

    def test_all_at_once(self, tmp_path: Path) -> None:
        provider = changed(changed(PROVIDER, "people.0.at", "moon"), "people.1.at", "sun")
        incidents = [INCIDENT | {"team": "birch"}, with_steps({"reprot": REPORT}, key="window")]
        said = "\n".join(mistakes(written(tmp_path, provider=provider, incidents=incidents)))
        for place in ("wren", "dale", "story.yml, door", "story.yml, window, step 1"):
            assert place in said


class TestIncidents:
    @pytest.mark.parametrize(
        ("incident", "says"),
        [
            (changed(INCIDENT, "key", None), 'incident 1: "key": is missing.'),
            (changed(INCIDENT, "shows", ""), 'door: "shows": is empty. Write what this incident is here to show.'),
            (INCIDENT | {"steps": []}, 'door: "steps": is empty. Write the steps, each under one word.'),
            (INCIDENT | {"teem": "alder"}, 'door: "teem": is not a word that stands here. Did you mean "team"?'),
            (INCIDENT | {"team": "aldre"}, 'door: "team": there is no "aldre". Did you mean "alder"?'),
            (with_steps({"report": REPORT, "harm": {}}), "door, step 1: Write one word such as report:"),
            (with_steps({}), "door, step 1: Write one word such as report:"),
            (with_steps({"raport": REPORT}), 'door, step 1: "raport" is no kind of step. Did you mean "report"?'),
            (with_steps({"xyz": REPORT}), '"xyz" is no kind of step. Write one of: report, harm, '),
            (with_steps({"report": "yes"}), 'door, step 1: Write the parts of "report" on lines of their own.'),
            (with_steps({"report": None}), 'door, step 1: Write the parts of "report" on lines of their own.'),
            (with_steps(WITHDRAWN), "door: Begin with a report: before it there is no incident."),
        ],
    )
    def test_each_mistake_has_its_place(self, tmp_path: Path, incident: Any, says: str) -> None:
        found = mistakes(written(tmp_path, incidents=[incident]))
        assert any(says in one and one.startswith("story.yml, ") for one in found), found

    @pytest.mark.parametrize(
        ("part", "value", "says"),
        [
            ("what", None, '"what": is missing. Write words.'),
            ("what", "", '"what": is empty.'),
            ("physical", "bad", "\"physical\": is 'bad'. Write none, low, moderate, severe or fatal."),
            ("risk", False, '"risk": is False. Write yes, no or unknown.'),
            ("themes", [], '"themes": is empty. Write codes of the list themes.'),
            ("themes", "lost-contact", "Write a list: one line each, beginning with a hyphen."),
            ("at", "yesterday", '"yesterday" is no moment. Write one like "w-76 Thu 16:40"'),
            ("when", "d-3 25:00", '"d-3 25:00" is no moment.'),
            ("by", "Wren Ashdown", "\"by\": is 'Wren Ashdown'. Write the key of a person."),
            ("by", "wern", '"by": there is no "wern". Did you mean "wren"?'),
            ("name_withheld", "yes", "Write true or false."),
            ("waht", "x", 'Did you mean "what"?'),
        ],
    )
    def test_of_a_report(self, tmp_path: Path, part: str, value: Any, says: str) -> None:
        incident = with_steps({"report": changed(REPORT, part, value)})
        found = mistakes(written(tmp_path, incidents=[incident]))
        assert len(found) == 1, "and nothing else is wrong"
        assert says in found[0]
        assert found[0].startswith("story.yml, door, step 1")

    @pytest.mark.parametrize(
        ("word", "parts", "says"),
        [
            ("evidence", {"action": "a", "words": "Done."}, "needs a record or a file behind the words."),
            ("triage", {"abuse": "perhaps", "wishes": "x"}, '"abuse"'),
            ("tier", {"tier": "D"}, "\"tier\": is 'D'. Write A, B or C."),
            ("plan", {"smallest_effect": "a lot"}, "a number in quotes such as"),
            ("safety-done", {"number": 0}, "Write a number that is at least 1."),
            (
                "result",
                {"plan": "p", "count": "9", "out_of": 3, "source": "x"},
                "Write a whole number, without quotes.",
            ),
            ("threshold", {"outcome": "more_information", "why": "x", "until": "soon"}, '"soon" is no day.'),
            ("named", {"person": "wern", "reason": "x"}, '"person": there is no "wern". Did you mean "wren"?'),
            ("review", {"method": "rapid-review", "reviewer": "nobody"}, '"reviewer": there is no "nobody".'),
        ],
    )
    def test_of_other_steps(self, tmp_path: Path, word: str, parts: dict[str, Any], says: str) -> None:
        step = {word: {"at": "w-3 Wed 10:00", "by": "dale", **parts}}
        found = mistakes(written(tmp_path, incidents=[with_steps({"report": REPORT}, step)]))
        assert any(says in one and "door, step 2" in one for one in found), found

    def test_two_incidents_of_one_key_even_in_two_files(self, tmp_path: Path) -> None:
        (written(tmp_path) / "another.yml").write_text(yaml.safe_dump([INCIDENT]))
        assert mistakes(tmp_path) == ["incidents, door: There are two incidents of this key. Give one of them another."]

    def test_a_person_supported_is_nobody_on_the_staff(self, tmp_path: Path) -> None:
        incident = with_steps({"report": REPORT | {"person": "P-1001"}})
        assert len(read_example(written(tmp_path, incidents=[incident])).incidents) == 1

    def test_steps_keep_their_numbers_when_one_before_them_is_wrong(self, tmp_path: Path) -> None:
        broken, nobody = {"harm": {}}, changed(WITHDRAWN, "withdraw-incident.by", "nobody")
        said = mistakes(written(tmp_path, incidents=[with_steps({"report": REPORT}, broken, nobody)]))
        assert any(one.startswith("story.yml, door, step 2 (harm): ") for one in said)
        assert 'story.yml, door, step 3: "by": there is no "nobody".' in said

    def test_a_report_that_is_wrong_is_still_the_beginning(self, tmp_path: Path) -> None:
        said = "\n".join(mistakes(written(tmp_path, incidents=[with_steps({"report": {"at": "now"}}, WITHDRAWN)])))
        assert "step 1 (report)" in said
        assert "Begin with a report" not in said


class TestOrder:
    @pytest.mark.parametrize(
        ("first", "second", "wrong"),
        [
            ("w-3 Tue 10:00", "w-3 Wed 10:00", ""),
            ("d-3 10:00", "d-3 10:00", ""),
            ("now-2h", "now-1h", ""),
            ("d-20 10:00", "now", ""),
            ("w-3 Tue 10:00", "w-3 Mon 10:00", "lies before the report"),
            ("now-1h", "now-2h", "lies before the report"),
            ("w-1 Wed 10:00", "d-6 10:00", "on some days of loading and after it on others"),
            ("d-1 10:00", "now-20h", "on some days of loading and after it on others"),
        ],
    )
    def test_must_be_the_same_whatever_the_day_of_loading(
        self, tmp_path: Path, first: str, second: str, wrong: str
    ) -> None:
        steps = [{"report": REPORT | {"at": first}}, changed(WITHDRAWN, "withdraw-incident.at", second)]
        written(tmp_path, incidents=[with_steps(*steps)])
        if not wrong:
            assert len(read_example(tmp_path).incidents[0].steps) == 2
            return
        (said,) = mistakes(tmp_path)
        assert wrong in said
        assert f'"{second}"' in said


FIRST = datetime(2025, 1, 1, tzinfo=UTC)
NO_MOMENTS = """w-0 Mon 09:00|w+1 Mon 09:00|w-3 Mo 09:00|w-3 mon 09:00|w-3 Mon 9:00|w-3 Mon 24:00|w-3 Mon 09:60
|d-0 09:00|d-3|now-0m|now-3d|now+3m|tomorrow|2026-11-23""".replace("\n", "").split("|")


class TestMoments:
    MONDAY = Calendar(datetime(2026, 11, 23, 14, 30, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("now", datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
            ("now-35m", datetime(2026, 11, 23, 13, 55, tzinfo=UTC)),
            ("now-6h", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
            ("d-1 09:15", datetime(2026, 11, 22, 9, 15, tzinfo=UTC)),
            ("w-1 Mon 09:00", datetime(2026, 11, 16, 9, 0, tzinfo=UTC)),
            ("w-1 Sun 23:59", datetime(2026, 11, 22, 23, 59, tzinfo=UTC)),
            ("w-10 Mon 09:00", datetime(2026, 9, 14, 8, 0, tzinfo=UTC)),
        ],
    )
    def test_are_told_from_the_moment_of_loading_by_the_london_clock(self, text: str, moment: datetime) -> None:
        assert self.MONDAY.moment(text) == moment

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("today", date(2026, 11, 23)),
            ("d+2", date(2026, 11, 25)),
            ("d-10", date(2026, 11, 13)),
            ("w+0 Fri", date(2026, 11, 27)),
            ("w+3 Fri", date(2026, 12, 18)),
            ("w-20 Mon", date(2026, 7, 6)),
        ],
    )
    def test_days_too(self, text: str, day: date) -> None:
        assert self.MONDAY.day(text) == day

    @pytest.mark.parametrize(
        "text",
        [*NO_MOMENTS, "", " now", "w-3 Mon 09:00 "],
    )
    def test_others_are_refused_with_how_to_write_them(self, text: str) -> None:
        with pytest.raises(NoSuchMoment, match="Write one like"):
            self.MONDAY.moment(text)

    @pytest.mark.parametrize("text", ["", "d3", "d-3 09:00", "w3 Fri", "w+3", "Friday", "w+3 Fr", "now"])
    def test_and_other_days(self, text: str) -> None:
        with pytest.raises(NoSuchMoment, match="is no day"):
            self.MONDAY.day(text)

    def test_the_london_day_counts_just_after_midnight_in_summer(self) -> None:
        after_midnight = Calendar(datetime(2026, 7, 5, 23, 30, tzinfo=UTC))
        assert after_midnight.today == date(2026, 7, 6)
        assert after_midnight.moment("w-1 Mon 09:00") == datetime(2026, 6, 29, 8, 0, tzinfo=UTC)

    @given(
        st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
        st.integers(1, 90),
        st.sampled_from(WEEKDAYS),
        st.times(),
    )
    def test_a_moment_in_weeks_lies_in_that_week_on_that_weekday(
        self, loaded_at: datetime, weeks: int, weekday: str, clock: Any
    ) -> None:
        calendar = Calendar(loaded_at)
        day = calendar.day(f"w-{weeks} {weekday}")
        moment = calendar.moment(f"w-{weeks} {weekday} {clock:%H:%M}")
        assert WEEKDAYS[day.weekday()] == weekday
        assert timedelta(0) < calendar.today - day < timedelta(weeks=weeks + 1)
        assert moment < loaded_at
        assert Calendar(moment).today == day


MET: dict[str, Any] = {"chair": "dale", "decisions": [{"words": "Nothing more."}]}


@pytest.mark.requirement("R36")
class TestThematicReviews:
    def thematic(self, folder: Path, *reviews: Any) -> Path:
        (written(folder) / "thematic.yml").write_text(yaml.safe_dump({"reviews": list(reviews)}))
        return folder

    def test_they_stand_in_a_file_of_their_own(self, tmp_path: Path) -> None:
        found = read_example(self.thematic(tmp_path, {"quarters_ago": 2, "by": "wren", "meeting": MET}))
        assert [one.quarters_ago for one in found.thematic.reviews] == [2]
        assert [one.file for one in found.incidents] == ["story.yml"]

    def test_without_the_file_there_are_none(self, tmp_path: Path) -> None:
        assert read_example(written(tmp_path)).thematic.reviews == ()

    @pytest.mark.parametrize(
        ("review", "says"),
        [
            ({"quarters_ago": 0, "by": "wren"}, "quarters_ago"),
            ({"quarters_ago": 1, "by": "wrenn"}, 'Did you mean "wren"?'),
            ({"quarters_ago": 1, "by": "wren", "meeting": MET | {"chair": "dal"}}, 'Did you mean "dale"?'),
            ({"quarters_ago": 1, "by": "wren", "meeting": MET | {"apologies": ["nobody"]}}, 'there is no "nobody"'),
            (
                {
                    "quarters_ago": 1,
                    "by": "wren",
                    "meeting": MET | {"decisions": [{"words": "W", "what": "W", "owner": "anyone"}]},
                },
                'there is no "anyone"',
            ),
            ({"quarters_ago": 1, "by": "wren", "meeting": MET | {"decisions": []}}, "decisions"),
        ],
    )
    def test_a_mistake_has_its_place(self, tmp_path: Path, review: dict[str, Any], says: str) -> None:
        (said,) = mistakes(self.thematic(tmp_path, review))
        assert said.startswith("thematic.yml")
        assert says in said


CASE = {"case": {"at": "w-4 Mon 09:00", "by": "wren", "key": "c", "pathway": "p", "reference": "P-1"}}
WROTE = {"wrote": {"at": "w-4 Mon 09:10", "by": "wren", "case": "c", "kind": "k"}}


@pytest.mark.requirement("R20")
class TestCare:
    """Cases that no incident began."""

    def care(self, folder: Path, *steps: Any, **more: Any) -> Path:
        case = {"key": "north-4", "team": INCIDENT["team"], "shows": "A case.", "steps": list(steps)} | more
        (written(folder) / "care.yml").write_text(yaml.safe_dump([case]))
        return folder

    def test_they_are_no_incidents(self, tmp_path: Path) -> None:
        found = read_example(self.care(tmp_path, CASE, WROTE))
        assert [(one.shape.key, [step.word for step in one.steps]) for one in found.care] == [
            ("north-4", ["case", "wrote"])
        ]
        assert [one.file for one in found.incidents] == ["story.yml"]

    @pytest.mark.parametrize(
        ("steps", "more", "says"),
        [
            ([WROTE], {}, "Begin with a case: before it there is nothing to write on."),
            ([{"report": REPORT}], {}, "Begin with a case"),
            ([CASE, {"wrote": WROTE["wrote"] | {"at": "w-5 Mon 09:10"}}], {}, "lies before the case."),
            ([CASE], {"team": "nowhere"}, 'there is no "nowhere"'),
            ([CASE], {"key": INCIDENT["key"]}, "two incidents of this key"),
            ([CASE, {"wrote": WROTE["wrote"] | {"by": "wrenn"}}], {}, 'Did you mean "wren"?'),
        ],
    )
    def test_a_mistake_says_what_to_write(
        self, tmp_path: Path, steps: list[Any], more: dict[str, Any], says: str
    ) -> None:
        assert any(says in said for said in mistakes(self.care(tmp_path, *steps, **more)))


AUDITED: dict[str, Any] = {
    "cases": [
        {
            "key": "au-case",
            "team": "alder",
            "pathway": "self-neglect",
            "reference": "P-1",
            "at": "w-9 Mon 09:00",
            "worker": "wren",
            "manager": "dale",
            "supervisor": "dale",
            "notes": [{"at": "w-9 Mon 10:00", "wrote": [{"who": "worker", "kind": "checklist"}]}],
            "ended": {"at": "w-8 Mon 10:00", "values": {}, "reason": "Over."},
        }
    ],
    "audits": [
        {
            "key": "au-one",
            "change": "sn-checklist",
            "by": "dale",
            "at": "w-5 Mon 10:00",
            "title": "Notes",
            "questions": [{"ask": "Is it there?", "look_for": "It.", "about": "used"}],
            "records": "case_records:self-neglect:checklist",
            "claim": "estimate",
            "numbers": {"expected": "80", "half_width": "10"},
            "target": "90",
            "months": 3,
            "due": "w-2 Fri",
            "list": {"at": "w-4 Mon 10:00", "first": "w-10 Mon", "last": "w-5 Sun"},
            "draw": {"at": "w-4 Tue 10:00", "seed": "1 2 3 4 5 6", "words": "Six dice"},
            "readings": [{"at": "w-3 Mon 10:00", "by": "dale", "records": 1}],
            "settled": {"at": "w-3 Tue 10:00", "by": "dale", "reason": "It is there."},
            "answered": {
                "at": "w-3 Tue 11:00", "what": "Do it.", "owner": "wren", "due": "w+2 Fri", "others": "The same.",
            },
        }
    ],
}  # fmt: skip


@pytest.mark.requirement("R16", "R37")
class TestAudits:
    def audits(self, folder: Path, **changes: Any) -> Path:
        said = deepcopy(AUDITED)
        for path, value in changes.items():
            part: Any = said
            *way, last = (int(word) if word.isdecimal() else word for word in path.split("__"))
            for word in way:
                part = part[word]
            part[last] = value
        (written(folder) / "audits.yml").write_text(yaml.safe_dump(said))
        return folder

    def test_they_stand_in_a_file_of_their_own(self, tmp_path: Path) -> None:
        found = read_example(self.audits(tmp_path))
        assert [one.key for one in found.audits.cases] == ["au-case"]
        assert [one.key for one in found.audits.audits] == ["au-one"]
        assert [one.file for one in found.incidents] == ["story.yml"]

    def test_without_the_file_there_are_none(self, tmp_path: Path) -> None:
        found = read_example(written(tmp_path)).audits
        assert (found.cases, found.audits) == ((), ())

    @pytest.mark.parametrize(
        ("path", "value", "says"),
        [
            ("cases__0__team", "aldr", 'Did you mean "alder"?'),
            ("cases__0__worker", "wrenn", 'Did you mean "wren"?'),
            ("cases__0__manager", "dal", 'Did you mean "dale"?'),
            ("cases__0__supervisor", "nobody", 'there is no "nobody"'),
            ("cases__0__notes", [], "notes"),
            ("cases__0__notes__0__wrote__0__who", "anybody", "who"),
            ("cases__0__ended__at", "one day", "is no moment"),
            ("audits__0__by", "quil", 'there is no "quil"'),
            ("audits__0__readings__0__by", "nobody", 'there is no "nobody"'),
            ("audits__0__readings__0__records", 0, "records"),
            ("audits__0__settled__by", "nobody", 'there is no "nobody"'),
            ("audits__0__answered__owner", "wrn", 'Did you mean "wren"?'),
            ("audits__0__questions", [], "questions"),
            ("audits__0__claim", "certainty", "claim"),
            ("audits__0__list__last", "soon", "is no day"),
        ],
    )
    def test_a_mistake_has_its_place(self, tmp_path: Path, path: str, value: Any, says: str) -> None:
        said = mistakes(self.audits(tmp_path, **{path: value}))[0]
        assert said.startswith("audits.yml")
        assert says in said


STEP = {"at": "w-3 Tue 11:00", "by": "wren"}
LEARNING: dict[str, Any] = {
    "needs": [
        {
            **STEP, "change": "a-change", "what": "Ring.", "roles": ["support_worker"], "teams": ["alder"],
            "due": "w-1 Fri", "trained": [{**STEP, "held": "w-3 Tue", "people": ["wren"]}],
        }
    ],
    "clauses": [
        {
            **STEP, "change": "a-change", "clause": "1", "wording": "W.", "wanted_by": "w+1 Fri",
            "agreed": {**STEP, "agreed_with": "Them", "agreed_on": "w-3 Tue"},
        }
    ],
    "bulletins": [{"quarters_ago": 1, "by": "wren", "learned": "L.", "different": "D."}],
    "takes_part": {**STEP, "reason": "To learn."},
    "lessons": [{**STEP, "change": "a-change", "title": "T", "problem": "P.", "different": "D."}],
}  # fmt: skip
INSPECTION: dict[str, Any] = {
    "packs": [{**STEP, "incident": "door", "readers": "inspector", "confirmed": "w-2 Tue 11:00"}],
    "inspections": [
        {
            **STEP, "inspector": "dale", "reference": "INS-1", "authority": "a-power", "services": ["community"],
            "first": "w-9 Mon", "last": "w-4 Mon", "ends": "w+1 Fri",
            "draws": [{"frozen": "d-2 10:00", "harm": "moderate", "size": 5, "drawn": "d-2 10:05", "seed": "1 2 3 4"}],
        }
    ],
}  # fmt: skip
OF_A_QUARTER = {"week": 3, "day": "Tue", "team": "quay", "by": "tansy", "person": "N-1"}
NEIGHBOUR: dict[str, Any] = {
    "name": "Next door",
    "since": "w-20 Mon 09:00",
    "mail_domain": "next.example",
    "services": [{"key": "harbour", "name": "Harbour", "teams": [{"key": "quay", "name": "Quay team"}]}],
    "people": [{"key": "tansy", "name": "Tansy Holloway", "role": "quality_lead", "at": "harbour"}],
    "lets_read": {"at": "w-19 Mon 09:00", "by": "tansy", "commissioner": "dale"},
    "takes_part": {"at": "w-2 Tue 11:00", "by": "tansy", "reason": "To learn."},
    "pathways": [{"at": "w-19 Mon 10:00", "by": "tansy", "code": "lost-contact"}],
    "quarters": [
        {
            "quarters_ago": 1, "published_by": "tansy", "led_by": "tansy", "reviewed_by": "tansy",
            "incidents": [
                {
                    **OF_A_QUARTER, "key": "slip", "what": "W.", "done": "D.", "theme": "other", "wishes": "W.",
                    "why": "W.", "likely": "L.", "found": "F.",
                }
            ],
            "lost_contact": [
                {**OF_A_QUARTER, "key": "lost", "tried": "T.", "risk": "R.", "found": "F.", "outcome": "O."}
            ],
        }
    ],
}  # fmt: skip
FURTHER = {"learning": LEARNING, "inspection": INSPECTION, "neighbour": NEIGHBOUR}


@pytest.mark.requirement("R32", "R33", "R34")
class TestWhatGoesFurther:
    """Training, the contract, lessons, packs, inspections, and the second provider: each in a file of its own."""

    def further(self, folder: Path, **files: Any) -> Path:
        written(folder)
        for name, said in files.items():
            (folder / f"{name}.yml").write_text(yaml.safe_dump(said))
        return folder

    def test_they_are_read_whole_and_are_no_incidents(self, tmp_path: Path) -> None:
        found = read_example(self.further(tmp_path, **FURTHER))
        assert [one.file for one in found.incidents] == ["story.yml"]
        assert [one.change for one in found.learning.needs] == ["a-change"]
        assert [one.readers for one in found.inspection.packs] == ["inspector"]
        assert found.neighbour is not None
        assert [one.key for one in found.neighbour.quarters[0].lost_contact] == ["lost"]

    def test_without_the_files_there_is_nothing_further(self, tmp_path: Path) -> None:
        found = read_example(written(tmp_path))
        assert (found.learning.needs, found.inspection.inspections, found.neighbour) == ((), (), None)

    @pytest.mark.parametrize(
        ("file", "path", "value", "says"),
        [
            ("learning", "needs.0.by", "wrenn", 'Did you mean "wren"?'),
            ("learning", "needs.0.teams", ["aldr"], 'Did you mean "alder"?'),
            ("learning", "needs.0.trained.0.people", ["wren", "nobody"], 'there is no "nobody"'),
            ("learning", "needs.0.trained.0.by", "dal", 'Did you mean "dale"?'),
            ("learning", "needs.0.roles", ["wizard"], "roles"),
            ("learning", "clauses.0.by", "nobody", 'there is no "nobody"'),
            ("learning", "clauses.0.agreed.by", "nobody", 'there is no "nobody"'),
            ("learning", "clauses.0.wanted_by", "soon", "is no day"),
            ("learning", "bulletins.0.by", "nobody", 'there is no "nobody"'),
            ("learning", "bulletins.0.quarters_ago", 0, "quarters_ago"),
            ("learning", "takes_part.by", "nobody", 'there is no "nobody"'),
            ("learning", "lessons.0.by", "nobody", 'there is no "nobody"'),
            ("inspection", "packs.0.incident", "doer", 'Did you mean "door"?'),
            ("inspection", "packs.0.by", "nobody", 'there is no "nobody"'),
            ("inspection", "packs.0.readers", "commissioner", "readers"),
            ("inspection", "inspections.0.inspector", "nobody", 'there is no "nobody"'),
            ("inspection", "inspections.0.services", ["comunity"], 'Did you mean "community"?'),
            ("inspection", "inspections.0.draws.0.size", 0, "size"),
            ("inspection", "inspections.0.draws.0.harm", "bad", "harm"),
            ("neighbour", "people.0.at", "harbor", 'Did you mean "harbour"?'),
            ("neighbour", "lets_read.commissioner", "tansy", 'there is no "tansy"'),
            ("neighbour", "lets_read.by", "dale", 'there is no "dale"'),
            ("neighbour", "takes_part.by", "wren", 'there is no "wren"'),
            ("neighbour", "pathways.0.by", "wren", 'there is no "wren"'),
            ("neighbour", "quarters.0.published_by", "wren", 'there is no "wren"'),
            ("neighbour", "quarters.0.led_by", "wren", 'there is no "wren"'),
            ("neighbour", "quarters.0.reviewed_by", "wren", 'there is no "wren"'),
            ("neighbour", "quarters.0.incidents.0.by", "wren", 'there is no "wren"'),
            ("neighbour", "quarters.0.lost_contact.0.team", "alder", 'there is no "alder"'),
            ("neighbour", "quarters.0.lost_contact.0.key", "slip", "This key is used twice."),
            ("neighbour", "quarters.0.incidents.0.week", 13, "week"),
            ("neighbour", "quarters.0.lost_contact.0.day", "Fri", "day"),
            ("neighbour", "since", "one day", "is no moment"),
        ],
    )
    def test_a_mistake_has_its_place(self, tmp_path: Path, file: str, path: str, value: Any, says: str) -> None:
        (said,) = mistakes(self.further(tmp_path, **FURTHER | {file: changed(FURTHER[file], path, value)}))
        assert said.startswith(f"{file}.yml")
        assert says in said
