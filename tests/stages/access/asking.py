"""Asking for an address of the table, and reading what came back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.stages.access.scene import taken_back
from tests.stages.access.table import Row, arguments, every_address, of_incidents, of_providers

ADDRESSES = every_address()
OURS = "of the provider"
OF_INCIDENTS = list(of_incidents())
OF_PROVIDERS = list(of_providers())
ROWS = [*OF_INCIDENTS, *OF_PROVIDERS]


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers, and every byte of the page or file."""

    status: int
    heads: Mapping[str, str]
    body: str

    @property
    def text(self) -> str:
        """Everything it says: the page or file, the file's name, where it leads."""
        return "\n".join((*self.heads.values(), self.body))

    def without_its_request(self, address: str) -> str:
        """The page without what differs on every request: nonce, token, keys of forms, and the address asked for."""
        text = re.sub(r'nonce="[^"]*"', "", self.body)
        text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
        text = re.sub(r"\b[0-9a-f]{32}\b", "", text)
        return text.replace(address, "")


def ask(client: Client, method: str, address: str, sent: Mapping[str, Any] | None = None) -> Answer:
    """One request; what a POST did is taken back."""
    if method == "GET":
        response = client.get(address)
    else:
        with taken_back():
            response = client.post(address, sent or {})
    client.cookies.pop("messages", None)  # or the next page would say what this one did
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return Answer(response.status_code, dict(response.headers), body.decode(errors="replace"))


def address_of(row: Row, ids: Mapping[str, Any], *, ghost: bool = False) -> str:
    """The row's address for the record with these ids."""
    kwargs = arguments(row, ADDRESSES[row.name], ids, ghost=ghost)
    return reverse(row.name, kwargs=kwargs) + (f"?{row.query}" if row.query else "")
