"""The lists that ship: complete against the brief, true to the domain files, honest about their clocks."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from saferpractice.lists.rules import DATA, Entry, ListFile, current, load_folder
from tests.rules.lists.test_addresses import TITLES_SEEN

LISTS = load_folder()
TODAY = date(2026, 11, 23)
CHECKED = {TODAY, date(2026, 11, 27)}
"""The days on which somebody held an entry against its source."""
PUBLISHED = {"yorkshire", "london-protocol", "npsa"}
ROOT = Path(__file__).resolve().parents[3]
TAXONOMY = ROOT.parent / "shared" / "reference" / "lfpse" / "taxonomy-v5.json"


def codes(list_code: str) -> list[str]:
    return [entry.code for entry in LISTS[list_code].entries]


@pytest.mark.requirement("R6")
def test_every_list_is_dated_and_has_its_source() -> None:
    assert len(LISTS) >= 21
    for listed in LISTS.values():
        for entry in listed.entries:
            assert entry.checked_on in CHECKED
            assert entry.valid_from <= TODAY
            named = entry.source.url or entry.source.title in {"the brief", *TITLES_SEEN}
            assert named or entry.knowledge == "common", f"{listed.list_code} {entry.code}: who says so?"


@pytest.mark.requirement("R6")
@pytest.mark.parametrize("name", sorted(LISTS))
def test_labels_differ_and_name_nobody_by_what_was_done_to_them(name: str) -> None:
    labels = [entry.label for entry in current(LISTS[name].entries, TODAY)]
    assert len(labels) == len(set(labels))
    # Published frameworks keep their words, and "patient safety" is a name.
    unwanted = r"\b(victim|perpetrator)s?\b" + ("" if name in PUBLISHED else r"|\bpatients?\b(?! safety)")
    assert [label for label in labels if re.search(unwanted, label, re.IGNORECASE)] == []


@pytest.mark.requirement("R36", "R6")
def test_the_themes_begin_with_the_three_of_the_brief() -> None:
    assert codes("themes") == ["self-neglect", "exploitation", "lost-contact", "other"]


@pytest.mark.requirement("R6")
@pytest.mark.parametrize(
    ("name", "national"),
    [
        ("physical-harm", {"none": "5", "low": "4", "moderate": "3", "severe": "2", "fatal": "1"}),
        ("psychological-harm", {"none": "4", "low": "3", "moderate": "2", "severe": "1"}),
    ],
)
def test_harm_runs_upwards_here_and_downwards_nationally(name: str, national: dict[str, str]) -> None:
    assert {entry.code: entry.detail["lfpse"] for entry in LISTS[name].entries} == national
    assert [entry.detail["level"] for entry in LISTS[name].entries] == list(range(len(national)))


@pytest.mark.requirement("R6")
@pytest.mark.skipif(not TAXONOMY.exists(), reason="the national code lists are not beside this checkout")
@pytest.mark.parametrize("kind", ["physical", "psychological"])
def test_harm_codes_mean_nationally_what_they_mean_here(kind: str) -> None:
    national = json.loads(TAXONOMY.read_text())["codeSystems"][f"level-of-{kind}-harm-5"]["codes"]
    mine = {entry.detail["lfpse"]: entry.code for entry in LISTS[f"{kind}-harm"].entries}
    assert set(mine) == set(national)
    for code, words in national.items():
        first = words.split()[0].lower()
        assert mine[code] == {"no": "none"}.get(first, first)


@pytest.mark.requirement("R6")
def test_abuse_is_the_ten_types_of_the_guidance_and_one_row_of_the_return() -> None:
    ten = [entry.code for entry in LISTS["abuse-types"].entries if entry.detail["care_act_guidance"]]
    assert len(ten) == 10
    assert [code for code in codes("abuse-types") if code not in ten] == ["sexual-exploitation"]
    assert "self-neglect" in ten


@pytest.mark.requirement("R6")
def test_only_the_first_two_care_act_tests_are_required_of_a_provider() -> None:
    asked = {entry.code: entry.detail for entry in LISTS["care-act-tests"].entries}
    assert {code: detail["required"] for code, detail in asked.items()} == {
        "needs-care-and-support": True,
        "abuse-or-neglect": True,
        "unable-to-protect-self": False,
    }
    assert asked["unable-to-protect-self"]["decided_by"] == "authority"
    assert all("2014" in detail["paragraph"] for detail in asked.values())


class TestDuties:
    """Telling others: the year printed, and no number called law that the law does not hold."""

    pytestmark = pytest.mark.requirement("R6")
    ALL = LISTS["duties"].entries

    @pytest.mark.parametrize(
        "code",
        [
            "local-authority-concern",
            "police",
            "commissioner",
            "dbs",
            "professional-regulator",
            "coroner",
            "ico-breach",
            "leder",
            "sar-referral",
            "pipot",
            "prevent",
            "marac",
            "childrens-services",
            "caldicott-guardian",
            "lfpse",
            "family-or-advocate",
            "riddor-10-days",
            "riddor-15-days",
            "cqc-16-death",
            "cqc-17-death",
            "cqc-17-absence",
            "cqc-17-return",
            "cqc-18-abuse",
            "cqc-18-police",
            "cqc-18-serious-injury",
            "cqc-18-service-at-risk",
            "cqc-18-under-18",
            "cqc-18-deprivation-of-liberty",
            "candour-health-body",
        ],
    )
    def test_each_body_is_offered(self, code: str) -> None:
        assert code in codes("duties")

    @pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.code)
    def test_the_year_of_the_law_is_printed(self, entry: Entry) -> None:
        local = "contract" in entry.detail["paragraph"].lower() or entry.detail["kind"] == "partner"
        assert re.search(r"\b(19|20)\d\d\b", entry.detail["paragraph"]) or local
        if re.search(r"\bregulation \d", entry.label):
            assert re.search(r"\(regulation \d+, (2009|2014)\)", entry.label)

    def test_numbers_called_law_or_contract_are_those_the_law_or_contract_holds(self) -> None:
        numbers = {
            (clock["kind"], clock["timescale"]["kind"], clock["timescale"].get("amount"))
            for entry in self.ALL
            for clock in entry.detail["clocks"]
            if clock["timescale"] and clock["kind"] != "local"
        }
        assert numbers == {
            ("law", "calendar_days", 10),  # RIDDOR
            ("law", "calendar_days", 15),  # RIDDOR, over seven days
            ("law", "clock_hours", 72),  # UK GDPR, article 33
            ("contract", "working_days", 10),  # SC35
        }

    def test_without_delay_has_no_number_in_law(self) -> None:
        notices = [entry for entry in self.ALL if entry.code.startswith("cqc-")]
        assert len(notices) >= 11
        for entry in notices:
            first = entry.detail["clocks"][0]
            assert (first["kind"], first["words"], first["timescale"]) == ("law", "without delay", None)

    def test_candour_has_no_days_in_law(self) -> None:
        candour = [entry for entry in self.ALL if entry.code.startswith("candour-")]
        assert len(candour) == 3
        for entry in candour:
            assert entry.detail["clocks"][0]["words"] == "as soon as reasonably practicable"
            assert entry.detail["clocks"][0]["timescale"] is None

    def test_absence_and_return_are_for_secure_units_and_stand_apart(self) -> None:
        for code in ("cqc-17-absence", "cqc-17-return"):
            [entry] = [entry for entry in self.ALL if entry.code == code]
            assert entry.detail["applies_to"]["secure_unit"] is True
            assert "2009" in entry.detail["paragraph"]

    def test_the_kinds_of_timescale_are_those_deadlines_are_reckoned_with(self) -> None:
        deadlines = pytest.importorskip("saferpractice.deadlines.rules.timescales")
        for entry in self.ALL:
            for clock in entry.detail["clocks"]:
                if clock["timescale"]:
                    assert deadlines.Timescale.from_data(clock["timescale"]).sentence


class TestRequiredDocuments:
    """Which documents each tier requires."""

    def needed(self, tier: str) -> list[str]:
        return [entry.code for entry in LISTS["required-documents"].entries if tier in entry.detail["tiers"]]

    @pytest.mark.requirement("R9")
    def test_tier_a(self) -> None:
        assert self.needed("A") == ["immediate-actions", "quick-root-cause", "findings"]

    @pytest.mark.requirement("R10")
    def test_tier_b(self) -> None:
        assert self.needed("B") == [
            "immediate-actions",
            "findings",
            "timeline",
            "decision-review",
            "supervision-check",
            "partner-interface-review",
        ]

    @pytest.mark.requirement("R11")
    def test_tier_c_adds_to_tier_b(self) -> None:
        assert set(self.needed("C")) - set(self.needed("B")) == {
            "terms-of-reference",
            "evidence-pack",
            "action-plan",
            "oversight-sign-off",
        }
        assert set(self.needed("B")) < set(self.needed("C"))

    @pytest.mark.requirement("R12")
    def test_each_says_what_good_looks_like_and_by_when(self) -> None:
        for entry in LISTS["required-documents"].entries:
            assert entry.hint.startswith("Good: ")
            assert entry.detail["clock"] == "local"
            assert all(entry.detail["due_working_days"][tier] >= 1 for tier in entry.detail["tiers"])


@pytest.mark.requirement("R10", "R13")
def test_the_after_action_review_asks_its_four_questions() -> None:
    assert codes("review-methods") == [
        "rapid-review",
        "swarm-huddle",
        "after-action-review",
        "mdt-review",
        "structured-review",
        "psii",
    ]
    [after_action] = [entry for entry in LISTS["review-methods"].entries if entry.code == "after-action-review"]
    assert after_action.detail["questions"] == [
        "What was expected to happen?",
        "What actually happened?",
        "Why was there a difference?",
        "What has been learned?",
    ]


@pytest.mark.requirement("R1", "R13")
def test_the_six_places_of_the_brief_come_first_and_its_drivers_follow() -> None:
    assert codes("system-conditions")[:10] == [
        "unclear-threshold",
        "no-duty-cover",
        "fragmented-information",
        "inconsistent-safety-planning",
        "poor-follow-up",
        "weak-multi-agency-pathway",
        "workload",
        "missing-information",
        "partner-interface",
        "system-gap",
    ]
    assert all(entry.detail["brief"] for entry in LISTS["system-conditions"].entries[:10])
    work_system = {entry.code for entry in LISTS["seips"].entries if entry.detail["part"] == "work-system"}
    assert {entry.detail["seips"] for entry in LISTS["system-conditions"].entries} <= work_system


@pytest.mark.requirement("R13")
@pytest.mark.parametrize(
    ("name", "count"), [("yorkshire", 20), ("seips", 9), ("london-protocol", 7), ("npsa", 17), ("sar-domains", 4)]
)
def test_the_frameworks_are_whole(name: str, count: int) -> None:
    assert len(LISTS[name].entries) == count


@pytest.mark.requirement("R14")
def test_every_kind_of_change_the_brief_names_is_there() -> None:
    named = {"risk-prompt", "escalation-threshold", "referral-template", "duty-decision-log", "supervision-prompt"}
    further = {"workflow", "tool", "staffing-or-cover", "escalation-route", "information-sharing-agreement"}
    assert set(codes("change-types")) == named | further | {"training", "policy"}
    assert all(entry.detail["brief"] for entry in LISTS["change-types"].entries if entry.code in named)


@pytest.mark.requirement("R14", "R15")
def test_the_hierarchy_is_the_published_table_with_reminders_below_it() -> None:
    by_strength: dict[str, int] = {}
    for entry in LISTS["action-hierarchy"].entries:
        by_strength[entry.detail["strength"]] = by_strength.get(entry.detail["strength"], 0) + 1
    assert by_strength == {"stronger": 6, "intermediate": 8, "weaker": 5, "none": 1}
    assert codes("action-hierarchy")[-1] == "reminder"


@pytest.mark.requirement("R3")
def test_the_four_kinds_of_rollout_proof_carry_what_the_brief_asks() -> None:
    proofs = {entry.code: entry.detail for entry in LISTS["rollout-proof-kinds"].entries}
    assert list(proofs) == ["briefing", "revised-template", "training-attendance", "updated-duty-guidance"]
    assert proofs["training-attendance"]["counts_people"]
    assert proofs["revised-template"]["compares_versions"]


@pytest.mark.requirement("R6")
def test_the_files_are_packed_with_the_program() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    assert "data/*.yml" in packed
    assert all(path.parent.name == "data" for path in (ROOT / "saferpractice").rglob("*.yml"))
    assert isinstance(LISTS["themes"], ListFile)
    assert len(list(DATA.glob("*.yml"))) == len(LISTS)
