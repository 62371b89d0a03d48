"""Speaking to a server outside: to public addresses only, for a few seconds, and no further than was asked.

Where it is comes from a setting; what its name leads to comes from a name server, which may be anybody's. So the name
is resolved once, every address it leads to must be public, and the connection is made to an address that was looked at
and not to the name again. Nothing the other side writes gets into an error: it may say what should not be logged.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

PORTS = {"https": 443, "http": 80}
LONGEST = 500
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.?", re.ASCII)
A_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)
MOST_TRIED = 3
MOST_AROUND = 32_000
"""Bytes of an answer that are not its content: the first line, headers, the lengths of pieces."""

INSIDE_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
        "168.63.129.16/32",  # looks public, and is the host of every machine in Azure
    )
)  # fmt: skip
"""IPv4 that leads inside, or nowhere (IANA special-purpose registry, RFC 6890), and what cloud hosts tell of themselves
to whoever asks."""
PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
INSIDE_6 = tuple(
    ipaddress.IPv6Network(text)
    # Teredo and others of 2001::/23, 6to4, and two for documents. Those that hold an IPv4 address lead where it leads.
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Parts of IPv6's public space that are none. All outside that space is refused: mapped IPv4, NAT64, local ones."""


class BadDestination(ValueError):
    """A destination cannot be used; the message says what it should look like, and does not repeat it."""


class NotDelivered(Exception):
    """What was sent did not arrive, or the answer is of no use. The message is for whoever looks after the system."""


@dataclass(frozen=True, slots=True)
class Destination:
    """An address of a server outside. Its path may hold a secret: only ``shown`` is shown, and ``digest`` kept."""

    scheme: str
    host: str
    target: str

    @classmethod
    def read(cls, text: str, schemes: tuple[str, ...] = ("https",)) -> Destination:
        """A destination from its text, such as "https://example.org/heads".

        Raises:
            BadDestination: it is none, or could lead elsewhere than it seems.
        """
        allowed = " or ".join(f"{scheme}://" for scheme in schemes)
        if not text or len(text) > LONGEST or not all("!" <= letter <= "~" for letter in text) or "\\" in text:
            raise BadDestination(f"is not an address: write {allowed} and a name, in ASCII and without spaces")
        try:
            parts = urlsplit(text)
            scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise BadDestination(f"is not an address: write {allowed} and a name") from error
        if scheme not in schemes:
            raise BadDestination(f"must begin with {allowed}")
        if "@" in parts.netloc:
            raise BadDestination("must hold no user and password")
        if "#" in text:
            raise BadDestination("must hold no #")
        if port not in {None, PORTS[scheme]} or parts.netloc.endswith(":"):
            raise BadDestination(f"must name no other port than {PORTS[scheme]}")
        _must_be_a_host(host)
        return cls(scheme, host, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))

    @property
    def port(self) -> int:
        """The one of its scheme: no other is spoken to."""
        return PORTS[self.scheme]

    @property
    def authority(self) -> str:
        """The host as it stands in an address."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def shown(self) -> str:
        """What may be shown and logged of it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, lower-case hex: what is kept of where a message goes."""
        return hashlib.sha256(f"{self.shown}{self.target}".encode()).hexdigest()


def destinations_of(setting: str, text: str, schemes: tuple[str, ...] = ("https",)) -> tuple[Destination, ...]:
    """The destinations that a setting names, each once, with commas between them.

    Raises:
        BadDestination: one of them cannot be used; the message names the setting, and which, and not what it says.
    """
    found = []
    for place, one in enumerate(filter(None, (part.strip() for part in text.split(","))), start=1):
        try:
            found.append(Destination.read(one, schemes))
        except BadDestination as error:
            raise BadDestination(f"{setting}: address {place} {error}.") from error
    return tuple(dict.fromkeys(found))


def _must_be_a_host(host: str) -> None:
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        literal = ""
    if literal:
        if not is_public(literal):
            raise BadDestination("must lead outside, and its address is one of an inner network")
        return
    last = host.rstrip(".").rpartition(".")[2]
    if not NAME.fullmatch(host) or A_NUMBER.fullmatch(last):
        raise BadDestination("must have a name such as example.org, in a-z, 0-9, - and dots")
    if last == "localhost":
        raise BadDestination("must lead outside, and its name is this computer's own")


def is_public(text: str) -> bool:
    """Whether an IP address leads to the internet: to no inner network, to no cloud's own services, to no many."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in INSIDE_4)
    return address in PUBLIC_6 and not any(address in network for network in INSIDE_6)


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def _connect(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How the outside is reached: by the name server, the sockets and the trusted certificates of this computer."""

    resolve: Callable[[str, int], list[str]] = _resolve
    connect: Callable[[str, int, float], socket.socket] = _connect
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    now: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Limits:
    """How long all of it may take, in seconds, and how many bytes of what is answered are read; more is refused.

    With no bytes, only whether it was taken is read.
    """

    seconds: float = 10.0
    answer: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent: the content, what kind it is, and further headers."""

    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


def post(to: Destination, sent: Sent, limits: Limits | None = None, network: Network | None = None) -> bytes:
    """Send by POST and return the answer. No redirect is followed, no cookie kept, no proxy asked.

    Raises:
        NotDelivered: it was not taken, or the answer is too long; the message says why.
    """
    limits, network = limits or Limits(), network or Network()
    until = network.now() + limits.seconds
    with _told(to, limits):
        line = _Line(_open(to, until, network), until, network.now, limits.answer + MOST_AROUND)
        asked = http.client.HTTPConnection(to.authority, to.port)
        asked.sock = cast(Any, line)
        try:
            headers = {"Host": to.authority, "Content-Type": sent.kind, "User-Agent": "saferpractice", **sent.headers}
            asked.request("POST", to.target, sent.body, headers)
            answer = asked.getresponse()
            _must_be_taken(answer.status)
            return _read(answer, limits.answer) if limits.answer else b""
        finally:
            asked.close()
            line.close()


@contextmanager
def _told(to: Destination, limits: Limits) -> Iterator[None]:
    """Every way in which it can fail, as a sentence of ours."""
    slow = f"{to.shown} did not answer within {limits.seconds:g} seconds."
    try:
        yield
    except (TimeoutError, _Late) as error:
        raise NotDelivered(slow) from error
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered(f"{to.shown} has no certificate that is trusted here.") from error
    except ssl.SSLError as error:
        raise NotDelivered(f"{to.shown} does not speak TLS as it should.") from error
    except _Refused as error:
        raise NotDelivered(f"{to.shown} {error}") from error
    except http.client.HTTPException as error:
        raise NotDelivered(f"{to.shown} does not answer as a web server does.") from error
    except OSError as error:
        raise NotDelivered(f"{to.shown} cannot be reached, or broke off.") from error


class _Refused(Exception):
    """Continues the sentence that begins with the destination."""


class _Late(Exception):
    """The time is over."""


def _open(to: Destination, until: float, network: Network) -> socket.socket:
    """A connection to an address that was looked at."""
    try:
        addresses = network.resolve(to.host, to.port)
    except (socket.gaierror, UnicodeError) as error:
        raise _Refused("is a name that is not known.") from error
    if not addresses or not all(is_public(address) for address in addresses):
        raise _Refused("leads into an inner network, so nothing was sent there.")
    raw = _first(addresses[:MOST_TRIED], to.port, until, network)
    if to.scheme == "http":
        return raw
    try:
        raw.settimeout(_left(until, network.now))
        return network.tls().wrap_socket(raw, server_hostname=to.host)
    except BaseException:
        raw.close()
        raise


def _first(addresses: list[str], port: int, until: float, network: Network) -> socket.socket:
    """The first that answers."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return network.connect(address, port, _left(until, network.now) / 2)
    return network.connect(addresses[-1], port, _left(until, network.now))


def _left(until: float, now: Callable[[], float]) -> float:
    left = until - now()
    if left <= 0:
        raise _Late
    return left


class _Line:
    """A connection on which everything together takes no longer, and brings no more, than allowed.

    What ``http.client`` needs of a socket. A socket's own time limit begins anew with each byte.
    """

    def __init__(self, raw: socket.socket, until: float, now: Callable[[], float], most: int) -> None:
        self.raw = raw
        self.until = until
        self.now = now
        self.most = most

    def sendall(self, content: bytes) -> None:
        self.raw.settimeout(_left(self.until, self.now))
        self.raw.sendall(content)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self))

    def receive(self, buffer: Any) -> int:
        self.raw.settimeout(_left(self.until, self.now))
        read = self.raw.recv_into(buffer)
        self.most -= read
        if self.most < 0:
            raise _Refused("answered more than is read.")
        return read

    def close(self) -> None:
        self.raw.close()


class _Bounded(io.RawIOBase):
    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.line.receive(buffer)


def _must_be_taken(status: int) -> None:
    if 300 <= status < 400:
        raise _Refused(f"answered {status}: it sends on to another address, and that is not followed.")
    if not 200 <= status < 300:
        raise _Refused(f"answered {status}.")


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    content = answer.read(most + 1)
    if len(content) > most:
        raise _Refused("answered more than is read.")
    return content
