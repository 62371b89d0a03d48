"""Records whose time is over, in a browser: listed, held, proposed, decided by somebody else, disposed of, proven
(R7, R34)."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from saferpractice.config import clock
from saferpractice.home.models import DisposalCertificate, DisposalDecision, DisposalProposal
from saferpractice.home.sweeps import dispose_of_what_was_decided
from saferpractice.incidents.models import Incident
from saferpractice.trail.sealing import seal
from tests.conftest import TestClock
from tests.factories.disposal import approved, proposed
from tests.factories.retention import OVER, a_finished_incident, a_hold
from tests.factories.trail import verified
from tests.journeys.hands import Hands, status_of
from tests.personas import NOW, Cast, build_cast

pytestmark = pytest.mark.requirement("R7", "R34")
WHY = "I read all of it. Nobody needs it any more. 🗄️"
LONG = "Reviewed line by line, with nothing left that anybody could still need or ask for. " * 20


@pytest.fixture
def cast(live_site: object, the_clock: TestClock) -> Cast:
    made = build_cast()
    seal(provider_id=made.provider.pk, at=NOW)
    the_clock.stand_at(OVER)
    return made


def the_worker_does_a_round() -> None:
    dispose_of_what_was_decided(clock.now())


def opens_the_list(person: Hands) -> Hands:
    """From the header to the list of what has had its time."""
    menu = person.open("/work").page.get_by_role("navigation", name="Menu")
    menu.get_by_role("button", name="More").click()
    menu.get_by_role("link", name="Retention").click()
    return person.press("Records whose time is over")


def test_it_goes_on_two_peoples_decision_and_nothing_answers_for_it(cast: Cast, browse: Callable[..., Page]) -> None:
    going, kept = (a_finished_incident(cast, person_reference=f"P-{n}") for n in range(2))
    lark = opens_the_list(Hands(browse(as_=cast.lead))).looks("times-over")
    lark.sees(f"Propose the disposal of {going.reference}", f"Propose the disposal of {kept.reference}")

    lark.follow("put a hold on them").choose("What is to be kept?", "One incident")
    lark.write("Number of the incident", kept.reference).choose("Why?", "A claim or another court case")
    lark.press("Place the hold").is_told("Say who asked for it and when").looks("hold-refused")
    expect(lark.page.get_by_label("Number of the incident")).to_have_value(kept.reference)
    lark.write("Say more", "Her solicitor wrote on 3 March.").press("Place the hold").is_told("The hold stands")
    lark.looks("hold")
    opens_the_list(lark).does_not_see(f"Propose the disposal of {kept.reference}")
    lark.select("Show", "Kept all the same").press("Show").sees(kept.reference, "Hold: a claim or another court case")
    lark.looks("times-over-kept")
    with lark.page.expect_download() as saved:
        lark.follow("Download this list")
    rows = list(csv.reader(saved.value.path().read_text(encoding="utf-8-sig").splitlines()))[1:]
    assert [(row[0], row[5], row[6]) for row in rows] == [
        (kept.reference, "Kept", "Hold: a claim or another court case")
    ]
    lark.open("/retention/holds").looks("holds").follow(f"Incident {kept.reference}")
    lark.press("End the hold").is_told("Say why it can end")
    lark.write("Why can it end?", "The claim was settled.").press("End the hold").is_told("The hold is ended")
    opens_the_list(lark).sees(f"Propose the disposal of {kept.reference}")

    lark.follow(f"Propose the disposal of {going.reference}").press("Propose the disposal")
    lark.is_told("Say why it may go").looks("disposal-propose-refused")
    lark.write("Why may it go?", WHY).press("Propose the disposal").is_told("It is proposed")
    lark.sees(WHY, "Take the proposal back").looks("disposal-own")
    expect(lark.page.get_by_label("It goes")).to_have_count(0)
    opens_the_list(lark).does_not_see(f"Propose the disposal of {going.reference}")
    lark.sees("Its disposal is proposed").looks("times-over-proposed")
    lark.open("/work").does_not_see("wait for a second person")

    drew = Hands(browse(as_=cast.director)).open("/work").sees("Disposals that wait for a second person")
    drew.looks("my-work-disposal").follow(f"Decide about the disposal of {going.reference}").looks("disposal-decide")
    quill = Hands(browse(as_=cast.quality_lead)).open(drew.page.url)
    drew.choose("What do you decide?", "It goes").press("Decide").is_told("Say why").looks("disposal-decide-refused")
    expect(drew.page.get_by_label("It goes")).to_be_checked()
    drew.write("Why?", LONG).press("Decide").is_told("It is approved").sees("Approved")
    drew.looks("disposals").follow(going.reference).sees("It goes within minutes", "put a hold on it")
    drew.looks("disposal-approved")
    quill.choose("What do you decide?", "It is kept").write("Why?", "I would rather keep it.").press("Decide")
    quill.is_told("Somebody decided about this proposal already").sees("I would rather keep it.")
    quill.looks("disposal-stale")
    assert DisposalDecision.objects.get().decided_by == cast.director

    the_worker_does_a_round()
    lark.open(f"/retention/disposals/{DisposalProposal.objects.get().pk}").looks("disposal-done")
    lark.follow("See what was disposed of").sees("Certificate of disposal", WHY, cast.director.name)
    lark.looks("certificate")
    certificate = DisposalCertificate.objects.get()
    lark.sees(going.reference, certificate.rows_sha256)
    lark.open("/retention/certificates").sees(going.reference).looks("certificates")
    assert status_of(lark.page, f"/incidents/{going.pk}") == status_of(lark.page, f"/incidents/{cast.provider.pk}")
    assert status_of(lark.page, f"/incidents/{going.pk}") == 404
    lark.open("/incidents").sees(kept.reference).does_not_see(going.reference)
    seal(provider_id=cast.provider.pk, at=clock.now())
    assert verified(cast.provider.pk).whole
    lark.open("/work").does_not_see("wait for a second person")


def test_what_is_kept_all_the_same_says_why_in_plain_words(cast: Cast, browse: Callable[..., Page]) -> None:
    incident = a_finished_incident(cast)
    proposal = approved(incident, cast, at=OVER)
    a_hold(by=cast.lead, incident=incident, at=OVER)
    the_worker_does_a_round()
    assert Incident.objects.filter(pk=incident.pk).exists()

    lark = Hands(browse(as_=cast.lead, width=375)).open("/retention/disposals").sees("Kept all the same")
    lark.looks("disposals-kept").follow(incident.reference)
    lark.sees("What keeps it", f"{incident.reference}: A hold stands").looks("disposal-kept")
    lark.open(f"/retention/disposals/new/{incident.pk}").sees("It is kept").looks("disposal-propose-kept")
    expect(lark.page.get_by_role("button", name="Propose the disposal")).to_have_count(0)
    for outside in (cast.worker, cast.supervisor, cast.administrator, cast.stranger):
        page = browse(as_=outside)
        for address in (f"/retention/disposals/{proposal.pk}", f"/retention/disposals/new/{incident.pk}"):
            assert status_of(page, address) == 404, (outside.name, address)


def test_a_phone_without_scripts_is_enough(cast: Cast, browse: Callable[..., Page]) -> None:
    incident = a_finished_incident(cast)
    proposed(incident, cast.lead, at=OVER, reason=LONG)
    page = browse(as_=cast.director, width=375, javascript=False)
    page.goto("/work")
    page.get_by_role("link", name=f"Decide about the disposal of {incident.reference}").press("Enter")
    page.get_by_label("It is kept").check()
    page.get_by_label("Why?").fill("Her family may still ask.")
    page.get_by_role("button", name="Decide").press("Enter")
    expect(page.get_by_text("Nothing was disposed of.")).to_be_visible()
    expect(page.get_by_text("No disposal of records that you may read")).to_be_visible()
    assert DisposalDecision.objects.get().approved is False


def test_pages_of_a_provider_that_never_disposed_of_anything(cast: Cast, browse: Callable[..., Page]) -> None:
    drew = Hands(browse(as_=cast.director))
    for address, says in {
        "/retention": "How long records are kept",
        "/retention/over": "Nothing is due for disposal",
        "/retention/over?show=all": "Nothing fits",
        "/retention/holds": "There is no hold on records that you may read.",
        "/retention/disposals": "Nothing proposed",
        "/retention/certificates": "Nothing was disposed of.",
    }.items():
        drew.open(address).sees(says).looks(f"empty{address.partition('?')[0].replace('/', '-')}")
