"""Which version of a pathway measures go by: the newest that came, whatever it is called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from saferpractice.assurance.queries import measures as queries
from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.operations import put_in_use, retire_version
from saferpractice.pathways.queries import library
from tests.factories.pathways import Edit, approved, edited, used, without
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20", "R25", "R32")]

LATER = NOW + timedelta(days=30)
PLACE = "self-neglect.same-day-consultation"


def called(title: str) -> Edit:
    """Another name for a pathway."""

    def edit(content: dict[str, Any]) -> None:
        content["title"] = title

    return edit


def newer(cast: Cast, *edits: Edit, at: datetime = NOW, code: str = "self-neglect") -> PathwayVersion:
    """A newer version, put in use by the set-up of the provider."""
    return put_in_use(by=SET_UP, at=at, provider=cast.provider, definition=edited(library()[code], *edits))


def sections(cast: Cast, at: datetime = LATER) -> list[str]:
    """The headings measures stand under, in their order."""
    found = queries.measures_of(cast.provider.pk, at)
    return list(dict.fromkeys(each.section for each in found if each.source.pathway))


class TestTheVersion:
    @pytest.mark.parametrize("title", ["A first letter before", "Zebra, a last letter after"])
    def test_the_newest_counts_whatever_it_is_called(self, cast: Cast, title: str) -> None:
        used(cast)
        newer(cast, called(title))
        assert sections(cast) == [title]

    def test_renamed_and_with_a_duty_less_it_has_a_measure_less(self, cast: Cast) -> None:
        used(cast)
        assert queries.measure_of("self-neglect.refer.in-time", cast.provider.pk, LATER) is not None
        newer(cast, called("A shorter one"), without("refer"))
        assert queries.measure_of("self-neglect.refer.in-time", cast.provider.pk, LATER) is None
        assert queries.measure_of(PLACE, cast.provider.pk, LATER) is not None

    def test_pathways_stand_by_title_and_each_once(self, cast: Cast) -> None:
        for code in ("lost-contact", "self-neglect", "exploitation"):
            used(cast, code)
        newer(cast, called("Always the first"), code="self-neglect")
        found = sections(cast)
        assert found[0] == "Always the first"
        assert len(found) == 3
        assert found == sorted(found)
        keys = [each.key for each in queries.measures_of(cast.provider.pk, LATER)]
        assert len(keys) == len(set(keys))

    def test_one_that_is_coming_counts_from_the_moment_it_comes(self, cast: Cast) -> None:
        old, comes = used(cast).title, NOW + timedelta(days=7)
        approved(cast, called("Coming"), live_from=comes)
        assert sections(cast, comes - timedelta(microseconds=1)) == [old]
        assert sections(cast, comes) == ["Coming"]

    def test_one_called_off_before_it_came_never_counts(self, cast: Cast) -> None:
        old, comes = used(cast).title, NOW + timedelta(days=7)
        version = approved(cast, called("Called off"), live_from=comes)
        retire_version(by=cast.lead, at=NOW + timedelta(days=1), version=version, reason="The trial went badly")
        assert sections(cast) == [old]

    def test_what_a_retired_pathway_did_is_still_counted(self, cast: Cast) -> None:
        version = used(cast)
        retire_version(by=cast.lead, at=NOW, version=version, reason="Another takes its place")
        assert sections(cast) == [version.title]

    def test_nobody_elses(self, cast: Cast) -> None:
        used(cast)
        assert not any(each.source.pathway for each in queries.measures_of(cast.stranger.provider_id, LATER))
        assert queries.measure_of(PLACE, cast.stranger.provider_id, LATER) is None
