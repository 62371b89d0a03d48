"""Exploitation, told from the first sign to the closed case: staff and two partners, each seeing only their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Escalation, OutboxMessage
from saferpractice.jobs.sweeps import escalate_due, send_mail
from saferpractice.partners.models import Agency, Contact, ShownRecord
from saferpractice.pathways.models import PathwayCase
from tests.conftest import TestClock
from tests.factories.partners import a_contact, an_agency, code_in, link_in
from tests.factories.pathways import used
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands, status_of
from tests.personas import NOW, Cast, build_cast

MORNING = NOW + timedelta(hours=8)
"""Five past ten on a Wednesday."""
WEEK = timedelta(days=7)


class Story:
    """The people at their windows, the partners at theirs, the clock and the post."""

    def __init__(self, cast: Cast, browse: Callable[..., Page], clock: TestClock) -> None:
        self.cast, self.browse, self.clock = cast, browse, clock
        self.moment = MORNING
        self.windows: dict[str, Hands] = {}
        self.mails: list[tuple[str, str]] = []

    def later(self, **more: float) -> datetime:
        """Let time pass; the worker does its rounds meanwhile."""
        self.moment += timedelta(**more)
        self.clock.stand_at(self.moment)
        escalate_due(self.moment)
        send_mail(self.moment, send=lambda mail: self.mails.append((mail.to[0], mail.body)) or 1)
        return self.moment

    def person(self, name: str, **more: int) -> Hands:
        """The window of somebody on the staff, at what they did last."""
        if name not in self.windows:
            who: Person = self.cast.people()[name]
            self.windows[name] = Hands(self.browse(as_=who, **more))
        return self.windows[name]

    def on_the_case(self, name: str) -> Hands:
        """Somebody on the staff at the case's page."""
        return self.person(name).open(f"/pathways/cases/{PathwayCase.objects.get().pk}")

    def sharing(self, name: str) -> Hands:
        """Somebody on the staff at the page of the case's partners."""
        return self.person(name).open(f"/partners/cases/{PathwayCase.objects.get().pk}")

    def newest_mail(self, contact: Contact) -> str:
        """What was sent to a contact last."""
        return [body for address, body in self.mails if address == contact.email][-1]

    def comes_in(self, contact: Contact, **more: int) -> Hands:
        """A contact follows the link in the mail and enters the code of the next."""
        self.later(minutes=2)
        window = Hands(self.browse(**more)).open(f"/partner/invitation/{link_in(self.newest_mail(contact))}")
        window.looks("partner-link").press("Send me the code").sees("Enter the code").looks()
        self.later(minutes=1)
        return window.write("Code", code_in(self.newest_mail(contact))).press("Come in").sees("Shared with")

    def comes_back(self, contact: Contact, window: Hands) -> Hands:
        """The session ended over night: the contact signs in with the address and a code, and opens the case."""
        window.page.reload()
        window.sees("Sign in as a partner").write("Your work e-mail address", contact.email).press("Send me a code")
        self.later(minutes=1)
        window.write("Code", code_in(self.newest_mail(contact))).press("Come in")
        return window.follow(PathwayCase.objects.get().person_supported.reference)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(MORNING)
    cast = build_cast()
    used(cast, "exploitation")
    return cast


@pytest.fixture
def story(cast: Cast, browse: Callable[..., Page], the_clock: TestClock) -> Story:
    return Story(cast, browse, the_clock)


def opens_with_a_sign(story: Story) -> None:
    """A worker sees somebody else hold the bank card, and opens the pathway."""
    worker = story.person("worker", width=375).open("/pathways/cases/new")
    worker.select("Which pathway?", "Exploitation and shared risk").write("Who is it about?", "P-2207")
    worker.press("Open the case").follow("Exploitation checklist")
    worker.choose("What is present today?", "Sudden financial loss", "Frequent visitors")
    worker.write("What did you see or hear?", "A man I do not know had her bank card and answered for her.")
    worker.press("Save").is_told("Written down").sees("Put together what each agency knows", "Decide on sharing")


def writes_the_summary(story: Story) -> None:
    story.later(hours=1)
    worker = story.on_the_case("worker").follow("Put together what each agency knows")
    worker.write("What do we know?", "Two men come on benefit days. Her card is gone and the fridge is empty.")
    worker.write("What does the person want to happen?", "She wants her key back and nobody told at the surgery.")
    worker.choose("Which partners should be part of this?", "Example Police", "Example Housing").looks("summary-form")
    worker.press("Save").is_told("Written down: Shared risk summary")


def decides(story: Story, partner: str, answer: str, **more: str) -> Hands:
    """The duty manager decides on sharing with a partner."""
    story.later(minutes=10)
    manager = story.sharing("duty_manager").press("Decide on sharing")
    manager.choose("With which partner?", partner).choose("Does the person agree, and what is decided?", answer)
    for label, text in more.items():
        manager.write(label.replace("_", " "), text)
    return manager


def shares(story: Story, partner: str, *what: str) -> Hands:
    """The duty manager shares records with a partner."""
    story.later(minutes=5)
    manager = story.sharing("duty_manager").press("Share something").select("With which partner?", partner)
    for words in what:
        manager.question("What is shared?").get_by_label(words).first.check()
    return manager.press("Share")


def invites(story: Story, contact: Contact) -> None:
    manager = story.sharing("duty_manager").press("Invite somebody")
    manager.select("Whom do you invite?", f"{contact.name}, {contact.agency.name}").press("Send the link")
    manager.is_told("An e-mail with a link goes to")


def circle(cast: Cast) -> tuple[Contact, Contact]:
    police: Agency = an_agency(cast)
    housing = an_agency(cast, "Example Housing", "housing")
    return a_contact(police, "Petra Quill"), a_contact(housing, "Hollis Grange")


@pytest.mark.requirement("R26", "R27", "R28", "R29", "R30")
def test_from_the_first_sign_to_the_closed_case(story: Story, cast: Cast) -> None:
    petra, hollis = circle(cast)
    opens_with_a_sign(story)
    writes_the_summary(story)

    # Consent, partner by partner: housing agreed to, police refused and overridden.
    decides(story, "Example Housing", "Agreed: it is shared").choose("Was the person told?", "Yes").press("Save")
    manager = decides(story, "Example Police", "Refused: it is shared all the same, on a lawful basis")
    manager.choose("Was the person told?", "No").press("Save").is_told(
        "“The lawful basis” is needed", "“Why is it decid"
    )
    manager.choose("The lawful basis", "Vital interests").looks("sharing-decision")
    manager.write("Why is it decided so?", "The man was convicted of violence and lives in her flat now.")
    manager.write("Why was the person not told?", "He reads her messages.").press("Save").is_told("Written down")
    shares(story, "Example Police", "Shared risk summary").is_told("Shared with Example Police")
    shares(story, "Example Housing", "Shared risk summary").is_told("Shared with Example Housing")
    invites(story, petra)
    invites(story, hollis)
    story.sharing("duty_manager").sees("Vital interests", "Nothing was shown").looks("partners-of-a-case")

    # Each partner comes in and sees its own; the police adds what it knows.
    police = story.comes_in(petra).looks("partner-home").follow("P-2207").sees("Two men come on benefit days")
    police.looks("partner-case").press("Add: what a partner knows").write(
        "What does it know?", "Known at three addresses."
    )
    police.write("What can it do?", "A patrol on Thursdays.").press("Send").is_told(
        "Written down: What a partner knows"
    )
    housing = story.comes_in(hollis, width=375).follow("P-2207").sees("Two men come on benefit days")
    housing.does_not_see("Known at three addresses", "Example Police,").looks()
    story.on_the_case("worker").sees("Known at three addresses.", "Petra Quill, Partner, Example Police").looks(
        "case-with-partners"
    )

    # The review: both are invited, the police differs, an action is agreed and the police owns it.
    story.later(hours=1)
    manager = story.on_the_case("duty_manager").follow("Invitation to a risk review")
    manager.give_day("When is it held?", story.moment + timedelta(days=1)).write(
        "Where is it", "By telephone, 0115 496 0000"
    )
    manager.choose("Which partners are invited?", "Example Police", "Example Housing").press("Save").is_told("Written")
    story.later(minutes=1)
    assert "P-2207" not in story.newest_mail(hollis)
    assert "exploitation" not in story.newest_mail(hollis).lower()
    housing.page.reload()
    housing.follow("Answer to an invitation").choose("Will somebody take part?", "Yes").press("Send").is_told("Written")
    police.page.reload()
    police.follow("Answer to an invitation").choose("Will somebody take part?", "No")
    police.write("What should the others know before?", "The officer is on nights.").press("Send").is_told(
        "Written down"
    )

    story.later(days=1)
    manager = story.on_the_case("duty_manager").follow("Hold a risk review with the partners")
    manager.choose("Which partners took part?", "Example Housing")
    manager.write("What was decided together?", "Housing changes the lock on Friday and we visit each evening.")
    manager.choose("Did any partner see it differently?", "Yes").choose("Risk now", "High")
    manager.choose("Has risk fallen enough to stop the regular reviews?", "No").looks("risk-review").press("Save")
    manager.is_told("Written down: Risk review").sees("Write down what each partner sees differently")
    shares(story, "Example Police", "Risk review").is_told("Shared with Example Police")
    story.comes_back(petra, police).looks("partner-review")
    police.sees("Housing changes the lock on Friday").follow("A partner's view of a risk review")
    police.choose("Does it share the decision?", "No, it sees it differently").press("Send").is_told("is needed before")
    police.write("What does it see differently?", "A new lock is not enough while he has her phone.").press("Send")
    police.is_told("Written down")
    story.on_the_case("duty_manager").sees("A new lock is not enough").does_not_see(
        "Write down what each partner sees differently."
    )

    story.later(minutes=20)
    manager = story.on_the_case("duty_manager").follow("Agreed action").choose("What?", "Liaison with police")
    manager.write("In a sentence", "Patrol past her door on Thursdays").choose("Who does it?", "A partner")
    manager.choose("Which partner?", "Example Police").give_day("By when?", story.moment + timedelta(days=3)).press(
        "Save"
    )
    manager.is_told("Written down: Agreed action").sees("Do what was agreed")
    story.comes_back(hollis, housing)
    housing.does_not_see("Patrol past her door")
    police.page.reload()
    police.sees("Patrol past her door on Thursdays").looks("partner-action").follow("What came of an agreed action")
    police.write("What came of it?", "Two patrols, nobody there, card returned.").press("Send").is_told("Written down")
    story.on_the_case("duty_manager").sees("Two patrols, nobody there, card returned.").does_not_see(
        "Do what was agreed, and"
    )
    story.person("duty_manager").open(f"/partners/cases/{PathwayCase.objects.get().pk}/summary").looks("shared-summary")

    # Weekly, until risk has fallen and a reviewer says so.
    for level, fallen in (("Medium", "No"), ("Low", "Yes")):
        story.later(days=6)
        manager = story.on_the_case("duty_manager").follow("Hold a risk review with the partners")
        manager.choose("Which partners took part?", "Example Police", "Example Housing")
        manager.write("What was decided together?", "The visits stay.").choose("Risk now", level)
        manager.choose("Did any partner see it differently?", "No")
        manager.choose("Has risk fallen enough to stop the regular reviews?", fallen).press("Save").is_told(
            "Written down"
        )
    manager.sees("Nothing is owed. This case may be closed.").press("Close the case")
    manager.write("Why is it closed?", "Risk is low for a week and her key is back.").press("Close the case")
    manager.is_told("The case is closed")
    story.sharing("duty_manager").sees("The case is closed: partners see nothing of it.", "Petra Quill").looks()
    assert not Escalation.objects.exists() or Escalation.objects.filter(level__gte=1).count() == 0
    assert ShownRecord.objects.filter(contact=petra).exists()


@pytest.mark.requirement("R27", "R29", "R30")
def test_late_and_told_level_by_level_and_sharing_that_stops(story: Story, cast: Cast) -> None:
    petra, _ = circle(cast)
    opens_with_a_sign(story)
    story.later(days=3)  # past two working days: the summary and the decision are late
    late = Escalation.objects.filter(level__gte=1).values_list("obligation__title", flat=True)
    assert sorted(title.split(":")[0] for title in late) == [
        "Decide on sharing with partners, and write down why",
        "Put together what each agency knows",
    ]
    story.on_the_case("worker").sees("late").looks("case-late")
    story.later(days=3)  # the weekend, and one working day more
    assert OutboxMessage.objects.filter(to=cast.lead).exists()
    story.later(days=7)
    assert OutboxMessage.objects.filter(to=cast.director).exists()
    reached = Escalation.objects.filter(obligation__title__startswith="Put together").values_list("level", flat=True)
    assert sorted(set(reached)) == sorted(reached), "each level once"
    assert set(reached) >= {1, 2, 3}

    writes_the_summary(story)
    decides(story, "Example Police", "Agreed: it is shared").choose("Was the person told?", "Yes").press("Save")
    shares(story, "Example Police", "Shared risk summary")
    invites(story, petra)
    police = story.comes_in(petra, width=375).follow("P-2207").sees("Two men come on benefit days")
    address = police.page.url

    # An action that the partner owns runs late, and staff hear of it.
    manager = story.on_the_case("duty_manager").follow("Agreed action").choose("What?", "Liaison with police")
    manager.write("In a sentence", "Ring her brother").choose("Who does it?", "A partner")
    manager.choose("Which partner?", "Example Police").give_day("By when?", story.moment + timedelta(hours=4)).press(
        "Save"
    )
    story.later(hours=5)
    action = Escalation.objects.filter(obligation__title__startswith="Do what was agreed")
    assert [one.level for one in action] == [1]
    assert cast.duty_manager in action.get().told.all()

    # She takes her agreement back: the open window shows nothing more from the next click on.
    decides(story, "Example Police", "Sharing stops now", Why_is_it_decided_so="She asked us to stop.").choose(
        "Was the person told?", "Yes"
    ).press("Save").is_told("Written down")
    assert status_of(police.page, address) == 404
    police.open("/partner/").sees("Nothing is shared with you now").looks("partner-nothing")
    story.sharing("duty_manager").sees("It was decided that nothing is shared with them.", "Sharing stops now").looks()
    expect(story.person("duty_manager").page.get_by_role("row").filter(has_text="Petra Quill").first).to_be_visible()
