"""Mail to somebody who is nobody here: encrypted while it waits, gone from the database once it is sent."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from saferpractice.config.encryption import CannotDecrypt
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.jobs import sweeps
from saferpractice.trail.operations import NotInOperation
from tests.factories.partners import a_contact, an_agency, an_open_circle, invited, link_in
from tests.factories.pathways import hours
from tests.personas import NOW, Cast
from tests.stages.deadlines.test_outbox import Server

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27", "R35")]


def waiting_link(cast: Cast) -> tuple[OutboxMessage, str]:
    """An invitation's mail that waits, and the secret in it."""
    case, _, contact = an_open_circle(cast)
    _, token = invited(case, contact, by=cast.duty_manager)
    return OutboxMessage.objects.get(address=contact.email), token


def sent(at: float = 4, server: Server | None = None) -> list[EmailMessage]:
    server = server or Server()
    sweeps.send_mail(hours(at), send=server)
    return server.taken


def test_while_it_waits_the_database_holds_no_secret(cast: Cast) -> None:
    message, token = waiting_link(cast)
    stored = "\n".join(str(value) for row in OutboxMessage.objects.values_list() for value in row)
    assert token not in stored
    assert "/partner/invitation/" not in message.body
    assert message.to is None


def test_sent_it_says_everything_to_its_address_and_nothing_is_kept(cast: Cast) -> None:
    message, token = waiting_link(cast)
    mails = [mail for mail in sent() if mail.to == [message.address]]
    assert len(mails) == 1
    assert link_in(str(mails[0].body)) == token
    message.refresh_from_db()
    assert (message.body, message.sent_at) == ("", hours(4))
    assert sent(5) == []


def test_refused_by_the_server_it_is_tried_again_under_the_same_id_and_stays_whole(cast: Cast) -> None:
    message, token = waiting_link(cast)
    server = Server(refuses=99)
    sent(4, server)
    message.refresh_from_db()
    assert message.sent_at is None
    assert message.body, "still there to be sent"
    again = Server()
    sent(6, again)
    mail = next(mail for mail in again.taken if mail.to == [message.address])
    assert mail.extra_headers["Message-ID"] in server.tried
    assert link_in(str(mail.body)) == token


def test_each_goes_by_itself(cast: Cast) -> None:
    """People get one mail for all that waits; a link and a code are never put together, nor cut to their subject."""
    case, agency, contact = an_open_circle(cast)
    other = a_contact(agency, "Odell Marsh")
    for who in (contact, other):
        invited(case, who, by=cast.duty_manager)
    invited(case, contact, by=cast.duty_manager, hour=3.5)
    to = sorted(mail.to[0] for mail in sent() if mail.to[0].endswith("partner.example"))
    assert to == sorted([contact.email, contact.email, other.email])


def test_moved_to_another_row_it_cannot_be_read(cast: Cast) -> None:
    message, _ = waiting_link(cast)
    OutboxMessage.objects.filter(pk=message.pk).update(key="another")
    assert sent() == []
    message.refresh_from_db()
    assert message.sent_at is None
    assert CannotDecrypt.__name__ in message.last_error


def test_it_belongs_to_an_operation(cast: Cast) -> None:
    with pytest.raises(NotInOperation):
        ledger.tell_address(
            provider_id=cast.provider.pk, address="a@partner.example", key="k", subject="s", body="b", at=NOW
        )


@pytest.mark.parametrize(("person", "address"), [(True, "a@partner.example"), (False, "")])
def test_a_message_has_one_reader(cast: Cast, person: bool, address: str) -> None:
    to = cast.lead if person else None
    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.create(
            provider=cast.provider, key="k", to=to, address=address, subject="s", body="b", created_at=NOW,
            send_after=NOW,
        )  # fmt: skip


def test_no_mail_to_a_partner_says_of_whom_or_of_what(cast: Cast) -> None:
    case, agency, contact = an_open_circle(cast)
    invited(case, contact, by=cast.duty_manager)
    an_agency(cast, "Example Housing", "housing")
    said = "\n".join(f"{mail.subject}\n{mail.body}" for mail in sent() if mail.to == [contact.email])
    assert agency.name in said
    for word in ("P-1042", "xploitation", "coercion", "Housing", case.team.name, str(case.pk)):
        assert word not in said
