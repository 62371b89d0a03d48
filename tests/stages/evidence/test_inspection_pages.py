"""The pages of an inspection, by whoever opens it and by the inspector (R34)."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.evidence.models import Inspection, InspectionDraw, InspectionEnd, InspectionPopulation
from saferpractice.evidence.operations import end_inspection, release_incident
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, withdraw_incident
from saferpractice.triage.rules.form import SafetyAction
from tests.factories.assurance import a_plan
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, an_action, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.inspections import ENDS_AT, IDENTITY, LOOKED_AT, SEED, a_list, an_inspection, drawn
from tests.factories.reviews import a_review, an_entry
from tests.factories.triage import a_triage, choose, refer, was_told
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R34")


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(LOOKED_AT)


@pytest.fixture
def inspector(cast: Cast) -> Client:
    return signed_in(cast.inspector)


def page_of(inspection: Inspection, name: str = "inspection", *more: Any) -> str:
    return reverse(f"evidence:{name}", args=[inspection.pk, *more])


def restricted(cast: Cast, incident: Incident) -> Incident:
    decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
    return incident


def opened(**changes: Any) -> dict[str, Any]:
    """What the form of a new inspection sends."""
    return {
        "submission_key": "key", "reference": "INS-9", "authority": "hsca-2008-64", "period_from": "2025-03-07",
        "period_to": "2026-03-07", "ends_at-day": "20", "ends_at-month": "3", "ends_at-year": "2026",
        "ends_at-time": "17:00", "identity": "no",
    } | changes  # fmt: skip


class TestOpening:
    def test_from_the_list_to_an_open_inspection(self, cast: Cast) -> None:
        client = signed_in(cast.director)
        assert "No inspection yet" in words(client.get(reverse("evidence:inspections")))
        sent = opened(inspector=str(cast.inspector.pk), services=[str(cast.riverside.pk)])
        answer = client.post(reverse("evidence:open_inspection"), sent)
        made = Inspection.objects.get()
        assert answer.url == page_of(made, "inspection_overview")
        shown = words(client.get(answer.url))
        assert "Not shown" in shown
        assert "Nothing was looked at yet" in shown
        assert "INS-9" in words(client.get(reverse("evidence:inspections")))

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"services": []}, "Choose the services that are inspected"),
            ({"authority": ""}, "Choose the power"),
            ({"identity": "yes"}, "Choose the power that allows it"),
            ({"identity": "yes", "identity_power": "hsca-2008-64"}, "Say why the inspector needs to know"),
            ({"identity": "yes", "identity_power": "by-agreement", "identity_because": "x"}, "identity_power"),
            ({"ends_at-year": "2027"}, "Choose 92 days or less"),
        ],
    )
    def test_what_cannot_be_right_is_said_beside_it(self, cast: Cast, changes: dict[str, Any], sentence: str) -> None:
        sent = opened(inspector=str(cast.inspector.pk), services=[str(cast.riverside.pk)]) | changes
        answer = signed_in(cast.director).post(reverse("evidence:open_inspection"), sent)
        assert answer.status_code == 200
        assert sentence in words(answer)
        assert not Inspection.objects.exists()

    def test_an_administrator_is_not_asked_whether_identity_is_shown(self, cast: Cast) -> None:
        client = signed_in(cast.administrator)
        assert "Do they see who" not in words(client.get(reverse("evidence:open_inspection")))
        sent = opened(
            inspector=str(cast.inspector.pk), services=[str(cast.riverside.pk)], identity="yes",
            identity_power="hsca-2008-64", identity_because="Slipped in",
        )  # fmt: skip
        client.post(reverse("evidence:open_inspection"), sent)
        assert Inspection.objects.get().identity_because == ""

    def test_ended_with_a_reason(self, cast: Cast, inspector: Client) -> None:
        made = an_inspection(cast)
        assert inspector.get(page_of(made)).status_code == 200
        client = signed_in(cast.quality_lead)
        assert "Say why it ends now" in words(client.post(page_of(made, "end_inspection"), {"reason": ""}))
        client.post(page_of(made, "end_inspection"), {"reason": "The visit is over."})
        assert InspectionEnd.objects.get().reason == "The visit is over."
        assert "The visit is over." in words(client.get(page_of(made, "inspection_overview")))
        assert inspector.get(page_of(made)).status_code == 404


class TestGettingIn:
    def test_from_the_first_page(self, cast: Cast, inspector: Client) -> None:
        assert "Nothing has been shared with you yet" in words(inspector.get(reverse("home:my_work")))
        assert "No inspection is open to you" in words(inspector.get(reverse("evidence:inspections")))
        made = an_inspection(cast)
        assert page_of(made) in inspector.get(reverse("home:my_work")).content.decode()
        assert page_of(made) in inspector.get(reverse("evidence:inspections")).content.decode()

    def test_every_page_is_gone_the_moment_it_is_over(self, cast: Cast, inspector: Client, the_clock: Any) -> None:
        one = an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        frozen = drawn(made).population
        pages = every_page(made, frozen, one)
        assert {page: inspector.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
        the_clock.stand_at(ENDS_AT)
        assert {page: inspector.get(page).status_code for page in pages} == dict.fromkeys(pages, 404)

    def test_every_look_is_on_record_and_read_by_whoever_opened_it(self, cast: Cast, inspector: Client) -> None:
        one = an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        pages = every_page(made, drawn(made).population, one)
        for page in pages:
            inspector.get(page)
        looks = AccessEntry.objects.filter(by_id=cast.inspector.pk)
        assert looks.count() == len(pages)
        assert list(looks.exclude(story_id=None).values_list("story_id", "page")) == [(one.pk, "inspection: incident")]
        log = words(signed_in(cast.director).get(page_of(made, "inspection_overview")))
        assert one.reference in log
        assert "Quality statement governance" in log

    def test_the_log_names_no_incident_that_its_reader_may_not_open(self, cast: Cast, inspector: Client) -> None:
        one = restricted(cast, an_incident(by=cast.worker, team=cast.north))
        made = an_inspection(cast)
        release_incident(by=cast.lead, at=LOOKED_AT, inspection=made, incident=one, reason="They asked for it.")
        assert inspector.get(page_of(made, "inspected", one.pk)).status_code == 200
        log = words(signed_in(cast.director).get(page_of(made, "inspection_overview")))
        assert one.reference not in log
        assert "An incident that you may not open" in log


def every_page(made: Inspection, frozen: InspectionPopulation, incident: Incident) -> list[str]:
    """Every page of an inspector."""
    return [
        page_of(made),
        *(page_of(made, "quality_statement", code) for code in STATEMENTS),
        page_of(made, "inspected_incidents"),
        page_of(made, "inspected", incident.pk),
        page_of(made, "new_sample"),
        page_of(made, "sample", frozen.pk),
        page_of(made, "sample_ids", frozen.pk),
    ]


STATEMENTS = ("learning-culture", "safeguarding", "governance", "improvement")


class TestSampling:
    def test_choose_freeze_seed_and_read(self, cast: Cast, inspector: Client) -> None:
        for _ in range(7):
            an_incident(by=cast.worker, team=cast.north, physical_harm="moderate")
        an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        answer = inspector.post(page_of(made, "new_sample"), {"submission_key": "k", "harm": "2", "size": "5"})
        frozen = InspectionPopulation.objects.get()
        assert answer.url == page_of(made, "sample", frozen.pk)
        before = words(inspector.get(answer.url))
        assert "7 incidents are on the list, and 5 will be drawn" in before
        assert frozen.list_hash in before
        assert "at least 6" in words(inspector.post(answer.url, {"seed": "12345"})).lower()
        inspector.post(answer.url, {"seed": SEED})
        draw = InspectionDraw.objects.get()
        after = words(inspector.get(answer.url))
        references = Incident.objects.filter(pk__in=draw.drawn).values_list("reference", flat=True)
        assert all(reference in after for reference in references)
        assert len(draw.drawn) == 5
        assert SEED in after
        listed = inspector.get(page_of(made, "sample_ids", frozen.pk))
        assert listed.content.decode().split("\n") == frozen.ids

    @pytest.mark.parametrize("seed", [SEED, 'it\'s "six" \\n dice', "\\x41{{7*7}}</code>", "six\u200bdice 🎲"])
    def test_the_program_shown_draws_the_same_again(
        self, cast: Cast, inspector: Client, seed: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Copied from the page and run beside the file, as anybody would."""
        for _ in range(4):
            an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        draw = drawn(made, seed=seed, size=2)
        page = inspector.get(page_of(made, "sample", draw.population_id)).content.decode()
        program = html.unescape(page.split('<pre class="sp-code" tabindex="0"><code>')[1].split("</code>")[0])
        listed = inspector.get(page_of(made, "sample_ids", draw.population_id))
        name = listed["Content-Disposition"].split('"')[1]
        exec(program, {"open": lambda path, _mode: io.BytesIO({name: listed.content}[path])})
        first, *ranked = capsys.readouterr().out.splitlines()
        assert first == draw.population.list_hash
        assert [line.split()[1] for line in ranked][:2] == draw.drawn

    def test_the_form_sent_again_with_other_choices_is_told_apart(self, cast: Cast, inspector: Client) -> None:
        for _ in range(3):
            an_incident(by=cast.worker, team=cast.north, physical_harm="moderate")
        made = an_inspection(cast)
        sent = {"submission_key": "k", "harm": "2", "size": "2"}
        first = inspector.post(page_of(made, "new_sample"), sent)
        assert inspector.post(page_of(made, "new_sample"), sent).url == first.url
        for other, question in [({"harm": ""}, "Which incidents"), ({"size": "1"}, "How many to draw")]:
            again = inspector.post(page_of(made, "new_sample"), sent | other)
            assert again.status_code == 409
            assert "This list was frozen before" in words(again)
            assert question in words(again)
        assert InspectionPopulation.objects.count() == 1

    def test_a_restricted_one_keeps_its_place_and_says_nothing_of_itself(self, cast: Cast, inspector: Client) -> None:
        one = restricted(cast, an_incident(by=cast.worker, team=cast.north, physical_harm="severe"))
        made = an_inspection(cast)
        frozen = drawn(made).population
        shown = words(inspector.get(page_of(made, "sample", frozen.pk)))
        assert "Restricted to named people, not released to you" in shown
        assert "1, 1 of them restricted to named people" in shown
        assert one.reference not in shown
        assert "Severe harm" not in shown
        assert inspector.get(page_of(made, "inspected", one.pk)).status_code == 404

    def test_released_it_is_read(self, cast: Cast, inspector: Client) -> None:
        one = restricted(cast, an_incident(by=cast.worker, team=cast.north))
        made = an_inspection(cast)
        frozen = drawn(made).population
        lead = signed_in(cast.lead)
        assert one.reference in words(lead.get(reverse("evidence:inspections")))
        address = page_of(made, "release", one.pk)
        assert signed_in(cast.director).get(address).status_code == 404
        assert "Say why the inspector should see it" in words(lead.post(address, {"reason": " "}))
        assert lead.post(address, {"reason": "Drawn by chance."}).url == reverse("home:incident", args=[one.pk])
        assert one.reference in words(inspector.get(page_of(made, "sample", frozen.pk)))
        assert "Nobody answered the door" in words(inspector.get(page_of(made, "inspected", one.pk)))
        assert lead.get(address).status_code == 404, "it is released already"

    def test_withdrawn_since_it_says_so(self, cast: Cast, inspector: Client) -> None:
        one = an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        frozen = drawn(made).population
        withdraw_incident(by=cast.lead, at=LOOKED_AT, incident=one, reason="Made twice.")
        shown = words(inspector.get(page_of(made, "sample", frozen.pk)))
        assert "Withdrawn since it was drawn" in shown
        assert one.reference not in shown

    def test_the_list_of_incidents_tells_how_many_it_leaves_out(self, cast: Cast, inspector: Client) -> None:
        restricted(cast, an_incident(by=cast.worker, team=cast.north))
        one = an_incident(by=cast.worker, team=cast.north)
        made = an_inspection(cast)
        shown = words(inspector.get(page_of(made, "inspected_incidents")))
        assert "1 more incident is restricted to named people" in shown
        assert one.reference in shown
        assert "No incident fits" in words(inspector.get(page_of(made, "inspected_incidents") + "?harm=4"))
        odd = "?harm=nonsense&tier=Z&service=1&after=2"
        assert one.reference in words(inspector.get(page_of(made, "inspected_incidents") + odd))

    def test_of_another_service_there_is_nothing(self, cast: Cast, inspector: Client) -> None:
        other = an_incident(by=cast.worker, team=cast.east)
        made = an_inspection(cast)
        assert inspector.get(page_of(made, "inspected", other.pk)).status_code == 404
        assert other.reference not in words(inspector.get(page_of(made, "inspected_incidents")))


NAMED = "Maud Ashgrove"


@pytest.fixture
def whole(cast: Cast) -> Incident:
    """An incident carried to its impact plan, in which staff named people everywhere they could."""
    incident = an_incident(
        by=cast.worker, team=cast.north, person_reference="P-K731", person_name=NAMED, name_withheld=True,
        what_happened=f"{NAMED} did not open. Corin Vale rang twice. NHS 943 476 5919.",
        done_at_once="Told Marlow. Maud’s sister (07700 900123) came.",
    )  # fmt: skip
    a_triage(
        by=cast.lead, incident=incident, threshold=refer(f"{NAMED} is afraid of Mr Thorne."), tellings=[was_told()],
        tier=choose("C", "Dale Marlow asked for it."), wishes_words="Maud wants the lock changed.",
        safety_actions=(SafetyAction(what="Maud’s lock changed", who="Jem Unknown"),),
    )  # fmt: skip
    review = a_review(cast, "C", incident=incident)
    an_entry(review, by=cast.reviewer, what="Corin rang P-K731 at 9.", source="Notes of Corin Vale")
    finding = a_finding(cast, review=review, statement="Nobody but Dale held the phone, so Maud rang in vain.")
    change = a_live_change(cast, findings=[finding], title="Two people hold the phone that Maud rings")
    a_briefing_held(cast, change, cast.north)
    some_evidence(an_action(cast, change=change, what="Dale to print the rota"), words="Printed by Dale Marlow")
    a_plan(by=cast.duty_manager, change=change, measure="Calls of Maud answered")
    return incident


class TestStory:
    def test_every_stage_is_there_with_its_reference_and_nobody_is_named(
        self, cast: Cast, whole: Incident, inspector: Client
    ) -> None:
        made = an_inspection(cast)
        shown = words(inspector.get(page_of(made, "inspected", whole.pk)))
        for stage in (
            "did not open", "Refer to the local authority", "Tier decision", "rule", "Review ", "Timeline entry",
            "Finding ", "hold the phone that", "Rollout proof", "Tracked action", "Completion evidence", "Impact plan",
            "Not defensible yet", "wants the lock changed",
        ):  # fmt: skip
            assert stage in shown, stage
        for name in (NAMED, "Maud", "Ashgrove", "P-K731", "K731", "943 476", "07700", "Corin", "Marlow", "Thorne",
                     "Jem", "Wren", "Ashdown", "Penrose", "Thwaite"):  # fmt: skip
            assert not re.search(rf"\b{name}\b", shown), name
        assert "Dale" not in shown
        assert shown.count("removed]") > 10
        assert "Safeguarding lead, " in shown, "who decided, by role"

    def test_every_statement_has_a_reference(self, cast: Cast, whole: Incident, inspector: Client) -> None:
        body = inspector.get(page_of(an_inspection(cast), "inspected", whole.pk)).content.decode()
        said = re.findall(r'<p class="sp-story__when">([^<]*)', body)
        assert len(said) > 15
        assert [
            one for one in said if not re.fullmatch(r"Incident \d{4}-\d+|[A-Z][\w ]+ [0-9a-f]{8}", one.strip())
        ] == []

    def test_who_reported_it_is_not_to_be_known_by_role_either(
        self, cast: Cast, whole: Incident, inspector: Client
    ) -> None:
        body = inspector.get(page_of(an_inspection(cast), "inspected", whole.pk)).content.decode()
        report = body.split('id="report"')[1].split('id="triage"')[0]
        assert "Support worker" not in report
        assert "Reported; known since" in report

    @pytest.mark.parametrize(("identity", "shown"), [(None, False), (IDENTITY, True)])
    def test_identity_is_shown_only_by_power_and_reason(
        self, cast: Cast, whole: Incident, inspector: Client, identity: Any, *, shown: bool
    ) -> None:
        made = an_inspection(cast, identity=identity)
        page = words(inspector.get(page_of(made, "inspected", whole.pk)))
        assert ("Who it concerns" in page) is shown
        assert page.count(NAMED) == page.count("P-K731") == (1 if shown else 0)
        assert (IDENTITY.because in page) is shown
        assert "Corin Vale" not in page, "staff are named by role whatever is shown of the person"
        start = words(inspector.get(page_of(made)))
        assert ("Nobody. A person supported is" in start) is not shown


class TestStatements:
    def test_they_begin_with_counts_and_lead_to_stories(self, cast: Cast, whole: Incident, inspector: Client) -> None:
        made = an_inspection(cast)
        start = words(inspector.get(page_of(made)))
        for label in ("Safe: learning culture", "Safe: safeguarding", "Well-led: governance", "Well-led: learning"):
            assert label in start
        for code in STATEMENTS:
            body = inspector.get(page_of(made, "quality_statement", code)).content.decode()
            assert page_of(made, "inspected", whole.pk) in body, code
            for name in ("Maud", "Marlow", "Corin", "K731"):
                assert name not in body, (code, name)

    def test_one_that_is_not_there(self, cast: Cast, inspector: Client) -> None:
        made = an_inspection(cast)
        for code in ("kindness", "SAFEGUARDING", "\x00", "safeguarding\x00", "\u202egninrael", "x" * 5000):
            assert inspector.get(page_of(made, "quality_statement", code)).status_code == 404
        assert not AccessEntry.objects.exists()

    def test_restricted_incidents_count_and_are_not_listed(
        self, cast: Cast, whole: Incident, inspector: Client
    ) -> None:
        hidden = restricted(cast, whole)
        made = an_inspection(cast)
        page = words(inspector.get(page_of(made, "quality_statement", "learning-culture")))
        assert "1 incident reported" in page
        assert "Restricted to named people: 1" in page
        for code in STATEMENTS:
            body = inspector.get(page_of(made, "quality_statement", code)).content.decode()
            assert hidden.reference not in body
            assert "hold the phone" not in body

    @pytest.mark.parametrize(
        ("later", "expected"),
        [(timedelta(hours=2), "0 in time, 0 done late, 1 under way, 0 overdue"),
         (timedelta(days=400), "0 in time, 0 done late, 0 under way, 1 overdue")],
    )  # fmt: skip
    def test_reviews_are_held_against_their_time(
        self, cast: Cast, inspector: Client, the_clock: Any, later: timedelta, expected: str
    ) -> None:
        a_review(cast, "A", at=NOW + timedelta(days=2, hours=23))
        the_clock.stand_at(NOW + timedelta(days=3) + later)
        made = an_inspection(cast, at=NOW + timedelta(days=3) + later - timedelta(minutes=5))
        assert f"Reviews: {expected}" in words(inspector.get(page_of(made, "quality_statement", "learning-culture")))


def test_a_draw_begun_cannot_be_finished_once_it_is_ended(cast: Cast, inspector: Client) -> None:
    an_incident(by=cast.worker, team=cast.north)
    made = an_inspection(cast)
    frozen = a_list(made)
    end_inspection(by=cast.director, at=LOOKED_AT, inspection=made, reason="Over.")
    assert inspector.post(page_of(made, "sample", frozen.pk), {"seed": SEED}).status_code == 404
    assert not InspectionDraw.objects.exists()
