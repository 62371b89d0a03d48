"""The pages of a thematic review, by whoever reads or writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.changes.models import TrackedAction
from saferpractice.evidence.models import (
    CommentaryDraft,
    MeetingDecision,
    QualityMeeting,
    ThematicCommentary,
    ThematicDraft,
    ThematicReview,
)
from saferpractice.evidence.operations import keep_commentary
from tests.factories.incidents import an_incident
from tests.factories.thematic import (
    DRAWN_AT,
    IN_QUARTER,
    MET_AT,
    a_draft,
    a_meeting,
    a_meeting_decision,
    commented,
    ready,
    signed,
    something_to_do,
)
from tests.factories.web import signed_in, words
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R36")


def page_of(review: ThematicReview, name: str = "thematic", *more: Any) -> str:
    return reverse(f"evidence:{name}", args=[review.pk, *more])


def sha_in(page: str) -> str:
    """The hash that the page of the signature sends back."""
    return page.split('name="sha256" value="')[1][:64]


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(MET_AT)


@pytest.fixture
def incidents(cast: Cast) -> list[Any]:
    return [
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER + timedelta(days=n), person_reference=f"P-{n}")
        for n in range(3)
    ]


class TestDrawing:
    def test_a_finished_quarter_is_drawn_from_the_list(self, cast: Cast, incidents: list[Any]) -> None:
        client = signed_in(cast.quality_lead)
        listed = words(client.get(reverse("evidence:thematic_reviews")))
        assert "Quarter 3 of 2025/26, October to December 2025" in listed
        assert "Not begun" in listed
        sent = client.post(reverse("evidence:draw"), {"quarter": "2025-3", "supported": "50"})
        review = ThematicReview.objects.get()
        assert sent.url == page_of(review)
        shown = words(client.get(sent.url))
        assert "3 incidents" in shown
        assert "That is about 6 for each 100 people supported." in shown
        assert "To be signed by 30 January 2026" in shown

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"quarter": ""}, "Choose the quarter"),
            ({"quarter": "2025-4"}, "Select a valid choice"),
            ({"quarter": "2025-3", "supported": "0"}, "1 or more"),
        ],
    )
    def test_what_cannot_be_drawn_is_said_beside_its_field(
        self, cast: Cast, incidents: list[Any], typed: dict[str, str], sentence: str
    ) -> None:
        shown = words(signed_in(cast.quality_lead).post(reverse("evidence:draw"), typed))
        assert "There is a problem" in shown
        assert sentence in shown or sentence.lower() in shown.lower()
        assert not ThematicDraft.objects.exists()

    def test_drawing_again_begins_with_what_was_entered(self, cast: Cast, incidents: list[Any]) -> None:
        a_draft(cast, supported=70)
        shown = words(signed_in(cast.quality_lead).get(reverse("evidence:draw") + "?quarter=2025-3"))
        assert 'value="70"' in shown
        assert 'value="2025-3" selected' in shown


class TestReading:
    def test_incidents_are_links_for_those_who_may_open_them(self, cast: Cast, incidents: list[Any]) -> None:
        hidden = an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER, restricted=True, restricted_reason="About a colleague"
        )
        review = a_draft(cast).review
        of_director = words(signed_in(cast.director).get(page_of(review)))
        assert "4 incidents" in of_director
        assert incidents[0].reference in of_director
        assert hidden.reference not in of_director
        assert str(hidden.pk) not in of_director
        assert hidden.reference in words(signed_in(cast.lead).get(page_of(review))), "the lead is named on it"

    def test_each_chart_has_its_table(self, cast: Cast, incidents: list[Any]) -> None:
        page = signed_in(cast.director).get(page_of(a_draft(cast).review)).content.decode()
        for part in page.split('<section class="sp-panel"')[1:]:
            assert "<svg" not in part or "<table" in part

    def test_looking_leaves_a_trace(self, cast: Cast) -> None:
        review = a_draft(cast).review
        signed_in(cast.director).get(page_of(review))
        trace = AccessEntry.objects.get(page="thematic review", by_id=cast.director.pk)
        assert trace.detail == "thematic review of Q3 2025/26"

    def test_a_worker_reads_it_once_it_is_signed(self, cast: Cast, incidents: list[Any]) -> None:
        review = ready(cast)
        client = signed_in(cast.worker)
        assert client.get(page_of(review)).status_code == 404
        assert "No thematic review is signed yet" in words(client.get(reverse("evidence:thematic_reviews")))

    def test_a_worker_reads_guarded_numbers_and_no_record(self, cast: Cast, incidents: list[Any]) -> None:
        review = signed(cast)
        shown = words(signed_in(cast.worker).get(page_of(review)))
        assert "fewer than 5" in shown
        assert "3 incidents" not in shown
        assert "North team" not in shown
        assert not [one for one in incidents if one.reference in shown]
        assert "On overall." in shown
        assert "Night cover is looked at again" in shown

    def test_the_file_holds_what_the_reader_may_read(self, cast: Cast, incidents: list[Any]) -> None:
        review = signed(cast)
        whole = b"".join(signed_in(cast.director).get(page_of(review, "thematic_file"))).decode()
        assert (
            '"Lost contact or late crisis escalation, by team","Riverside community service, North team","3"' in whole
        )
        guarded = b"".join(signed_in(cast.worker).get(page_of(review, "thematic_file"))).decode()
        assert "North team" not in guarded
        assert '"All incidents","","All incidents","fewer than 5"' in guarded

    def test_a_signed_review_shows_its_numbers_and_says_what_changed_since(
        self, cast: Cast, incidents: list[Any]
    ) -> None:
        review = signed(cast)
        an_incident(by=cast.worker, team=cast.north, at=MET_AT, occurred_at=IN_QUARTER)
        of_director = words(signed_in(cast.director).get(page_of(review)))
        assert "3 incidents" in of_director
        assert "All incidents: 3 when it was signed, 4 now." in of_director
        of_worker = words(signed_in(cast.worker).get(page_of(review)))
        assert "Some records of the quarter have changed since" in of_worker
        assert "when it was signed" not in of_worker


class TestCommenting:
    def send(self, cast: Cast, review: ThematicReview, text: str, based_on: str = "0", who: Any = None) -> Any:
        return signed_in(who or cast.quality_lead).post(
            page_of(review, "comment", "overall"), {"on-overall-words": text, "on-overall-submission_key": based_on}
        )

    def test_a_commentary_stands_beside_its_section(self, cast: Cast) -> None:
        review = a_draft(cast).review
        sent = self.send(cast, review, "More is reported since the spring.")
        assert sent.url == page_of(review) + "#overall"
        assert "More is reported since the spring." in words(signed_in(cast.director).get(page_of(review)))

    def test_two_at_once_lose_nothing(self, cast: Cast) -> None:
        review = a_draft(cast).review
        self.send(cast, review, "What the first one wrote.")
        second = self.send(cast, review, "What the second one wrote.")
        assert second.status_code == 409
        shown = words(second)
        assert "Somebody else commented on this meanwhile" in shown
        assert "What the first one wrote." in shown
        assert "What the second one wrote.</textarea>" in shown
        assert 'id="id_on-overall-submission_key" value="1"' in shown
        assert ThematicCommentary.objects.count() == 1
        self.send(cast, review, "What the second one wrote.", based_on="1")
        assert [one.words for one in ThematicCommentary.objects.order_by("number")] == [
            "What the first one wrote.",
            "What the second one wrote.",
        ]

    def test_an_incident_s_number_is_refused_and_what_was_typed_stays(self, cast: Cast) -> None:
        review = a_draft(cast).review
        sent = self.send(cast, review, "See 2025-00001 again.")
        assert "Take out 2025-00001" in words(sent)
        assert "See 2025-00001 again.</textarea>" in words(sent)
        assert not ThematicCommentary.objects.exists()

    def test_it_is_kept_while_typed_for_whoever_types_it(self, cast: Cast) -> None:
        review = a_draft(cast).review
        client = signed_in(cast.quality_lead)
        saved = client.post(
            page_of(review, "comment_draft", "overall"),
            {"on-overall-words": "Half a thou", "on-overall-submission_key": "0"},
        )
        assert saved.json() == {"saved_at": "3pm"}
        assert "Half a thou" not in CommentaryDraft.objects.get().words_encrypted
        assert "Half a thou</textarea>" in words(client.get(page_of(review)))
        assert "Half a thou" not in words(signed_in(cast.director).get(page_of(review)))
        self.send(cast, review, "Half a thought, now whole.")
        assert not CommentaryDraft.objects.exists()

    def test_one_too_long_to_keep_says_so(self, cast: Cast) -> None:
        review = a_draft(cast).review
        sent = signed_in(cast.quality_lead).post(
            page_of(review, "comment_draft", "overall"), {"on-overall-words": "x" * 60_001}
        )
        assert sent.status_code == 413
        assert not CommentaryDraft.objects.exists()

    def test_there_is_no_such_section(self, cast: Cast) -> None:
        review = a_draft(cast).review
        assert signed_in(cast.quality_lead).post(page_of(review, "comment", "theme:weather")).status_code == 404


class TestMeeting:
    def sent(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        given = {
            "submission_key": "meeting-1",
            "held_on": "2026-01-19",
            "chaired_by": str(cast.director.pk),
            "present": [str(cast.director.pk), str(cast.quality_lead.pk)],
            "apologies": [str(cast.lead.pk)],
            "others": "Ash Fielding, expert by experience",
        }
        return given | changes

    def test_a_meeting_is_written_down_by_ticking(self, cast: Cast) -> None:
        review = a_draft(cast).review
        client = signed_in(cast.quality_lead)
        client.post(page_of(review, "meeting"), self.sent(cast))
        client.post(page_of(review, "meeting"), self.sent(cast))
        meeting = QualityMeeting.objects.get()
        assert [(one.name, one.present) for one in meeting.attendance.all()] == [
            ("Ash Fielding", True),
            ("Drew Castell", True),
            ("Quill Harker", True),
            ("Lark Penrose", False),
        ]
        shown = words(client.get(page_of(review)))
        assert "Held on 19 January 2026, chaired by Drew Castell" in shown
        assert "expert by experience" in shown

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"held_on": "2026-01-21"}, "today or in the past"),
            ({"held_on": "2026-01-11"}, "drawn after that day"),
            ({"present": []}, "Tick whoever was there"),
            ({"chaired_by": ""}, "Choose who chaired it"),
            ({"others": "Ash Fielding"}, "Write a name and what they are on each line"),
        ],
    )
    def test_what_cannot_be_right_keeps_what_was_typed(
        self, cast: Cast, changes: dict[str, Any], sentence: str
    ) -> None:
        review = a_draft(cast).review
        shown = words(signed_in(cast.quality_lead).post(page_of(review, "meeting"), self.sent(cast, **changes)))
        assert sentence in shown
        assert "Ash Fielding" in shown
        assert not QualityMeeting.objects.exists()

    def test_it_is_put_right_beside_the_first(self, cast: Cast) -> None:
        review = a_draft(cast).review
        first = a_meeting(cast, review)
        a_meeting_decision(cast, first)
        client = signed_in(cast.quality_lead)
        address = f"{page_of(review, 'meeting')}?instead={first.pk}"
        assert "Ash Fielding, Expert by experience" in words(client.get(address))
        client.post(address, self.sent(cast, others=""))
        shown = words(client.get(page_of(review)))
        assert "Ash Fielding" not in shown
        assert "Night cover is looked at again" in shown, "what was decided still counts"
        assert QualityMeeting.objects.count() == 2

    def test_a_decision_becomes_an_action_in_somebody_s_work(self, cast: Cast) -> None:
        review = a_draft(cast).review
        a_meeting(cast, review)
        client = signed_in(cast.quality_lead)
        sent = {
            "submission_key": "decision-1",
            "words": "Night cover is counted.",
            "follows": "yes",
            "what": "Count the nights without cover.",
            "owner": str(cast.duty_manager.pk),
            "due_on": "2026-02-20",
        }
        client.post(page_of(review, "decision"), sent)
        client.post(page_of(review, "decision"), sent)
        action = TrackedAction.objects.get()
        assert (action.owner, action.incident) == (cast.duty_manager, None)
        owner = signed_in(cast.duty_manager)
        assert "Count the nights without cover." in words(owner.get(reverse("home:my_work")))
        assert "Action of a quality meeting" in words(owner.get(reverse("changes:action", args=[action.pk])))
        assert "Dale Marlow, by 20 February 2026" in words(client.get(page_of(review)))

    def test_a_further_action_follows_from_a_decision(self, cast: Cast) -> None:
        review = a_draft(cast).review
        decision = a_meeting_decision(cast, a_meeting(cast, review), to_do=something_to_do(cast.duty_manager))
        signed_in(cast.director).post(
            page_of(review, "give_out", decision.pk),
            {"what": "Ask the night staff.", "owner": str(cast.lead.pk), "due_on": "2026-02-20"},
        )
        assert {one.what for one in TrackedAction.objects.of_decisions([decision.pk])} == {
            "Count the nights without cover.",
            "Ask the night staff.",
        }

    @pytest.mark.parametrize("missing", ["what", "owner", "due_on"])
    def test_an_action_that_lacks_something_writes_nothing(self, cast: Cast, missing: str) -> None:
        review = a_draft(cast).review
        a_meeting(cast, review)
        sent = {
            "words": "Count.",
            "follows": "yes",
            "what": "Count.",
            "owner": str(cast.lead.pk),
            "due_on": "2026-02-20",
        }
        answer = signed_in(cast.quality_lead).post(page_of(review, "decision"), sent | {missing: ""})
        assert "There is a problem" in words(answer)
        assert not MeetingDecision.objects.exists()
        assert not TrackedAction.objects.exists()


class TestSigning:
    def test_the_chair_reads_and_signs(self, cast: Cast) -> None:
        review = ready(cast)
        client = signed_in(cast.director)
        page = client.get(page_of(review, "sign"))
        assert "This is everything that your signature covers" in words(page)
        sha = sha_in(words(page))
        client.post(page_of(review, "sign"), {"read": "on", "sha256": sha})
        shown = words(client.get(page_of(review)))
        assert (
            "Signed by Drew Castell (Director), Tuesday 20 January 2026" in shown or "Signed by Drew Castell" in shown
        )
        assert sha in shown

    def test_one_who_did_not_tick_signs_nothing(self, cast: Cast) -> None:
        review = ready(cast)
        answer = signed_in(cast.director).post(page_of(review, "sign"), {"sha256": "x"})
        assert "Tick that you have read it" in words(answer)
        assert not ThematicReview.objects.filter(signature__isnull=False).exists()

    def test_what_was_added_meanwhile_must_be_read_first(self, cast: Cast) -> None:
        review = ready(cast)
        client = signed_in(cast.director)
        sha = sha_in(words(client.get(page_of(review, "sign"))))
        keep_commentary(
            by=cast.quality_lead, at=MET_AT, review=review, section="risks", words="One more thing.", based_on=0
        )
        again = words(client.post(page_of(review, "sign"), {"read": "on", "sha256": sha}))
        assert "Something was added after you opened this page" in again
        assert "One more thing." in again
        fresh = sha_in(again)
        client.post(page_of(review, "sign"), {"read": "on", "sha256": fresh})
        assert ThematicReview.objects.filter(signature__isnull=False).exists()

    def test_what_lacks_is_said_before_anything_can_be_signed(self, cast: Cast) -> None:
        review = commented(cast, a_draft(cast).review, at=DRAWN_AT, but="theme:self-neglect")
        shown = words(signed_in(cast.quality_lead).get(page_of(review)))
        assert "Say something on “Self-neglect”." in shown
        assert "Put it before a quality meeting." in shown

    @pytest.mark.parametrize("name", ["meeting", "decision", "sign"])
    def test_a_signed_one_leads_back_to_itself(self, cast: Cast, name: str) -> None:
        review = signed(cast)
        assert signed_in(cast.director).get(page_of(review, name)).url == page_of(review)
