"""The link with which somebody sets their password, sent by e-mail. Nobody else ever knows the password."""

from __future__ import annotations

import structlog
from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest

from saferpractice.access.models import Person

log = structlog.get_logger()


def send_password_link(request: HttpRequest, person: Person) -> bool:
    """Send ``person`` the link; whether it could be handed to the mail server.

    The link works once, and for as long as ``PASSWORD_RESET_TIMEOUT`` says.
    """
    adapter = get_adapter(request)
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    context = {
        "user": person,
        "password_reset_url": adapter.get_reset_password_from_key_url(key),
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        "request": request,
    }
    try:
        adapter.send_mail("account/email/set_password", person.email, context)
    except OSError as problem:
        log.warning("the link to set a password could not be sent", problem=str(problem))
        return False
    return True
