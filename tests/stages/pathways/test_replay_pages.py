"""The pages of replays: begin, watch, stop, read."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.pathways import operations
from saferpractice.pathways.models import DraftDropped, PathwayDraft, Replay, ReplayPart
from saferpractice.pathways.operations import replaying
from saferpractice.pathways.rules.reading import definition_from_data
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, hours, used
from tests.factories.replays import a_replay, content_of, one_is_enough
from tests.factories.web import signed_in, words
from tests.personas import Cast
from tests.stages.pathways.test_replays import with_one, with_two

pytestmark = pytest.mark.requirement("R17", "R18", "R20")


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(hours(240))


def page(person: Person, name: str, *args: object, query: str = "") -> str:
    response = signed_in(person).get(reverse(f"pathways:{name}", args=args) + query)
    assert response.status_code == 200, name
    return words(response)


def a_draft(cast: Cast, content: dict[str, Any] | None = None) -> PathwayDraft:
    return PathwayDraft.objects.create(
        provider=cast.provider,
        pathway="self-neglect",
        title="One is enough",
        content=content or one_is_enough(),
        begun_from=used(cast),
        decided_by=cast.lead,
        decided_by_name="Lark Penrose",
        decided_by_role="Safeguarding lead",
        decided_at=hours(1),
    )


def done(cast: Cast, **more: Any) -> Replay:
    replay = a_replay(cast, **more)
    operations.carry_on_replay(replay=replay, at=hours(240))
    return replay


def begin(client: Client, candidate: str, since: str = "") -> str:
    data = {"candidate": candidate, "since": since, "submission_key": "one"}
    response = client.post(reverse("pathways:replays", args=["self-neglect"]), data)
    assert response.status_code == 302, words(response)
    return str(response["Location"])


class TestBeginning:
    def test_from_a_draft_to_its_numbers(self, cast: Cast) -> None:
        with_one(cast)
        with_two(cast, 5)
        draft = a_draft(cast)
        client = signed_in(cast.quality_lead)
        form = words(client.get(reverse("pathways:replays", args=["self-neglect"]) + f"?candidate=draft:{draft.pk}"))
        assert f'value="draft:{draft.pk}" checked' in form
        shown = words(client.get(begin(client, f"draft:{draft.pk}")))
        assert "Draft “One is enough”, revision 1" in shown
        assert "2 of 2 cases would have triggered" in plain(shown)
        assert "+1 cases triggered, beside the version in use" in plain(shown)
        assert Replay.objects.get().draft == draft

    def test_from_an_older_version_or_what_ships(self, cast: Cast) -> None:
        a_case(cast)
        first = used(cast)
        used(cast, definition=definition_from_data(one_is_enough(), name="new"))
        shown = page(cast.lead, "replays", "self-neglect")
        assert "beside version 2, which is in use" in shown
        assert "As the product ships it" in shown
        assert begin(signed_in(cast.lead), f"version:{first.pk}")
        assert Replay.objects.get().candidate == first.content

    def test_a_draft_that_was_dropped_or_of_another_provider_cannot_be_chosen(self, cast: Cast) -> None:
        a_case(cast)
        draft = a_draft(cast)
        DraftDropped.objects.create(
            draft=draft, reason="Not now", decided_by_name="x", decided_by_role="x", decided_at=hours(2)
        )
        other = PathwayDraft.objects.create(
            provider=cast.stranger.provider,
            pathway="self-neglect",
            title="Theirs",
            content=one_is_enough(),
            decided_by_name="Sage Norwood",
            decided_by_role="Safeguarding lead",
            decided_at=hours(1),
        )
        used(cast, definition=definition_from_data(one_is_enough(), name="new"))
        shown = page(cast.lead, "replays", "self-neglect")
        assert "Theirs" not in shown
        assert "Draft" not in shown
        for chosen in (draft, other):
            data = {"candidate": f"draft:{chosen.pk}", "submission_key": "one"}
            response = signed_in(cast.lead).post(reverse("pathways:replays", args=["self-neglect"]), data)
            assert response.status_code == 200
        assert not Replay.objects.exists()

    def test_nothing_chosen_is_said_beside_the_field(self, cast: Cast) -> None:
        a_draft(cast)
        response = signed_in(cast.lead).post(
            reverse("pathways:replays", args=["self-neglect"]), {"submission_key": "one"}
        )
        assert "Choose what to try" in words(response)

    def test_only_newer_cases(self, cast: Cast) -> None:
        used(cast)
        with_one(cast, -100 * 24)
        with_one(cast, 0)
        draft = a_draft(cast)
        client = signed_in(cast.lead)
        shown = words(client.get(begin(client, f"draft:{draft.pk}", since="92")))
        assert "of 1 cases would have triggered" in shown

    def test_no_case_is_said(self, cast: Cast) -> None:
        draft = a_draft(cast)
        data = {"candidate": f"draft:{draft.pk}", "submission_key": "one"}
        response = signed_in(cast.lead).post(reverse("pathways:replays", args=["self-neglect"]), data)
        assert "There is no case to replay. Choose a longer time." in words(response)

    def test_while_one_runs_it_leads_there(self, cast: Cast) -> None:
        a_case(cast)
        a_draft(cast)
        replay = a_replay(cast)
        shown = page(cast.lead, "replays", "self-neglect")
        assert reverse("pathways:replay", args=[replay.pk]) in shown
        assert "A replay of this pathway is running." in shown
        assert "What do you want to try?" not in shown

    def test_with_nothing_to_try(self, cast: Cast) -> None:
        used(cast)
        assert "Begin a draft of this pathway first." in page(cast.lead, "replays", "self-neglect")

    @pytest.mark.parametrize("pathway", ["lost-contact", "nothing"])
    def test_a_pathway_that_is_not_in_use_has_no_such_page(self, cast: Cast, pathway: str) -> None:
        used(cast)
        assert signed_in(cast.lead).get(reverse("pathways:replays", args=[pathway])).status_code == 404

    def test_earlier_ones_are_listed(self, cast: Cast) -> None:
        with_one(cast)
        first = done(cast)
        second = a_replay(cast)
        operations.stop_replay(by=cast.lead, at=hours(240), replay=second)
        shown = page(cast.lead, "replays", "self-neglect")
        assert shown.index(str(second.pk)) < shown.index(str(first.pk))
        assert "Stopped" in shown
        assert "Done" in shown


class TestWatching:
    @pytest.fixture(autouse=True)
    def _small_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replaying, "CASES_A_PART", 1)

    def test_how_far_it_is_without_scripts(self, cast: Cast) -> None:
        with_one(cast)
        with_two(cast, 5)
        replay = a_replay(cast)
        assert "0 of 2 cases replayed." in page(cast.lead, "replay", replay.pk)
        operations.carry_on_replays(at=hours(240))
        shown = page(cast.lead, "replay", replay.pk)
        assert "1 of 2 cases replayed." in shown
        assert "50%" in shown
        assert "See how far it is now" in shown
        assert "would have triggered" not in shown, "half of the cases could mislead"

    def test_what_its_page_asks_for(self, cast: Cast) -> None:
        with_one(cast)
        replay = a_replay(cast)
        client = signed_in(cast.lead)
        address = reverse("pathways:replay_progress", args=[replay.pk])
        looks = AccessEntry.objects.count()
        assert client.get(address).json() == {"said": "0 of 1 cases replayed.", "done": 0, "rows": 1, "working": True}
        operations.carry_on_replays(at=hours(240))
        assert client.get(address).json()["working"] is False
        assert AccessEntry.objects.count() == looks

    def test_long_ones_are_left_to_the_worker(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "IN_REQUEST", 1)
        with_one(cast)
        with_two(cast, 5)
        draft = a_draft(cast)
        client = signed_in(cast.lead)
        assert "0 of 2 cases replayed." in words(client.get(begin(client, f"draft:{draft.pk}")))
        assert ReplayPart.objects.filter(done_at__isnull=True).count() == 2

    def test_stopping_it(self, cast: Cast) -> None:
        with_one(cast)
        replay = a_replay(cast)
        client = signed_in(cast.director)
        response = client.post(reverse("pathways:stop_replay", args=[replay.pk]), follow=True)
        assert "The replay is stopped." in words(response)
        assert "Stopped by Drew Castell" in page(cast.lead, "replay", replay.pk)
        assert client.get(reverse("pathways:replay_file", args=[replay.pk])).status_code == 404
        assert client.get(reverse("pathways:replay_progress", args=[replay.pk])).json()["working"] is False

    def test_stopping_what_is_done_says_so(self, cast: Cast) -> None:
        with_one(cast)
        replay = done(cast)
        response = signed_in(cast.lead).post(reverse("pathways:stop_replay", args=[replay.pk]), follow=True)
        assert "This replay is done already." in words(response)


class TestReading:
    def test_the_numbers_beside_the_version_in_use(self, cast: Cast) -> None:
        with_one(cast)
        with_two(cast, 5)
        shown = page(cast.quality_lead, "replay", done(cast).pk)
        assert "Cases that would have triggered 1 2 +1" in plain(shown)
        assert "Things asked for 1 2 +1" in plain(shown)
        assert "Of these late 0 1 +1" in plain(shown)
        assert "Consult the duty manager or safeguarding lead 1 2 +1 0 1" in plain(shown)
        assert "Riverside community service 1 1.0 2.0 1.0 2.0" in plain(shown)
        assert "Monday 2 March 2026 1 2 +1" in plain(shown)

    def test_what_it_says_otherwise_in_the_product_s_words(self, cast: Cast) -> None:
        with_one(cast)
        shown = page(cast.lead, "replay", done(cast).pk)
        assert "one or more of these five" in shown
        assert "two or more of these five" in shown

    def test_a_case_that_differs_and_how(self, cast: Cast) -> None:
        case = with_one(cast)
        shown = page(cast.lead, "replay", done(cast).pk)
        assert reverse("pathways:case", args=[case.pk]) in shown
        assert (
            "“Consult the duty manager or safeguarding lead” would have been asked for "
            "on Wednesday 4 March 2026, 3:05am." in shown
        )

    def test_days_before_an_incident(self, cast: Cast) -> None:
        with_one(cast)
        incident = an_incident(
            by=cast.worker, team=cast.north, at=hours(73), person_reference="P-0", occurred_at=hours(73)
        )
        shown = page(cast.lead, "replay", done(cast).pk)
        assert "Before 1 past incident the threshold would have been met earlier, by 3 days." in shown
        assert (
            f"{incident.reference} on Saturday 7 March 2026: the threshold is met 3 days before; "
            "in the version in use is never met." in shown
        )

    def test_restricted_cases_are_a_count_without_a_name(self, cast: Cast) -> None:
        secret = an_incident(
            by=cast.worker,
            team=cast.north,
            at=hours(0),
            person_reference="P-7",
            restricted=True,
            restricted_reason="About staff",
        )
        with_one(cast, 0)
        with_one(cast, 7, by=cast.lead, incident=secret)
        replay = done(cast)
        shown = page(cast.quality_lead, "replay", replay.pk)
        assert "P-0" in shown
        assert "P-7" not in shown
        assert secret.reference not in shown
        assert "1 case that differs is not among those you may open." in shown
        file = signed_in(cast.quality_lead).get(reverse("pathways:replay_file", args=[replay.pk]))
        assert "P-7" not in file.getvalue().decode()
        assert "P-7" in page(cast.lead, "replay", replay.pk)
        assert "not among those you may open" not in page(cast.lead, "replay", replay.pk)

    def test_narrowed_and_paged(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.pathways.views.replaying.PAGE", 1)
        with_one(cast, 0)
        with_one(cast, 5)
        replay = done(cast)
        assert "P-5" in page(cast.lead, "replay", replay.pk)
        second = page(cast.lead, "replay", replay.pk, query="?page=2")
        assert "P-0" in second
        assert "P-5" not in second
        assert "P-0" in page(cast.lead, "replay", replay.pk, query="?page=2&kind=asked")
        narrowed = page(cast.lead, "replay", replay.pk, query=f"?service={cast.harbour.pk}")
        assert "No case fits" in narrowed
        for nonsense in ("?page=x", "?page=0", "?page=٣", "?kind=nonsense"):
            assert "P-5" in page(cast.lead, "replay", replay.pk, query=nonsense)

    def test_as_a_file(self, cast: Cast) -> None:
        with_one(cast)
        incident = an_incident(
            by=cast.worker, team=cast.north, at=hours(73), person_reference="P-0", occurred_at=hours(73)
        )
        replay = done(cast)
        response = signed_in(cast.lead).get(reverse("pathways:replay_file", args=[replay.pk]))
        (row,) = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
        assert (row["Person"], row["Team"], row["Incident"]) == ("P-0", "North team", incident.reference)
        assert row["Threshold before the incident, in days"] == "3.0"
        assert row["The same in the version in use"] == ""
        narrowed = signed_in(cast.lead).get(reverse("pathways:replay_file", args=[replay.pk]) + "?kind=later")
        assert len(narrowed.getvalue().decode().splitlines()) == 2, "one it has not is no filter"

    def test_no_case_differs(self, cast: Cast) -> None:
        with_two(cast)
        content = content_of("self-neglect")
        content["about"] = "Said in other words."
        shown = page(cast.lead, "replay", done(cast, content=content).pk)
        assert "No case differs" in shown

    def test_cases_that_could_not_be_read_are_said(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        with_one(cast)

        def fails(*_: object) -> None:
            raise ValueError

        monkeypatch.setattr(replaying, "openings", fails)
        assert "1 case could not be replayed" in page(cast.lead, "replay", done(cast).pk)

    def test_looking_leaves_a_trace(self, cast: Cast) -> None:
        with_one(cast)
        replay = done(cast)
        page(cast.director, "replay", replay.pk)
        signed_in(cast.director).get(reverse("pathways:replay_file", args=[replay.pk]))
        seen = AccessEntry.objects.filter(by_id=cast.director.pk).values_list("page", flat=True)
        assert sorted(seen) == ["replay", "replay as a file"]


def plain(shown: str) -> str:
    """What a page says, without its markup and the headings that a phone shows in each cell."""
    without = re.sub(r'<span class="nhsuk-table__heading".*?</span>', " ", shown)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without))
