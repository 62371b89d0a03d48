"""Links that a care record system signs so that its page can hold one checklist about one person.

Pure: the text that is signed, the signature, and what is wrong with a link.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

LINK_LIVES = timedelta(minutes=5)
"""How far ahead a link may say that it expires: it is made when the page that holds it is drawn."""
TICKET_LIVES = timedelta(minutes=30)
"""How long an opened checklist can be saved."""
CALLS_A_MINUTE = 120
"""How many calls an integration may make in a minute; beyond that it is asked to wait."""
SIGNED_AS = "saferpractice-link-1"
"""The version of the way in which links are signed; the first line of what is signed."""
MOST_ORIGINS = 20
LONGEST_REFERENCE = 60
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link says: whom it is about, who opens it, which pathway, until when. ``expires`` is in Unix seconds."""

    integration: str
    person: str
    staff: str
    pathway: str
    expires: int
    nonce: str

    @property
    def text(self) -> str:
        """What is signed: a line for each part, in UTF-8, no line end after the last."""
        parts = (self.integration, self.person, self.staff, self.pathway, str(self.expires), self.nonce)
        return "\n".join((SIGNED_AS, *parts))


def sign(secret: str, link: Link) -> str:
    """HMAC-SHA-256 with the integration's secret as key, in lower-case hex."""
    return hmac.new(secret.encode(), link.text.encode(), hashlib.sha256).hexdigest()


def read_link(integration: str, given: dict[str, str]) -> Link | None:
    """The link of an address's parameters; None when a part is missing, too long, or could be read in two ways."""
    parts = {name: given.get(name, "") for name in ("person", "staff", "pathway", "expires", "nonce")}
    if any(_CONTROL.search(part) or not part.strip() or len(part) > 254 for part in parts.values()):
        return None
    if not re.fullmatch(r"[0-9]{1,12}", parts["expires"]) or not _NONCE.fullmatch(parts["nonce"]):
        return None
    if len(parts["person"]) > LONGEST_REFERENCE:
        return None
    return Link(
        integration=integration,
        person=parts["person"],
        staff=parts["staff"],
        pathway=parts["pathway"],
        expires=int(parts["expires"]),
        nonce=parts["nonce"],
    )


def problem_with(link: Link, signature: str, secret: str, at: datetime) -> str | None:
    """Why a link does not hold at ``at``: "forged", "expired" or "too far ahead"; None when it holds.

    The signature is judged first, so that nothing else is learnt from a forged link.
    """
    if not hmac.compare_digest(sign(secret, link).encode(), signature.encode()):
        return "forged"
    now = at.astimezone(UTC).timestamp()
    if link.expires <= now:
        return "expired"
    if link.expires > now + LINK_LIVES.total_seconds():
        return "too far ahead"
    return None


def origin_of(text: str) -> str:
    """An origin as a browser writes it: scheme, host and perhaps a port, in lower case.

    Raises:
        ValueError: with a sentence that says what to write instead.
    """
    typed = text.strip().rstrip("/").lower()
    try:
        parts = urlsplit(typed)
        port = parts.port
    except ValueError:
        raise ValueError(f"“{text}” is not an address. {_WRITE}") from None
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not _HOST.fullmatch(host):
        raise ValueError(f"“{text}” is not an origin. {_WRITE}")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"“{text}” holds more than an origin. {_WRITE}")
    if parts.scheme == "http" and host not in _OWN_MACHINE:
        raise ValueError(f"“{text}” is not encrypted. Write it with https.")
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


_WRITE = "Write scheme and host only, like https://records.example.org"


def origins_of(text: str) -> list[str]:
    """The origins in a text, one a line, each once, in the order typed.

    Raises:
        ValueError: with a sentence for the first that cannot be used.
    """
    found = list(dict.fromkeys(origin_of(line) for line in text.splitlines() if line.strip()))
    if len(found) > MOST_ORIGINS:
        raise ValueError(f"Enter {MOST_ORIGINS} origins at most")
    return found
