"""A person at the pages: signed in, and the words of what they get back."""

from __future__ import annotations

import html
import re

from django.http import HttpResponse
from django.test import Client

from saferpractice.access.models import Person


def signed_in(person: Person) -> Client:
    """A browser in which ``person`` has signed in."""
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    """The page's text with its markup, entities read and white space run together."""
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))
