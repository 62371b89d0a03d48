"""How a contact comes in: by a link that works once, a code in the same browser, and nothing told to anybody else."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.deadlines.models import OutboxMessage
from saferpractice.partners import operations
from saferpractice.partners.models import Contact, PartnerInvitation, PartnerSession, SignInCode
from saferpractice.partners.operations.inviting import hash_of
from saferpractice.partners.rules import CODE_LASTS, CODES_AN_HOUR, LINK_LASTS, TRIES
from saferpractice.partners.views.entering import DOOR
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.models import TrailEntry
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.partners import (
    a_contact,
    an_agency,
    an_open_circle,
    browser_of,
    code_in,
    come_in_by,
    invited,
    mailed,
)
from tests.factories.pathways import hours
from tests.factories.web import signed_in, words
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R27")
Circle = tuple[PathwayCase, Contact, PartnerInvitation, str]


@pytest.fixture
def circle(cast: Cast, the_clock: TestClock) -> Circle:
    """A case, a contact, their invitation and the token of its link, at three hours after NOW."""
    the_clock.stand_at(hours(3))
    case, _, contact = an_open_circle(cast)
    return case, contact, *invited(case, contact, by=cast.lead)


def asked(contact: Contact, token: str, hour: float = 3) -> tuple[UUID, str]:
    """The browser's key and the code, for a link that works."""
    key = operations.ask_for_code(by=DOOR, at=hours(hour), token=token)
    return key, code_in(mailed(contact, "code")[0])


def enter(key: UUID, code: str, hour: float = 3.1) -> PartnerSession | None:
    return operations.come_in(by=DOOR, at=hours(hour), key=key, code=code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


class TestLink:
    def test_it_is_kept_by_its_hash_only(self, circle: Circle) -> None:
        _, _, invitation, token = circle
        assert invitation.token_hash == hash_of(token)
        assert token not in str(PartnerInvitation.objects.values_list())
        assert len(token) >= 43, "256 bits"

    def test_looking_at_it_does_nothing(self, circle: Circle) -> None:
        _, _, invitation, token = circle
        for _ in range(3):
            assert Client().get(reverse("partner:invitation", args=[token])).status_code == 200
        invitation.refresh_from_db()
        assert invitation.used_at is None
        assert not SignInCode.objects.exists()

    def test_it_lets_in_once(self, circle: Circle) -> None:
        _, contact, invitation, token = circle
        assert come_in_by(token, contact, hours(3)) is not None
        invitation.refresh_from_db()
        assert invitation.used_at == hours(3)
        operations.ask_for_code(by=DOOR, at=hours(4), token=token)
        assert SignInCode.objects.count() == 1, "replayed, it sends no second code"

    def test_two_browsers_with_codes_of_one_link_and_the_second_stays_out(self, circle: Circle) -> None:
        _, contact, _, token = circle
        pairs = [asked(contact, token, 3), asked(contact, token, 3.01)]
        assert [enter(*pair) is not None for pair in pairs] == [True, False]
        assert PartnerSession.objects.count() == 1

    @pytest.mark.parametrize(("early", "sent"), [(timedelta(seconds=1), 1), (timedelta(0), 0)])
    def test_it_runs_out(self, circle: Circle, early: timedelta, sent: int) -> None:
        _, _, _, token = circle
        operations.ask_for_code(by=DOOR, at=hours(3) + LINK_LASTS - early, token=token)
        assert SignInCode.objects.count() == sent

    def test_a_new_one_ends_the_one_before(self, circle: Circle, cast: Cast) -> None:
        case, contact, _, first = circle
        _, second = invited(case, contact, by=cast.lead, hour=4)
        assert come_in_by(first, contact, hours(4)) is None
        assert come_in_by(second, contact, hours(4)) is not None

    def test_an_ended_one_lets_nobody_in_even_with_its_code(self, circle: Circle, cast: Cast) -> None:
        _, contact, invitation, token = circle
        pair = asked(contact, token)
        operations.end_invitation(by=cast.lead, at=hours(3.05), invitation=invitation)
        assert enter(*pair) is None

    def test_so_does_an_ended_contact(self, circle: Circle, cast: Cast) -> None:
        _, contact, _, token = circle
        pair = asked(contact, token)
        operations.end_contact(by=cast.lead, at=hours(3.05), contact=contact)
        assert enter(*pair) is None


class TestNothingIsTold:
    """Unknown, ended, used and run out, and an address that nobody has: the same page, the same work, nothing sent."""

    @pytest.fixture
    def bad(self, circle: Circle, cast: Cast) -> dict[str, str]:
        case, contact, _, used = circle
        come_in_by(used, contact, hours(3))
        others = [a_contact(contact.agency, name) for name in ("Odell Marsh", "Bree Lund")]
        late, late_token = invited(case, others[0], by=cast.lead)
        ended, ended_token = invited(case, others[1], by=cast.lead)
        operations.end_invitation(by=cast.lead, at=hours(3), invitation=ended)
        assert late.expires_at == hours(3) + LINK_LASTS
        return {"unknown": "x" * 43, "used": used, "run out": late_token, "ended": ended_token, "odd": "a%00é"}

    def test_links(self, bad: dict[str, str], the_clock: TestClock) -> None:
        the_clock.stand_at(hours(3) + LINK_LASTS)
        before = (SignInCode.objects.count(), OutboxMessage.objects.count(), TrailEntry.objects.count())
        pages, work = set(), set()
        for token in bad.values():
            client = Client()
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.post(reverse("partner:invitation", args=[token]))
            work.add(len([one for one in queries if "partner" in one["sql"]]))
            text = words(client.get(reverse("partner:code")))
            pages.add(re.sub(r'nonce="[^"]*"|value="[^"]*"', "", text))
        assert len(pages) == 1
        assert work == {1}, "one look for each, whatever is wrong with it"
        assert (SignInCode.objects.count(), OutboxMessage.objects.count(), TrailEntry.objects.count()) == before

    def test_a_good_link_shows_the_same_page(self, circle: Circle) -> None:
        good, unknown = Client(), Client()
        for client, token in ((good, circle[3]), (unknown, "x" * 43)):
            answer = client.post(reverse("partner:invitation", args=[token]))
            assert answer.headers["Location"] == reverse("partner:code")
        texts = {
            re.sub(r'nonce="[^"]*"|value="[^"]*"', "", words(client.get(reverse("partner:code"))))
            for client in (good, unknown)
        }
        assert len(texts) == 1

    @pytest.mark.parametrize("email", ["nobody@partner.example", "lead@example.org", "petra", "' or 1=1 --@x.example"])
    def test_addresses(self, circle: Circle, email: str) -> None:
        answer = Client().post(reverse("partner:sign_in"), {"email": email})
        assert answer.status_code == (302 if "@" in email and " " not in email else 200)
        assert not SignInCode.objects.exists()

    def test_somebody_invited_who_never_came_in_uses_the_link(self, circle: Circle) -> None:
        _, contact, _, _ = circle
        operations.ask_for_code_again(by=DOOR, at=hours(4), email=contact.email)
        assert not SignInCode.objects.exists()


class TestCode:
    def test_it_lets_in_once(self, circle: Circle) -> None:
        _, contact, _, token = circle
        pair = asked(contact, token)
        assert enter(*pair) is not None
        assert enter(*pair) is None

    def test_it_is_kept_by_a_keyed_hash_only(self, circle: Circle) -> None:
        _, contact, _, token = circle
        _, code = asked(contact, token)
        assert SignInCode.objects.get().code_hash != hashlib.sha256(code.encode()).hexdigest()
        assert all(code not in message.body for message in OutboxMessage.objects.filter(address=contact.email))

    @pytest.mark.parametrize("typed", ["{0} ", " {0}", "{1} {2}"])
    def test_spaces_do_not_matter(self, circle: Circle, typed: str) -> None:
        _, contact, _, token = circle
        key, code = asked(contact, token)
        assert enter(key, typed.format(code, code[:3], code[3:])) is not None

    @pytest.mark.parametrize("typed", ["", "000", "x" * 20_000, "¼½¾", "٣٣٣٣٣٣", "\x00"])
    def test_odd_ones_are_wrong_ones(self, circle: Circle, typed: str) -> None:
        _, contact, _, token = circle
        key, _ = asked(contact, token)
        assert enter(key, typed) is None
        assert SignInCode.objects.get().tries == 1

    def test_after_a_few_wrong_tries_the_right_one_is_worth_nothing(self, circle: Circle) -> None:
        _, contact, _, token = circle
        key, code = asked(contact, token)
        for _ in range(TRIES - 1):
            assert enter(key, wrong(code)) is None
        assert SignInCode.objects.get().tries == TRIES - 1
        enter(key, wrong(code))
        assert enter(key, code) is None
        assert TrailEntry.objects.filter(sentence__contains="the code was wrong").count() == TRIES

    def test_one_try_before_that_it_still_lets_in(self, circle: Circle) -> None:
        _, contact, _, token = circle
        key, code = asked(contact, token)
        for _ in range(TRIES - 1):
            enter(key, wrong(code))
        assert enter(key, code) is not None

    @pytest.mark.parametrize(("early", "inside"), [(timedelta(seconds=1), True), (timedelta(0), False)])
    def test_it_runs_out(self, circle: Circle, early: timedelta, inside: bool) -> None:
        _, contact, _, token = circle
        key, code = asked(contact, token)
        at = hours(3) + CODE_LASTS - early
        assert (operations.come_in(by=DOOR, at=at, key=key, code=code) is not None) is inside

    def test_only_in_the_browser_that_asked(self, circle: Circle) -> None:
        _, contact, _, token = circle
        _, code = asked(contact, token)
        assert enter(uuid4(), code) is None
        stranger = Client()
        assert stranger.post(reverse("partner:code"), {"code": code}).status_code == 200
        assert not PartnerSession.objects.exists()

    def test_so_many_in_an_hour_and_no_more(self, circle: Circle) -> None:
        token = circle[3]
        for number in range(CODES_AN_HOUR + 3):
            operations.ask_for_code(by=DOOR, at=hours(3 + number / 100), token=token)
        assert SignInCode.objects.count() == CODES_AN_HOUR
        operations.ask_for_code(by=DOOR, at=hours(4.5), token=token)
        assert SignInCode.objects.count() == CODES_AN_HOUR + 1


class TestPages:
    def test_the_whole_way_in_and_out(self, circle: Circle, the_clock: TestClock) -> None:
        case, contact, _, token = circle
        client = Client()
        client.post(reverse("partner:invitation", args=[token]), follow=True)
        code = code_in(mailed(contact, "code")[0])
        assert "does not let you in" in words(client.post(reverse("partner:code"), {"code": wrong(code)}))
        before = client.session.session_key
        answer = client.post(reverse("partner:code"), {"code": code})
        assert answer.headers["Location"] == reverse("partner:home")
        assert client.session.session_key != before, "a fresh key: whoever knew the old one is not in"
        assert case.person_supported.reference in words(client.get(reverse("partner:home")))
        client.post(reverse("partner:sign_out"))
        assert client.get(reverse("partner:home")).status_code == 302
        assert TrailEntry.objects.filter(sentence__startswith="let Petra Quill of Example Police").count() == 2

    def test_coming_back_by_the_address(self, circle: Circle, the_clock: TestClock) -> None:
        _, contact, _, token = circle
        come_in_by(token, contact, hours(3))
        the_clock.stand_at(hours(30))
        client = Client()
        client.post(reverse("partner:sign_in"), {"email": contact.email.upper()})
        code = code_in(mailed(contact, "code")[0])
        assert client.post(reverse("partner:code"), {"code": code}).status_code == 302
        assert "P-1042" in words(client.get(reverse("partner:home")))

    def test_an_address_whose_invitations_ended_gets_no_code(self, circle: Circle, cast: Cast) -> None:
        _, contact, invitation, token = circle
        come_in_by(token, contact, hours(3))
        operations.end_invitation(by=cast.lead, at=hours(4), invitation=invitation)
        operations.ask_for_code_again(by=DOOR, at=hours(5), email=contact.email)
        assert SignInCode.objects.count() == 1

    def test_of_two_providers_with_one_contact_either_lets_in(self, circle: Circle, cast: Cast) -> None:
        """The same person may be known to two providers; the code is for one of them and shows only that one's."""
        _, contact, _, token = circle
        theirs = operations.add_contact(
            by=DOOR, at=hours(1), name="Petra Quill", email=contact.email,
            agency=an_agency(cast, of=cast.stranger.provider),
        )  # fmt: skip
        session = come_in_by(token, contact, hours(3))
        assert session is not None
        assert session.contact == contact != theirs

    def test_whoever_of_staff_was_signed_in_is_signed_out(self, circle: Circle, cast: Cast) -> None:
        client = signed_in(cast.lead)
        client.post(reverse("partner:invitation", args=[circle[3]]))
        assert client.get(reverse("home:my_work")).headers["Location"].startswith(reverse("account_login"))

    def test_signing_out_when_not_in_does_nothing(self, circle: Circle) -> None:
        assert Client().post(reverse("partner:sign_out")).headers["Location"] == reverse("partner:sign_in")
        assert browser_of(None).get(reverse("partner:sign_out")).status_code == 405

    @pytest.mark.parametrize("name", ["invitation", "sign_in", "code", "sign_out"])
    def test_no_form_is_taken_without_its_token(self, circle: Circle, name: str) -> None:
        args: list[Any] = [circle[3]] if name == "invitation" else []
        client = Client(enforce_csrf_checks=True)
        answer = client.post(reverse(f"partner:{name}", args=args), {"email": "a@b.example", "code": "1"})
        assert answer.status_code == 403
        assert not SignInCode.objects.exists()


def test_ten_browsers_at_one_moment_and_one_is_let_in(fresh_database: Database) -> None:
    cast = build_cast()
    case, _, contact = an_open_circle(cast)
    _, token = invited(case, contact, by=cast.lead)
    pairs = [asked(contact, token, 3 + number / 100) for number in range(CODES_AN_HOUR)]

    def comes(pair: tuple[UUID, str]) -> bool:
        try:
            return enter(*pair) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(comes, pairs * 2)) == 1
    assert PartnerSession.objects.count() == 1
