"""Who must be told: which duties apply to which provider, and which a situation points to."""

from __future__ import annotations

import copy
import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import DATA, Entry, ListMistakes, current, load
from saferpractice.triage.rules import (
    Answer,
    Duty,
    DutyKind,
    ProviderProfile,
    SituationFacts,
    duties_for,
    duty_from,
)

pytestmark = pytest.mark.requirement("R6")

TODAY = date(2026, 11, 23)
LIST = load(DATA / "duties.yml")
DUTIES = current(LIST.entries, TODAY)

TRUST = ProviderProfile(health_service_body=True, secure_unit=False, nhs_funded=True)
CHARITY = ProviderProfile(health_service_body=False, secure_unit=False, nhs_funded=True)
CARE_HOME = ProviderProfile(health_service_body=False, secure_unit=False, nhs_funded=False)
SECURE = ProviderProfile(health_service_body=False, secure_unit=True, nhs_funded=True)


def offered(profile: ProviderProfile, facts: SituationFacts | None = None) -> dict[str, Duty]:
    return {duty.code: duty for duty in duties_for(profile, DUTIES, facts)}


class TestWhichApply:
    """By the profile of the provider."""

    @pytest.mark.parametrize("code", ["cqc-16-death", "cqc-18-serious-injury", "cqc-18-abuse", "cqc-18-police"])
    def test_a_health_service_body_tells_nhs_england_and_not_cqc_as_well(self, code: str) -> None:
        assert code not in offered(TRUST)
        assert code in offered(CHARITY)
        assert "lfpse" in offered(TRUST)

    @pytest.mark.parametrize("code", ["cqc-17-absence", "cqc-17-return"])
    def test_absence_and_return_are_for_secure_units(self, code: str) -> None:
        assert code in offered(SECURE)
        assert code not in offered(TRUST)
        assert code not in offered(CHARITY)

    def test_a_death_in_detention_is_told_by_everybody(self) -> None:
        for profile in (TRUST, CHARITY, CARE_HOME, SECURE):
            assert "cqc-17-death" in offered(profile)

    @pytest.mark.parametrize(
        ("profile", "code", "kinds"),
        [
            (TRUST, "candour-health-body", ["law", "contract"]),
            (CHARITY, "candour-nhs-funded", ["law", "contract"]),
            (CARE_HOME, "candour-other", ["law", "local"]),
        ],
    )
    def test_candour_has_one_threshold_for_each_provider(
        self, profile: ProviderProfile, code: str, kinds: list[str]
    ) -> None:
        found = [duty for name, duty in offered(profile).items() if name.startswith("candour-")]
        assert [duty.code for duty in found] == [code]
        assert [clock.kind for clock in found[0].clocks] == kinds

    def test_the_national_upload_comes_with_nhs_money(self) -> None:
        assert "lfpse" not in offered(CARE_HOME)
        assert "commissioner" not in offered(CARE_HOME)

    def test_what_is_not_known_about_a_provider_hides_nothing(self) -> None:
        assert list(offered(ProviderProfile())) == [entry.code for entry in DUTIES]

    @given(
        st.builds(
            ProviderProfile,
            **dict.fromkeys(["health_service_body", "secure_unit", "nhs_funded"], st.none() | st.booleans()),
        )
    )
    def test_knowing_more_only_ever_takes_away(self, profile: ProviderProfile) -> None:
        assert set(offered(profile)) <= set(offered(ProviderProfile()))
        assert {"local-authority-concern", "police", "coroner", "ico-breach"} <= set(offered(profile))

    def test_every_duty_is_for_somebody(self) -> None:
        everybody = [
            ProviderProfile(health_service_body=body, secure_unit=secure, nhs_funded=nhs)
            for body, secure, nhs in itertools.product([True, False], repeat=3)
        ]
        assert {code for profile in everybody for code in offered(profile)} == {entry.code for entry in DUTIES}


class TestWhatADutySays:
    """Body, trigger, paragraph and clocks."""

    def test_a_duty_carries_all_the_page_shows(self) -> None:
        duty = offered(CHARITY)["cqc-18-police"]
        assert duty.kind is DutyKind.NOTIFICATION
        assert duty.body == "Care Quality Commission"
        assert duty.paragraph == "Regulation 18(2)(f), Care Quality Commission (Registration) Regulations 2009"
        assert duty.first_clock.sentence == "law: without delay"
        assert "cqc.org.uk" in duty.source

    def test_a_duty_says_where_to_do_it_only_where_the_address_was_seen(self) -> None:
        duties = offered(CHARITY)
        assert duties["cqc-18-police"].link is None
        assert "england.nhs.uk" in (duties["lfpse"].link or "")

    def test_the_number_shown_is_that_of_the_highest_standing(self) -> None:
        duties = offered(CHARITY)
        assert duties["candour-nhs-funded"].due_clock == duties["candour-nhs-funded"].clocks[1]
        assert duties["cqc-18-abuse"].due_clock is not None
        assert duties["cqc-18-abuse"].due_clock.kind == "local"
        assert duties["ico-breach"].due_clock is not None
        assert duties["ico-breach"].due_clock.timescale == {"kind": "clock_hours", "amount": 72}
        assert duties["police"].due_clock is not None
        assert duties["police"].due_clock.timescale == {"kind": "same_day"}
        assert duties["caldicott-guardian"].due_clock is None

    def test_each_kind_is_there(self) -> None:
        assert {duty.kind for duty in offered(TRUST).values()} == set(DutyKind)


class TestLikely:
    """What is known puts some duties first. It decides nothing."""

    def likely(self, profile: ProviderProfile = CHARITY, **facts: Any) -> set[str]:
        return {code for code, duty in offered(profile, SituationFacts(**facts)).items() if duty.likely}

    def test_nothing_known_points_nowhere(self) -> None:
        assert self.likely() == set()
        assert not any(duty.likely for duty in offered(CHARITY).values())

    def test_both_tests_point_to_the_authority_and_one_alone_does_not(self) -> None:
        both = self.likely(needs_care_and_support=Answer.YES, abuse_or_neglect=Answer.YES)
        assert {"local-authority-concern", "cqc-18-abuse", "lfpse"} <= both
        assert "local-authority-concern" not in self.likely(needs_care_and_support=Answer.YES)

    def test_a_death_points_to_coroner_and_cqc(self) -> None:
        assert {"coroner", "cqc-16-death", "candour-nhs-funded"} <= self.likely(physical_harm="fatal")

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"physical_harm": "moderate"}, "candour-nhs-funded"),
            ({"psychological_harm": "moderate"}, "candour-nhs-funded"),
            ({"prolonged_psychological_harm": Answer.YES}, "candour-nhs-funded"),
            ({"abuse_types": frozenset({"domestic"})}, "marac"),
            ({"abuse_types": frozenset({"financial", "self-neglect"})}, "police"),
            ({"family_warning": Answer.YES}, "family-or-advocate"),
            ({"nationally_required": frozenset({"death-in-detention"})}, "cqc-17-death"),
            ({"multi_agency_breakdown": Answer.YES, "abuse_or_neglect": Answer.YES}, "sar-referral"),
        ],
    )
    def test_a_situation_points_to_its_duty(self, facts: dict[str, Any], code: str) -> None:
        assert code in self.likely(**facts)

    def test_low_harm_alone_points_nowhere(self) -> None:
        assert self.likely(physical_harm="low", psychological_harm="low") == set()

    def test_the_codes_named_stand_in_their_lists(self) -> None:
        known = {
            "abuse_types": {entry.code for entry in load(DATA / "abuse-types.yml").entries},
            "nationally_required": {entry.code for entry in load(DATA / "nationally-required.yml").entries},
        }
        for entry in LIST.entries:
            for situation in entry.detail.get("likely_when", ()):
                for fact, cell in situation.items():
                    assert set(cell.get("in", ())) <= known.get(fact, set(cell.get("in", ())))


def entry_with(**detail: Any) -> Entry:
    entry = DUTIES[0]
    return entry.model_copy(update={"detail": {**copy.deepcopy(entry.detail), **detail}})


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"likely_when": [{"weather": {"is": True}}]}, '"weather" is not a fact that can be asked about'),
        ({"kind": "letter"}, "Write notification or partner"),
    ],
)
def test_an_entry_a_provider_wrote_wrongly_is_refused_with_what_to_write(detail: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ListMistakes) as caught:
        duty_from(entry_with(**detail))
    assert sentence in str(caught.value)
    assert "local-authority-concern" in str(caught.value)


def test_an_empty_situation_points_to_nothing() -> None:
    duty = duty_from(entry_with(likely_when=[{}]), SituationFacts(abuse_or_neglect=Answer.YES))
    assert not duty.likely
