"""A lesson goes from one provider to another: published, adopted, approved; and by file to another installation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from saferpractice.evidence.models import Lesson, LessonAdoption
from saferpractice.evidence.rules.bundle import fingerprint
from saferpractice.jobs.sweeps import sign_lessons
from saferpractice.pathways.models import PathwayVersion
from tests.conftest import TestClock
from tests.factories.lessons import CHECKED_AT, ELSEWHERE, a_checked_change, a_file_from_elsewhere, a_neighbour
from tests.factories.pathways import used
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands, status_of
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R33")
SEEN_HERE = "Two people at home were found late here, and nobody had a moment to look."


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(CHECKED_AT)
    return build_cast()


def test_another_provider_adopts_a_lesson(cast: Cast, browse: Callable[..., Page]) -> None:
    change = a_checked_change(cast, monday="Ring Dale Marlow at two signs of self-neglect, the same day.")
    nettle = a_neighbour(cast)

    quill = Hands(browse(as_=cast.quality_lead)).open("/lessons").looks("lessons-before")
    quill.follow("Take part").looks("lessons-take-part").choose(
        "Do you take part", "Yes: other providers who take part read our lessons, and we read theirs"
    )
    quill.write("Why?", "Others should not have to learn it the hard way.").press("Keep this").is_told("Kept")
    quill.open(f"/changes/{change.pk}").follow("Publish a lesson in the library").sees("Improved")
    assert quill.page.get_by_label("What is different now?").input_value().startswith("Ring [name removed] at two")
    quill.write("What went wrong before", "At nights nobody could decide. Wren Ashdown rang Mr Pike in vain.")
    quill.write("What is different now?", "At two signs of self-neglect the duty manager is rung the same day.")
    quill.choose_alone("I read every word of it").press("Publish the lesson")
    quill.is_told("“Wren Ashdown” (name)", "“Mr Pike” (titled name)").looks("lesson-identifiers")
    quill.write("What went wrong before", "At nights nobody could decide who should go.")
    quill.press("Publish the lesson").is_told("The lesson is published").looks("lesson-own")
    lesson = Lesson.objects.get()
    assert sign_lessons(CHECKED_AT) == 1
    quill.open(f"/lessons/{lesson.pk}").sees("It asks you for the fingerprint of your key")
    with quill.page.expect_download() as download:
        quill.press("Download the signed file")
    assert download.value.suggested_filename.startswith("lesson-")

    other = Hands(browse(as_=nettle)).open("/lessons").does_not_see(lesson.title)
    assert status_of(other.page, f"/lessons/{lesson.pk}") == 404
    other.open("/lessons/take-part").choose(
        "Do you take part", "Yes: other providers who take part read our lessons, and we read theirs"
    )
    other.write("Why?", "We want to learn from the others too.").press("Keep this").looks("lessons")
    other.follow(lesson.title).sees("Example Care", "Improved", "Self-neglect threshold, version 2").looks("lesson")
    assert status_of(other.page, f"/changes/{change.pk}") == 404
    other.open(f"/lessons/{lesson.pk}").press("Adopt this pathway version").looks("lesson-adopt")
    other.press("Begin the draft").is_told("There is a problem")
    other.write("Why should practice here", SEEN_HERE).press("Begin the draft").is_told("A draft was begun")
    other.sees("Where it came from", "Example Care, version 2", SEEN_HERE).looks("lesson-draft")
    other.press("Propose it").write("Why should practice change", "It worked at Example Care.").press("Propose it")
    other.is_told("Proposed").sees("You worked on this version. Somebody else decides on it.")

    sage = Hands(browse(as_=cast.stranger, width=375)).open(f"/pathways/drafts/{LessonAdoption.objects.get().draft_id}")
    sage.sees("Where it came from").press("Approve it").write("Why is it right?", "It was proven there.")
    sage.choose("When does it go live?", "At once").press("Approve it").sees("In use", "Where it came from").looks()
    theirs = PathwayVersion.objects.get(provider=nettle.provider)
    assert theirs.content == PathwayVersion.objects.get(provider=cast.provider, number=2).content

    quill.open(f"/lessons/{lesson.pk}").press("Withdraw it").write(
        "Why is it withdrawn?", "The next look showed less of it."
    )
    quill.press("Withdraw it").is_told("The lesson is withdrawn").looks("lesson-withdrawn")
    assert status_of(other.page, f"/lessons/{lesson.pk}") == 404


def test_a_lesson_comes_as_a_file_from_another_installation(cast: Cast, browse: Callable[..., Page]) -> None:
    change = a_checked_change(cast)
    used(cast)
    quill = Hands(browse(as_=cast.quality_lead)).open("/lessons/take-part")
    quill.choose("Do you take part", "Yes: other providers who take part read our lessons, and we read theirs")
    quill.write("Why?", "Others should not have to learn it the hard way.").press("Keep this")
    quill.open(f"/lessons/from-change/{change.pk}").choose_alone("I read every word of it").press("Publish the lesson")
    raw = a_file_from_elsewhere(Lesson.objects.get(), provider="Far Away Care")

    quill.open("/lessons").press("Take in a lesson from a file")
    quill.attach("The file of the lesson", "lesson.txt", raw.replace(b"Far Away", b"Far Afar")).press("Check the file")
    quill.is_told("It was changed on its way").looks("lesson-file-changed")
    quill.attach("The file of the lesson", "lesson.txt", raw).press("Check the file").is_told("nobody changed it")
    quill.sees("Nobody here has made sure whose key", "Make sure first whose key").looks("lesson-received")
    quill.press("Say whose key it is").looks("lesson-key")
    quill.write("The fingerprint as they told it to you", "0123 4567 89ab cdef 0123 4567 89ab cdef")
    quill.write("How did you make sure?", "Rang their quality lead by the switchboard.").press("This is their key")
    quill.is_told("not the fingerprint of the key in this file")
    quill.write("The fingerprint as they told it to you", fingerprint(ELSEWHERE.public).upper())
    quill.press("This is their key").is_told("can be adopted from now on").sees("Signed with the key of Far Away Care")
    quill.looks("lesson-key-known").press("Adopt this pathway version")
    quill.write("Why should practice here", SEEN_HERE).press("Begin the draft").is_told("A draft was begun")
    quill.sees("Far Away Care, version 2")
