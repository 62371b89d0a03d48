"""Loading the example: into an empty database only, on any day, and all of it or nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from saferpractice.access.models import Person, Provider
from saferpractice.config import clock
from saferpractice.exchange import example
from saferpractice.exchange.example.loading import CannotLoad
from saferpractice.exchange.example.reading import ReadStep
from saferpractice.exchange.example.shapes import STEPS
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from tests.personas import Cast

LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.mark.requirement("R5")
class TestLoading:
    def test_not_among_other_people(self, cast: Cast) -> None:
        before = Provider.objects.count()
        with pytest.raises(CannotLoad, match="There are people in this database already"):
            example.load(example.shipped_example(), at=LOADED_AT)
        with pytest.raises(CommandError, match="There are people in this database already"):
            call_command("load_example")
        assert (Provider.objects.count(), Incident.objects.count()) == (before, 0)

    @pytest.mark.parametrize(
        ("word", "parts", "says"),
        [
            ("review", {"method": "rapid-review"}, "step 2 (review, now-1h)"),
            ("live", {"change": "nothing"}, 'step 2 (live, now-1h): There is no change "nothing" at that moment.'),
            ("tier", {"tier": "A"}, "step 2 (tier, now-1h)"),
        ],
    )
    def test_a_step_that_is_refused_is_named_and_nothing_is_kept(
        self, db: None, word: str, parts: dict[str, Any], says: str
    ) -> None:
        shipped = example.shipped_example()
        one = next(one for one in shipped.incidents if one.shape.key == "parcel-in-the-porch")
        step = ReadStep(2, word, STEPS[word].model_validate({"at": "now-1h", "by": "dale", **parts}))
        broken = type(one)(one.file, one.shape, (one.steps[0], step))
        with pytest.raises(CannotLoad) as refused:
            example.load(type(shipped)(shipped.provider, (broken,)), at=LOADED_AT)
        assert says in str(refused.value)
        assert str(refused.value).startswith("parcel-in-the-porch, ")
        assert str(refused.value).endswith("Nothing was loaded.")
        assert not Person.objects.exists()
        assert not TrailEntry.objects.exists()

    def test_files_that_were_spoilt_are_told_by_the_command(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        def spoilt() -> None:
            raise example.ExampleMistakes(["provider.yml, file: This file is missing."])  # type: ignore[list-item]

        monkeypatch.setattr(example, "shipped_example", spoilt)
        with pytest.raises(CommandError, match="This file is missing"):
            call_command("load_example")

    @pytest.mark.parametrize(
        "moment",
        [
            datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
        ],
        ids=["the clocks go forward", "the clocks go back", "29 February"],
    )
    def test_on_an_awkward_day_the_command_loads_it_just_as_well(
        self, db: None, monkeypatch: pytest.MonkeyPatch, moment: datetime
    ) -> None:
        shipped = example.shipped_example()
        today = type(shipped)(shipped.provider, tuple(one for one in shipped.incidents if one.file == "today.yml"))
        monkeypatch.setattr(example, "shipped_example", lambda: today)
        monkeypatch.setattr(clock, "now", lambda: moment)
        out = io.StringIO()
        call_command("load_example", stdout=out)
        assert f"{len(today.incidents)} incidents" in out.getvalue()
        assert Incident.objects.count() == len(today.incidents)
        assert check_chain(Provider.objects.get().pk).whole
