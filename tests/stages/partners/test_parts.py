"""What a partner adds: records of the case in its own words, in answer to what it was shown, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.deadlines.models import Escalation
from saferpractice.jobs.sweeps import escalate_due
from saferpractice.partners import operations
from saferpractice.partners.models import Agency, Contact, PartnerPart
from saferpractice.partners.operations import Answer
from saferpractice.pathways import operations as pathways
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.queries import owed_rows
from saferpractice.pathways.rules.values import LONGEST
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.partners import (
    a_contact,
    a_decision,
    a_risk_review,
    a_summary,
    an_action,
    an_agency,
    an_exploitation,
    an_open_circle,
    let_in,
    shared,
)
from tests.factories.pathways import a_record, hours
from tests.factories.web import signed_in, words
from tests.personas import Cast, build_cast
from tests.stages.pathways.test_pages import at

pytestmark = pytest.mark.requirement("R27", "R28", "R29")


@dataclass
class Inside:
    """A contact who was let in to a case, and what the police is asked and shown there."""

    cast: Cast
    case: PathwayCase
    police: Agency
    contact: Contact
    browser: Client
    action: PathwayRecord
    review: PathwayRecord
    call: PathwayRecord

    def add(
        self, kind: str, about: PathwayRecord | str | None = None, *, hour: float = 6, key: str = "k", **values: Any
    ) -> PathwayRecord:
        """Write something as the contact."""
        named = {name.replace("_", "-"): value for name, value in values.items()}
        asked = str(about.pk) if isinstance(about, PathwayRecord) else about
        answer = Answer(kind, hours(hour), named, asked)
        return operations.add_part(by=self.contact, at=hours(hour), case=self.case, answer=answer, submission_key=key)

    def correct(
        self, record: PathwayRecord, *, hour: float = 7, reason: str = "A slip", key: str = "c", **values: Any
    ) -> PathwayRecord:
        """Put something right as the contact."""
        answer = Answer(record.kind, hours(hour), values)
        return operations.correct_part(
            by=self.contact, at=hours(hour), record=record, answer=answer, reason=reason, submission_key=key
        )

    def send(self, name: str, *args: object, hour: float = 8, **data: Any) -> HttpResponse:
        """Send a form of the partner's pages."""
        sent = {**at("happened_at", hours(hour)), "submission_key": uuid4().hex, **data}
        return self.browser.post(reverse(f"partner:{name}", args=[self.case.pk, *args]), sent)

    def page(self) -> str:
        """The words of the case's page."""
        return words(self.browser.get(reverse("partner:case", args=[self.case.pk])))


def go_in(cast: Cast) -> Inside:
    case, police, contact = an_open_circle(cast)
    by = cast.lead
    action = an_action(case, police, by=by, hour=3, due=30)
    review = a_risk_review(case, police, by=by, hour=3, dissent="yes")
    partners = [str(police.pk)]
    call = a_record(
        case, "review-call", 3, by=by, values={"held-at": hours(50), "how": "By telephone", "partners": partners}
    )
    shared(case, police, review, by=by, hour=3.5)
    return Inside(cast, case, police, contact, let_in(case, contact, by=by, hour=4), action, review, call)


@pytest.fixture
def inside(cast: Cast, the_clock: TestClock) -> Inside:
    the_clock.stand_at(hours(9))
    return go_in(cast)


def open_of(case: PathwayCase) -> set[str]:
    """What is still owed, by the codes of the obligations."""
    return {
        row.row.code for row in owed_rows(case) if row.obligation.met_at is None and not row.obligation.cancelled_at
    }


class TestAdding:
    def test_staff_see_it_at_once_with_who_said_it(self, inside: Inside, cast: Cast) -> None:
        record = inside.add("partner-part", knows="Known at three addresses.")
        assert record.decided_by is None
        assert (record.decided_by_name, record.decided_by_role) == ("Petra Quill", "Partner, Example Police")
        assert record.values == {"partner": str(inside.police.pk), "knows": "Known at three addresses."}
        shown = words(signed_in(cast.worker).get(reverse("pathways:case", args=[inside.case.pk])))
        assert "Known at three addresses." in shown
        assert "Petra Quill, Partner, Example Police" in shown

    def test_the_trail_tells_it_as_the_partner_s_deed(self, inside: Inside) -> None:
        inside.add("partner-part", knows="x")
        entry = TrailEntry.objects.get(operation="partners.add_part")
        assert (entry.by_name, entry.by_role, entry.by_id) == (
            "Petra Quill",
            "Partner, Example Police",
            inside.contact.pk,
        )
        assert entry.sentence == "wrote down “What a partner knows”"
        assert entry.story_id == inside.case.pk

    @pytest.mark.parametrize(
        ("kind", "about", "values", "meets"),
        [
            ("action-outcome", "action", {"outcome": "Two patrols, nobody there"}, "do-what-was-agreed"),
            ("partner-view", "review", {"agrees": "differs", "differently": "Too low"}, "write-down-dissent"),
        ],
    )
    def test_it_meets_what_the_definition_says_it_meets(
        self, inside: Inside, kind: str, about: str, values: dict[str, str], meets: str
    ) -> None:
        assert meets in open_of(inside.case)
        inside.add(kind, getattr(inside, about), **values)
        assert meets not in open_of(inside.case)

    @pytest.mark.parametrize(
        ("kind", "about", "values", "meets"),
        [
            ("action-outcome", "action", {"outcome": ""}, "do-what-was-agreed"),
            ("partner-view", "review", {"agrees": "agrees"}, "write-down-dissent"),
            ("partner-view", "review", {"agrees": "differs"}, "write-down-dissent"),
        ],
    )
    def test_half_of_it_meets_nothing(
        self, inside: Inside, kind: str, about: str, values: dict[str, str], meets: str
    ) -> None:
        inside.add(kind, getattr(inside, about), **values)
        assert meets in open_of(inside.case)

    def test_the_newest_answer_to_an_invitation_stands_beside_the_first(self, inside: Inside) -> None:
        inside.add("review-reply", inside.call, coming="will-attend", key="1")
        inside.add("review-reply", inside.call, coming="cannot", view="On nights", key="2", hour=7)
        page = inside.page()
        assert page.count("Answer to an invitation, Wednesday") >= 2
        assert "Answer to an invitation, once more" in page

    def test_an_action_left_undone_is_told_to_staff_by_its_chain(self, inside: Inside, cast: Cast) -> None:
        late = hours(31)
        escalate_due(late)
        told = Escalation.objects.filter(obligation__title__startswith="Do what was agreed", level=1).get()
        assert {person.name for person in told.told.all()} == {"Dale Marlow"}
        inside.add("action-outcome", inside.action, outcome="Done late", hour=32)
        assert (
            not escalate_due(hours(200)) or not Escalation.objects.filter(obligation=told.obligation, level=2).exists()
        )


class TestNotTheirs:
    """Neither whom it is from nor what it answers is the partner's to choose."""

    def test_whom_it_is_from_is_filled_in_over_whatever_was_sent(self, inside: Inside, cast: Cast) -> None:
        housing = an_agency(cast, "Example Housing", "housing")
        record = inside.add("partner-part", knows="x", partner=str(housing.pk))
        assert record.values["partner"] == str(inside.police.pk)

    def test_what_it_answers_is_what_the_address_named(self, inside: Inside) -> None:
        other = an_action(inside.case, inside.police, by=inside.cast.lead, hour=5)
        record = inside.add("action-outcome", inside.action, outcome="Done", action=str(other.pk))
        assert record.values["action"] == str(inside.action.pk)

    @pytest.mark.parametrize("about", ["of another agency", "of another case", "never was", "not shared", "", None])
    def test_an_answer_to_what_is_not_shared_is_refused(self, inside: Inside, cast: Cast, about: str | None) -> None:
        housing = an_agency(cast, "Example Housing", "housing")
        other, _, _ = an_open_other(cast, inside.police)
        ids = {
            "of another agency": str(an_action(inside.case, housing, by=cast.lead, hour=5).pk),
            "of another case": str(an_action(other, inside.police, by=cast.lead, hour=5).pk),
            "never was": str(uuid4()),
            "not shared": str(a_summary(inside.case, inside.police, by=cast.worker, hour=5).pk),
            "": "",
            None: None,
        }
        with pytest.raises(Refused, match="nothing like that"):
            inside.add("action-outcome", ids[about], outcome="Done")
        assert not PartnerPart.objects.exists()

    @pytest.mark.parametrize(
        "kind",
        [
            "shared-risk-summary",
            "sharing-decision",
            "risk-review",
            "agreed-action",
            "checklist",
            "review-call",
            "nothing",
            "",
        ],
    )
    def test_nor_may_a_partner_make_what_staff_make(self, inside: Inside, kind: str) -> None:
        for about in (None, inside.action):
            with pytest.raises(Refused, match="nothing like that"):
                inside.add(kind, about, decision="given")

    def test_a_partner_never_decides_what_is_shared_with_it(self, inside: Inside, cast: Cast) -> None:
        a_decision(
            inside.case, inside.police, by=cast.lead, hour=5, values={"decision": "refused", "told-person": "yes"}
        )
        with pytest.raises(Refused, match="no such case"):
            inside.add("sharing-decision", decision="given")
        with pytest.raises(Refused, match="no such case"):
            inside.add("partner-part", knows="x")
        with pytest.raises(Refused, match="no such case"):
            operations.look(by=inside.contact, at=hours(6), case=inside.case)

    def test_a_field_nobody_asks_is_refused(self, inside: Inside) -> None:
        with pytest.raises(Invalid, match="not asked here"):
            inside.add("partner-part", knows="x", surplus="y")

    def test_staff_are_no_partners(self, inside: Inside, cast: Cast) -> None:
        answer = Answer("partner-part", hours(6), {"knows": "x"})
        for by in (cast.lead, cast.worker):
            with pytest.raises(Refused, match="no such case"):
                operations.add_part(by=by, at=hours(6), case=inside.case, answer=answer, submission_key="k")
            with pytest.raises(Refused, match="no such case"):
                operations.look(by=by, at=hours(6), case=inside.case)

    def test_a_partner_is_no_staff(self, inside: Inside) -> None:
        """The deeds of staff, tried with a contact's hand."""
        record = inside.add("partner-part", knows="x")
        by, case = inside.contact, inside.case
        deeds: list[Callable[[], object]] = [
            lambda: pathways.write_record(
                by=by, at=hours(7), case=case, kind="checklist", happened_at=hours(7), values={}, submission_key="w"
            ),
            lambda: pathways.correct_record(
                by=by, at=hours(7), record=record, happened_at=hours(7), values={}, reason="r", submission_key="w"
            ),
            lambda: pathways.close_case(by=by, at=hours(7), case=case, reason="r"),
            lambda: operations.share(
                by=by, at=hours(7), case=case, agency=inside.police, record_ids=[record.pk]
            ),
            lambda: operations.invite(by=by, at=hours(7), case=case, contact=by),
            lambda: operations.add_agency(
                by=by, at=hours(7), provider=inside.cast.provider, name="N", kind="police"
            ),
        ]  # fmt: skip
        for deed in deeds:
            with pytest.raises(Refused):
                deed()


def an_open_other(cast: Cast, police: Agency) -> tuple[PathwayCase, Agency, None]:
    """Another case on which the same agency may see what is shared."""
    other = an_exploitation(cast, person="P-other")
    a_decision(other, police, by=cast.lead)
    return other, police, None


class TestPuttingRight:
    def test_it_stands_beside_the_first(self, inside: Inside) -> None:
        first = inside.add("partner-part", knows="Known at three addresses.")
        second = inside.correct(first, knows="Known at two addresses.")
        assert second.corrects == first
        assert second.values == {"partner": str(inside.police.pk), "knows": "Known at two addresses."}
        page = inside.page()
        assert "Known at three addresses." in page
        assert "Put right because: A slip" in page
        assert page.count("Put this right") == 1, "only what stands"

    def test_what_it_answers_stays(self, inside: Inside) -> None:
        first = inside.add("action-outcome", inside.action, outcome="Done")
        assert inside.correct(first, outcome="Half done").values["action"] == str(inside.action.pk)

    def test_a_colleague_of_the_same_agency_may(self, inside: Inside, cast: Cast) -> None:
        first = inside.add("partner-part", knows="x")
        colleague = a_contact(inside.police, "Odell Marsh")
        let_in(inside.case, colleague, by=cast.lead, hour=6)
        inside.contact = colleague
        assert inside.correct(first, knows="y").decided_by_name == "Odell Marsh"

    def test_another_agency_may_not(self, inside: Inside, cast: Cast) -> None:
        first = inside.add("partner-part", knows="x")
        housing = an_agency(cast, "Example Housing", "housing")
        a_decision(inside.case, housing, by=cast.lead, hour=5)
        other = a_contact(housing, "Hollis Grange")
        let_in(inside.case, other, by=cast.lead, hour=6)
        inside.contact = other
        with pytest.raises(Refused, match="no such record among your own"):
            inside.correct(first, knows="y")

    @pytest.mark.parametrize("which", ["action", "review", "call"])
    def test_nor_may_a_partner_put_staff_right(self, inside: Inside, which: str) -> None:
        with pytest.raises(Refused, match="no such record among your own"):
            inside.correct(getattr(inside, which), detail="y")

    def test_nor_staff_a_partner(self, inside: Inside, cast: Cast) -> None:
        record = inside.add("partner-part", knows="x")
        values = {"partner": str(inside.police.pk), "knows": "Something milder"}
        for withdrawn in (False, True):
            with pytest.raises(Refused, match="somebody else's words"):
                pathways.correct_record(
                    by=cast.lead, at=hours(7), record=record, happened_at=hours(6), values=values, reason="r",
                    submission_key="s", withdrawn=withdrawn,
                )  # fmt: skip
        address = reverse("pathways:correct", args=[inside.case.pk, record.pk])
        assert signed_in(cast.lead).get(address).status_code == 404
        assert address not in words(signed_in(cast.lead).get(reverse("pathways:case", args=[inside.case.pk])))

    def test_a_reason_is_needed(self, inside: Inside) -> None:
        first = inside.add("partner-part", knows="x")
        with pytest.raises(Invalid, match="Say why"):
            inside.correct(first, reason=" ", knows="y")

    def test_in_two_tabs_the_second_is_told(self, inside: Inside) -> None:
        first = inside.add("partner-part", knows="x")
        inside.correct(first, knows="y", key="1")
        with pytest.raises(Refused, match="no such record"):
            inside.correct(first, knows="z", key="2")
        assert inside.correct(first, knows="y", key="1").values["knows"] == "y", "the same form again is the same"


class TestTwice:
    def test_the_same_form_again_is_the_same_record(self, inside: Inside) -> None:
        one = inside.add("partner-part", knows="x", key="same")
        assert inside.add("partner-part", knows="x", key="same", hour=7) == one
        assert PartnerPart.objects.count() == 1
        with pytest.raises(Invalid, match="other answers"):
            inside.add("partner-part", knows="y", key="same", hour=7)

    def test_a_partner_s_key_never_meets_that_of_staff_or_of_another(self, inside: Inside, cast: Cast) -> None:
        """Keys come from browsers: a forged one must not reach somebody else's record."""
        staff = pathways.write_record(
            by=cast.worker, at=hours(5), case=inside.case, kind="checklist", happened_at=hours(5),
            values={"present": ["coercion"]}, submission_key="same",
        )  # fmt: skip
        assert inside.add("partner-part", knows="x", key="same") != staff


class TestPages:
    def test_a_part_from_the_form_to_the_page(self, inside: Inside) -> None:
        answer = inside.send("write", "partner-part", knows="Known at three addresses.", **{"can-do": "A patrol."})
        assert answer.headers["Location"] == reverse("partner:case", args=[inside.case.pk])
        page = inside.page()
        assert "Written down: What a partner knows." in page
        assert "Known at three addresses." in page.partition("Your own part")[2]

    def test_what_is_asked_stands_with_the_ways_to_answer(self, inside: Inside) -> None:
        asked, _, other = inside.page().partition("What you are asked")[2].partition("What was shared with you")
        assert "Patrol on Thursdays" in asked
        assert "What came of an agreed action" in asked
        assert "Answer to an invitation" in asked
        assert "A partner's view of a risk review" in other
        assert "Add: what a partner knows" in other

    @pytest.mark.parametrize(
        ("kind", "about", "sent", "said"),
        [
            ("partner-part", None, {}, "“What does it know?” is needed before this counts"),
            ("partner-part", None, {"knows": "x" * (LONGEST + 1)}, "20000 characters or fewer"),
            ("partner-part", None, {"knows": "x", "happened_at-year": "2099"}, "There is a problem"),
            ("partner-view", "review", {"agrees": "differs"}, "“What does it see differently?” is needed"),
            ("partner-view", "review", {"agrees": "perhaps"}, "Select"),
            ("review-reply", "call", {"view": "x"}, "“Will somebody take part?” is needed"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_half_written(
        self, inside: Inside, kind: str, about: str | None, sent: dict[str, str], said: str
    ) -> None:
        before = inside.case.records.count()
        args = [kind, getattr(inside, about).pk] if about else [kind]
        answer = inside.send("answer" if about else "write", *args, **sent)
        assert answer.status_code == 200
        assert said in words(answer)
        assert inside.case.records.count() == before

    @pytest.mark.parametrize("text", ["<script>alert(1)</script>", "𝒳 ö 日本 🏠", "a\x00b", "{{ 7*7 }}", "x" * LONGEST])
    def test_odd_and_long_words_are_kept_and_shown_as_they_are(self, inside: Inside, text: str) -> None:
        inside.send("write", "partner-part", knows=text)
        record = inside.case.records.get(kind="partner-part")
        assert record.values["knows"] == text.replace("\x00", "")
        raw = inside.browser.get(reverse("partner:case", args=[inside.case.pk])).content.decode()
        assert "<script>alert(1)" not in raw

    def test_no_form_offers_who_it_is_from_or_what_it_answers(self, inside: Inside, cast: Cast) -> None:
        an_agency(cast, "Example Housing", "housing")
        for name, args in (("write", ["partner-part"]), ("answer", ["action-outcome", inside.action.pk])):
            page = words(inside.browser.get(reverse(f"partner:{name}", args=[inside.case.pk, *args])))
            assert "Which partner?" not in page
            assert "Which action?" not in page
            assert "Example Housing" not in page

    def test_other_partners_are_not_named_to_it(self, inside: Inside, cast: Cast) -> None:
        housing = an_agency(cast, "Example Housing", "housing")
        record = a_summary(inside.case, inside.police, housing, by=cast.worker, hour=5)
        both = a_risk_review(inside.case, inside.police, housing, by=cast.lead, hour=5)
        shared(inside.case, inside.police, record, both, by=cast.lead, hour=6)
        page = inside.page()
        assert "Two men come on benefit days." in page
        assert "Example Housing" not in page

    def test_putting_right_from_the_form(self, inside: Inside) -> None:
        record = inside.add("partner-part", knows="Known at three addresses.")
        form = words(inside.browser.get(reverse("partner:correct", args=[inside.case.pk, record.pk])))
        assert "Known at three addresses." in form
        answer = inside.send("correct", record.pk, knows="Known at two.", reason="Miscounted")
        assert answer.status_code == 302
        assert "Put right because: Miscounted" in inside.page()
        assert inside.send("correct", record.pk, knows="Known at one.", reason="Again").status_code == 404

    def test_a_form_open_while_sharing_stops_is_not_taken(self, inside: Inside, cast: Cast) -> None:
        stopped = {"decision": "stopped", "told-person": "yes", "rationale": "She asked us to."}
        a_decision(inside.case, inside.police, by=cast.lead, hour=8, values=stopped)
        before = inside.case.records.count()
        assert inside.send("write", "partner-part", knows="x", hour=8.5).status_code == 404
        assert inside.case.records.count() == before

    def test_the_list_names_each_case_by_its_reference_only(self, inside: Inside, cast: Cast) -> None:
        other, _, _ = an_open_other(cast, inside.police)
        let_in(other, inside.contact, by=cast.lead, hour=5)
        page = words(inside.browser.get(reverse("partner:home")))
        assert page.index("P-OTHER") > 0
        assert page.index("P-1042") > 0
        assert "xploitation" not in page


def test_the_same_form_at_one_moment_makes_one_record(fresh_database: Database) -> None:
    inside = go_in(build_cast())

    def adds(_: int) -> bool:
        try:
            inside.add("partner-part", knows="x", key="same")
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(adds, range(8)))
    assert PartnerPart.objects.count() == 1
