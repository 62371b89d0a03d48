"""What is recorded of a person for the equity view: by whom, how it is kept, and who may look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.incidents.models import Incident, PersonCharacteristics, PersonSupported
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.queries import characteristics_of, groups_recorded
from saferpractice.incidents.rules import Characteristic, KeptFromReason, problems_of_characteristics
from saferpractice.lists.operations import end_entry
from saferpractice.pathways.operations import record_characteristics
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R36")
SEX, AGE = Characteristic.SEX, Characteristic.AGE_BAND


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, at=NOW)


@pytest.fixture
def person(incident: Incident) -> PersonSupported:
    assert incident.person_supported is not None
    return incident.person_supported


def record(cast: Cast, person: PersonSupported, answers: dict[Characteristic, str], **changes: Any) -> Any:
    return record_characteristics(
        **({"by": cast.duty_manager, "at": NOW, "person": person, "answers": answers} | changes)
    )


class TestRecording:
    def test_the_newest_stands_and_the_earlier_is_kept(self, cast: Cast, person: PersonSupported) -> None:
        record(cast, person, {SEX: "female"})
        record(cast, person, {SEX: "female", AGE: "age-25-44"}, at=NOW + timedelta(days=1))
        assert characteristics_of([person.pk]) == {person.pk: {SEX: "female", AGE: "age-25-44"}}
        assert PersonCharacteristics.objects.count() == 2

    def test_the_very_same_again_adds_nothing(self, cast: Cast, person: PersonSupported) -> None:
        first = record(cast, person, {SEX: "female", AGE: ""})
        assert record(cast, person, {SEX: "female"}) == first

    @pytest.mark.parametrize("code", ["not-known", "not-said"])
    def test_not_known_and_not_said_are_answers(self, cast: Cast, person: PersonSupported, code: str) -> None:
        record(cast, person, {SEX: code})
        assert characteristics_of([person.pk])[person.pk] == {SEX: code}

    @pytest.mark.parametrize("code", ["Female", "age-18-24", "anything"])
    def test_an_answer_that_is_none(self, cast: Cast, person: PersonSupported, code: str) -> None:
        with pytest.raises(Invalid) as refused:
            record(cast, person, {SEX: code})
        assert refused.value.problems == {"sex": "Choose one of the answers."}

    def test_no_answer_is_readable_in_the_database_or_the_trail(self, cast: Cast, person: PersonSupported) -> None:
        row = record(cast, person, {Characteristic.ETHNIC_GROUP: "mixed"})
        assert "mixed" not in row.answers_encrypted
        entry = TrailEntry.objects.get(operation="pathways.record_characteristics")
        assert "mixed" not in f"{entry.sentence}{entry.facts}"
        assert entry.facts == {"characteristics": 1}

    def test_answers_of_one_person_cannot_be_read_as_another_s(self, cast: Cast, person: PersonSupported) -> None:
        row = record(cast, person, {SEX: "female"})
        copied = PersonCharacteristics.objects.create(
            person_supported=person, provider=cast.provider, answers_encrypted=row.answers_encrypted,
            decided_by_name="X", decided_by_role="", decided_at=NOW + timedelta(days=1),
        )  # fmt: skip
        assert copied.pk != row.pk
        assert characteristics_of([person.pk]) == {person.pk: {}}

    def test_a_row_is_never_changed(self, cast: Cast, person: PersonSupported) -> None:
        record(cast, person, {SEX: "female"})
        for statement in ("UPDATE incidents_personcharacteristics SET answers_encrypted = ''",
                          "DELETE FROM incidents_personcharacteristics"):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestWho:
    @pytest.mark.parametrize("name", ["duty_manager", "lead", "supervisor"])
    def test_whoever_works_with_them(self, cast: Cast, person: PersonSupported, name: str) -> None:
        record(cast, person, {SEX: "female"}, by=cast.people()[name])

    @pytest.mark.parametrize(
        "name", ["worker_elsewhere", "duty_manager_elsewhere", "administrator", "commissioner", "inspector", "stranger"]
    )
    def test_nobody_else(self, cast: Cast, person: PersonSupported, name: str) -> None:
        with pytest.raises(Refused, match="no such person"):
            record(cast, person, {SEX: "female"}, by=cast.people()[name])
        address = reverse("pathways:characteristics", args=[person.pk])
        assert signed_in(cast.people()[name]).get(address).status_code == 404

    def test_a_worker_who_knows_them_through_a_case(self, cast: Cast) -> None:
        case = a_case(cast, by=cast.worker, team=cast.north, person="P-77")
        record(cast, case.person_supported, {SEX: "male"}, by=cast.colleague)

    def test_not_somebody_kept_from_the_only_incident(self, cast: Cast, incident: Incident) -> None:
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.RELATIVE)
        assert incident.person_supported is not None
        with pytest.raises(Refused):
            record(cast, incident.person_supported, {SEX: "female"})


class TestPage:
    def test_it_is_given_on_the_person_s_page(self, cast: Cast, person: PersonSupported) -> None:
        client = signed_in(cast.duty_manager)
        address = reverse("pathways:characteristics", args=[person.pk])
        assert f'href="{address}"' in words(client.get(reverse("pathways:person", args=[person.pk])))
        page = words(client.get(address))
        assert "Prefers not to say" in page
        assert "Nothing must be answered" in page
        sent = client.post(address, {"sex": "male", "age-band": "age-45-64"})
        assert sent.url == reverse("pathways:person", args=[person.pk])
        assert characteristics_of([person.pk])[person.pk] == {SEX: "male", AGE: "age-45-64"}
        assert 'value="male" selected' in words(client.get(address))

    def test_each_look_is_recorded_as_what_it_was(self, cast: Cast, person: PersonSupported) -> None:
        signed_in(cast.duty_manager).get(reverse("pathways:characteristics", args=[person.pk]))
        assert AccessEntry.objects.filter(page="characteristics of a person", story_id=person.pk).count() == 1

    def test_a_report_never_asks(self, cast: Cast) -> None:
        page = words(signed_in(cast.worker).get(reverse("incidents:report")))
        assert "Ethnic group" not in page
        assert "Prefers not to say" not in page


class TestWhatAProviderRecords:
    def test_all_five_as_shipped(self, cast: Cast) -> None:
        groups = groups_recorded(cast.provider.pk, NOW.date())
        assert list(groups) == list(Characteristic)
        assert groups[SEX] == {"female": "Female", "male": "Male", "sex-another": "Sex: another answer"}

    def test_one_whose_groups_were_taken_off_is_not_asked(self, cast: Cast, person: PersonSupported) -> None:
        for code in groups_recorded(cast.provider.pk, NOW.date())[SEX]:
            end_entry(
                by=cast.quality_lead, at=NOW, provider=cast.provider, list_code="characteristics", code=code,
                last_day=NOW.date(), reason="We do not record it",
            )  # fmt: skip
        tomorrow = NOW + timedelta(days=1)
        assert SEX not in groups_recorded(cast.provider.pk, tomorrow.date())
        with pytest.raises(Invalid):
            record(cast, person, {SEX: "female"}, at=tomorrow)


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ({}, set()),
        ({SEX: "female"}, set()),
        ({SEX: "not-known"}, set()),
        ({SEX: "age"}, {"sex"}),
        ({AGE: "not-known"}, {"age-band"}),
    ],
)
def test_answers_that_stand(answers: dict[Characteristic, str], problems: set[str]) -> None:
    assert set(problems_of_characteristics(answers, {SEX: {"female": "Female"}})) == problems
