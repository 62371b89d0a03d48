"""Servers outside that are none: what speaks to them gets answers made here, and what it asked is kept.

``Servers().network`` takes the place of the name server, the sockets and TLS of this computer; nothing leaves it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from saferpractice.config.outgoing import Network

PUBLIC = "93.184.215.14"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def answered(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """An answer as a web server writes it."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    host: str
    first: str
    headers: dict[str, str]
    body: bytes


class _Connection:
    """What ``outgoing`` needs of a socket: the answer is made of what was sent, when it is first read."""

    def __init__(self, host: str, servers: Servers) -> None:
        self.host, self.servers = host, servers
        self.sent = b""
        self.answer: bytes | None = None

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def sendall(self, content: bytes) -> None:
        self.sent += content

    def recv_into(self, buffer: Any) -> int:
        if self.answer is None:
            self.answer = self.servers._answer(self.host, self.sent)
        piece, self.answer = self.answer[: len(buffer)], self.answer[len(buffer) :]
        buffer[: len(piece)] = piece
        self.servers.read += len(piece)
        return len(piece)

    def close(self) -> None:
        self.servers.closed += 1


@dataclass
class Servers:
    """What answers. ``says`` makes the answer, or is an error to raise; ``leads_to`` is the name server."""

    says: Callable[[Asked], bytes] | bytes | Exception = OK
    leads_to: list[str] = field(default_factory=lambda: [PUBLIC])
    asked: list[Asked] = field(default_factory=list)
    looked_up: list[tuple[str, int]] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    unreachable: set[str] = field(default_factory=set)
    encrypted: list[str] = field(default_factory=list)
    read: int = 0
    closed: int = 0

    @property
    def network(self) -> Network:
        return Network(resolve=self._resolve, connect=self._connect, tls=lambda: self, now=lambda: 0.0)  # type: ignore[arg-type, return-value]

    def _resolve(self, host: str, port: int) -> list[str]:
        self.looked_up.append((host, port))
        if not self.leads_to:
            raise socket.gaierror("unknown")
        return self.leads_to

    def _connect(self, address: str, port: int, seconds: float) -> Any:
        self.connected.append((address, port))
        if address in self.unreachable:
            raise ConnectionRefusedError
        return _Connection("", self)

    def wrap_socket(self, raw: _Connection, server_hostname: str) -> _Connection:
        self.encrypted.append(server_hostname)
        return raw

    def _answer(self, host: str, sent: bytes) -> bytes:
        head, _, body = sent.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        asked = Asked(headers["Host"], first, headers, body)
        self.asked.append(asked)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says if isinstance(self.says, bytes) else self.says(asked)
