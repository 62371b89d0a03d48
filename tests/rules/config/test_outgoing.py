"""What is sent outside goes to public addresses only, takes seconds, and reads no more than was asked."""

from __future__ import annotations

import ipaddress
import itertools
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.config.outgoing import (
    BadDestination,
    Destination,
    Limits,
    Network,
    NotDelivered,
    Sent,
    destinations_of,
    is_public,
    post,
)
from tests.factories.authority import certified
from tests.factories.servers import OK, PUBLIC, Servers, answered

pytestmark = pytest.mark.requirement("R34")
THERE = Destination.read("https://heads.example.org/in?key=s3cret")
NOTE = Sent(b"a head", "application/json")


class TestDestinations:
    @pytest.mark.parametrize(
        ("text", "shown", "port", "target"),
        [
            ("https://example.org", "https://example.org", 443, "/"),
            ("https://example.org:443/a", "https://example.org", 443, "/a"),
            ("HTTPS://Example.ORG/A?b=C%2C", "https://example.org", 443, "/A?b=C%2C"),
            ("https://example.org./x", "https://example.org.", 443, "/x"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", 443, "/"),
            ("https://93.184.215.14/x", "https://93.184.215.14", 443, "/x"),
            ("https://[2606:2800:21f:cb07::1]/x", "https://[2606:2800:21f:cb07::1]", 443, "/x"),
            ("http://stamps.example.org:80/tsr", "http://stamps.example.org", 80, "/tsr"),
        ],
    )
    def test_that_are_taken(self, text: str, shown: str, port: int, target: str) -> None:
        found = Destination.read(text, ("https", "http"))
        assert (found.shown, found.port, found.target) == (shown, port, target)

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("", "is not an address"),
            ("example.org", "must begin with https://"),
            ("//example.org/", "must begin with https://"),
            ("http://example.org/", "must begin with https://"),
            ("file:///etc/passwd", "must begin with https://"),
            ("gopher://example.org/", "must begin with https://"),
            ("https:///x", "must have a name"),
            ("https://auditor:secret@example.org/", "no user and password"),
            ("https://example.org@10.0.0.1/", "no user and password"),
            ("https://@example.org/", "no user and password"),
            ("https://example.org:8443/", "no other port than 443"),
            ("https://example.org:0/", "no other port than 443"),
            ("https://example.org:80/", "no other port than 443"),
            ("https://example.org:/", "no other port than 443"),
            ("https://example.org:22x/", "is not an address"),
            ("https://example.org:99999/", "is not an address"),
            ("https://example.org/#part", "no #"),
            ("https://example.org/a b", "is not an address"),
            ("https://exa\tmple.org/", "is not an address"),
            ("https://example.org/\r\nHost:evil", "is not an address"),
            ("https://example.org\\@10.0.0.1/", "is not an address"),
            ("https://bücher.example/", "is not an address"),
            ("https://[::1", "is not an address"),
            ("https://example..org/", "must have a name"),
            ("https://-example.org/", "must have a name"),
            ("https://exa_mple.org/", "must have a name"),
            ("https://%31%30.0.0.1/", "must have a name"),
            ("https://2130706433/", "must have a name"),
            ("https://0x7f000001/", "must have a name"),
            ("https://127.1/", "must have a name"),
            ("https://0177.0.0.01/", "must have a name"),
            ("https://0x7f.0.0.1/", "must have a name"),
            ("https://127.0.0.1./", "must have a name"),
            ("https://localhost/", "this computer's own"),
            ("https://heads.localhost./", "this computer's own"),
            ("https://127.0.0.1/", "an inner network"),
            ("https://10.1.2.3/", "an inner network"),
            ("https://169.254.169.254/latest/meta-data", "an inner network"),
            ("https://[::1]/", "an inner network"),
            ("https://[::ffff:10.0.0.1]/", "an inner network"),
            ("https://[fe80::1%25eth0]/", "inner network"),
            ("https://" + "a" * 60 + ".example/" + "x" * 500, "is not an address"),
        ],
    )
    def test_that_are_refused(self, text: str, why: str) -> None:
        with pytest.raises(BadDestination, match=why):
            Destination.read(text)

    def test_what_may_be_a_secret_is_not_shown(self) -> None:
        assert THERE.shown == "https://heads.example.org"
        with pytest.raises(BadDestination) as refused:
            Destination.read("https://example.org:8443/s3cret")
        assert "s3cret" not in str(refused.value)

    def test_each_has_a_digest_of_its_own(self) -> None:
        texts = [f"https://{host}/{path}" for host in ("a.example", "b.example") for path in ("x", "y", "x?y")]
        assert len({Destination.read(text).digest for text in texts}) == len(texts)
        assert Destination.read("https://A.example:443/x").digest == Destination.read("https://a.example/x").digest

    def test_a_setting_names_several(self) -> None:
        text = " https://a.example/x, https://b.example ,,https://a.example/x"
        assert [one.shown for one in destinations_of("X", text)] == ["https://a.example", "https://b.example"]
        assert destinations_of("X", " , ") == ()

    def test_a_wrong_setting_is_named_and_not_repeated(self) -> None:
        with pytest.raises(BadDestination, match=r"^X: address 2 must name no other port than 443\.$"):
            destinations_of("X", "https://a.example,https://b.example:8080/s3cret")


class TestPublicAddresses:
    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("93.184.215.14", True),
            ("8.8.8.8", True),
            ("9.255.255.255", True),
            ("10.0.0.0", False),
            ("10.255.255.255", False),
            ("11.0.0.0", True),
            ("0.0.0.0", False),
            ("100.63.255.255", True),
            ("100.64.0.1", False),
            ("100.100.100.200", False),
            ("100.128.0.0", True),
            ("127.0.0.1", False),
            ("127.255.255.254", False),
            ("168.63.129.16", False),
            ("168.63.129.17", True),
            ("169.254.169.254", False),
            ("172.15.255.255", True),
            ("172.16.0.1", False),
            ("172.31.255.255", False),
            ("172.32.0.0", True),
            ("192.0.0.192", False),
            ("192.0.2.1", False),
            ("192.88.99.1", False),
            ("192.167.255.255", True),
            ("192.168.0.1", False),
            ("198.18.0.1", False),
            ("198.51.100.1", False),
            ("203.0.113.1", False),
            ("223.255.255.255", True),
            ("224.0.0.1", False),
            ("240.0.0.1", False),
            ("255.255.255.255", False),
            ("2606:2800:21f:cb07::1", True),
            ("::", False),
            ("::1", False),
            ("::8.8.8.8", False),
            ("::ffff:127.0.0.1", False),
            ("::ffff:8.8.8.8", False),
            ("64:ff9b::7f00:1", False),
            ("100::1", False),
            ("2001::1", False),
            ("2001:db8::1", False),
            ("2002:7f00:1::", False),
            ("3fff::1", False),
            ("fc00::1", False),
            ("fd00:ec2::254", False),
            ("fe80::1", False),
            ("fe80::1%eth0", False),
            ("fec0::1", False),
            ("ff02::1", False),
            ("example.org", False),
            ("", False),
            ("127.1", False),
        ],
    )
    def test_which_they_are(self, address: str, public: bool) -> None:
        assert is_public(address) is public

    @given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
    def test_none_that_the_registries_call_special(self, address: ipaddress.IPv4Address) -> None:
        if is_public(str(address)):
            assert address.is_global
            assert not (address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local)

    @given(st.ip_addresses(v=4))
    def test_no_ipv4_hidden_in_an_ipv6(self, address: ipaddress.IPv4Address) -> None:
        for before in ("::", "::ffff:", "64:ff9b::"):
            assert not is_public(f"{before}{address}")
        assert not is_public(f"2002:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}::1")


class TestWhereItConnects:
    def test_to_the_address_that_was_looked_at_and_by_its_name(self) -> None:
        servers = Servers()
        post(THERE, NOTE, network=servers.network)
        assert servers.looked_up == [("heads.example.org", 443)]
        assert servers.connected == [(PUBLIC, 443)]
        assert servers.encrypted == ["heads.example.org"]
        (asked,) = servers.asked
        assert (asked.first, asked.host, asked.body) == ("POST /in?key=s3cret HTTP/1.1", "heads.example.org", b"a head")

    @pytest.mark.parametrize(
        "leads_to",
        [
            ["127.0.0.1"],
            ["10.0.0.1"],
            ["169.254.169.254"],
            ["::1"],
            ["::ffff:10.0.0.1"],
            ["fe80::1%eth0"],
            [PUBLIC, "10.0.0.1"],
            ["10.0.0.1", PUBLIC],
            ["2606:2800:21f:cb07::1", "fd00::1"],
        ],
    )
    def test_nowhere_where_the_name_leads_inside(self, leads_to: list[str]) -> None:
        servers = Servers(leads_to=leads_to)
        with pytest.raises(NotDelivered, match="leads into an inner network"):
            post(THERE, NOTE, network=servers.network)
        assert (servers.connected, servers.asked) == ([], [])

    def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing(self) -> None:
        servers, answers = Servers(), iter([[PUBLIC], ["127.0.0.1"]])
        real = servers.network
        post(THERE, NOTE, network=Network(lambda _host, _port: next(answers), real.connect, real.tls, real.now))
        assert servers.connected == [(PUBLIC, 443)]
        assert next(answers) == ["127.0.0.1"], "the name was looked up once"

    def test_a_literal_address_is_looked_at_too(self) -> None:
        servers = Servers(leads_to=["127.0.0.1"])
        with pytest.raises(NotDelivered, match="inner network"):
            post(Destination.read("https://93.184.215.14/"), NOTE, network=servers.network)

    def test_the_next_one_where_one_does_not_answer(self) -> None:
        servers = Servers(leads_to=["2606:2800:21f:cb07::1", PUBLIC], unreachable={"2606:2800:21f:cb07::1"})
        post(THERE, NOTE, network=servers.network)
        assert [address for address, _ in servers.connected] == servers.leads_to

    def test_three_at_most(self) -> None:
        many = [f"93.184.215.{last}" for last in range(1, 9)]
        servers = Servers(leads_to=many, unreachable=set(many))
        with pytest.raises(NotDelivered, match="cannot be reached"):
            post(THERE, NOTE, network=servers.network)
        assert len(servers.connected) == 3

    def test_plain_where_the_address_says_so(self) -> None:
        servers = Servers()
        post(Destination.read("http://stamps.example.org/", ("http",)), NOTE, network=servers.network)
        assert (servers.connected, servers.encrypted) == ([(PUBLIC, 80)], [])

    def test_the_real_network_leads_localhost_nowhere(self) -> None:
        with pytest.raises(NotDelivered, match=r"inner network|not known"):
            post(Destination("http", "localhost", "/"), NOTE)


class TestAnswers:
    def ask(self, says: object, most: int = 0) -> bytes:
        self.servers = Servers(says=says)  # type: ignore[arg-type]
        return post(THERE, NOTE, Limits(answer=most), self.servers.network)

    @pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "204 No Content"])
    def test_that_take_it(self, status: str) -> None:
        assert self.ask(answered(b"", status)) == b""

    @pytest.mark.parametrize(
        ("status", "why"),
        [
            ("301 Moved", "answered 301: it sends on to another address, and that is not followed"),
            ("307 Moved", "answered 307: it sends on"),
            ("308 Moved", "answered 308: it sends on"),
            ("400 Bad", "answered 400."),
            ("401 No", "answered 401."),
            ("404 No", "answered 404."),
            ("500 Oh", "answered 500."),
            ("199 What", "answered 199."),
        ],
    )
    def test_that_do_not(self, status: str, why: str) -> None:
        with pytest.raises(NotDelivered, match=why):
            self.ask(answered(b"", status, "Location: http://169.254.169.254/\r\n"))
        assert len(self.servers.connected) == 1

    @pytest.mark.parametrize(
        ("says", "why"),
        [
            (b"", "does not answer as a web server does|broke off"),
            (b"\x00\xff\x00garbage\r\n\r\n", "does not answer as a web server does"),
            (b"HTTP/1.1 abc\r\n\r\n", "does not answer as a web server does"),
            (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "does not answer as a web server does"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 40_000 + b"\r\n\r\n", "more than is read"),
            (ConnectionResetError(), "cannot be reached, or broke off"),
            (TimeoutError(), "did not answer within 10 seconds"),
            (ssl.SSLError(), "does not speak TLS"),
        ],
    )
    def test_that_are_none(self, says: object, why: str) -> None:
        with pytest.raises(NotDelivered, match=why) as told:
            self.ask(says)
        assert "s3cret" not in str(told.value)
        assert self.servers.closed

    def test_nothing_they_write_is_repeated(self) -> None:
        with pytest.raises(NotDelivered) as told:
            self.ask(b"HTTP/1.1 500 Somebody's name\r\n\r\nSomebody's name")
        assert "Somebody" not in str(told.value)

    @pytest.mark.parametrize(
        ("size", "most", "taken"), [(0, 1, True), (99, 100, True), (100, 100, True), (101, 100, False)]
    )
    def test_are_read_to_a_limit(self, size: int, most: int, taken: bool) -> None:
        if taken:
            assert self.ask(answered(b"x" * size), most) == b"x" * size
        else:
            with pytest.raises(NotDelivered, match="more than is read"):
                self.ask(answered(b"x" * size), most)

    @pytest.mark.parametrize("head", ["", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])
    def test_whatever_they_say_of_their_length(self, head: str) -> None:
        body = b"x" * 500_000 if "chunked" not in head else b"7a120\r\n" + b"x" * 500_000 + b"\r\n0\r\n\r\n"
        try:
            got = self.ask(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body, 100)
        except NotDelivered:
            got = b""
        assert len(got) <= 100
        assert self.servers.read < 100_000

    def test_are_not_read_where_only_the_status_counts(self) -> None:
        assert self.ask(answered(b"x" * 500_000)) == b""
        assert self.servers.read < 50_000

    def test_every_connection_is_closed(self) -> None:
        self.ask(OK)
        assert self.servers.closed


class TestTime:
    def test_a_server_that_drips_is_left(self) -> None:
        """Each byte is in time, and all of them together are not."""
        near, far = socket.socketpair()
        far.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 90 + b"\r\n")
        ticks = itertools.count(0.0, 3.0)
        network = Network(lambda _h, _p: [PUBLIC], lambda _a, _p, _s: near, now=lambda: next(ticks))
        with pytest.raises(NotDelivered, match="did not answer within 10 seconds"):
            post(Destination.read("http://slow.example/", ("http",)), NOTE, network=network)
        assert near.fileno() == -1, "closed"
        far.close()

    def test_a_silent_one_too(self) -> None:
        near, far = socket.socketpair()
        network = Network(lambda _h, _p: [PUBLIC], lambda _a, _p, _s: near)
        with pytest.raises(NotDelivered, match=r"did not answer within 0\.05 seconds"):
            post(Destination.read("http://slow.example/", ("http",)), NOTE, Limits(seconds=0.05), network)
        far.close()

    def test_one_that_never_takes_the_connection(self) -> None:
        def connect(_address: str, _port: int, seconds: float) -> socket.socket:
            assert 0 < seconds <= 10
            raise TimeoutError

        with pytest.raises(NotDelivered, match="did not answer"):
            post(THERE, NOTE, network=Network(lambda _h, _p: [PUBLIC], connect))


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[Network, ssl.SSLContext]]:
    """One that speaks TLS with a certificate of ``name``, and a network that leads there."""
    from cryptography.hazmat.primitives import serialization

    held = certified("Invented root", usages=(), names=())
    own = certified(name, held, usages=(), names=(name,), authority=False)
    (folder / "cert.pem").write_bytes(own.pem)
    (folder / "key.pem").write_bytes(
        own.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    trusting = ssl.create_default_context(cadata=held.pem.decode())
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as line:
                asked = b""
                while NOTE.body not in asked and (piece := line.recv(4096)):
                    asked += piece
                line.sendall(answered(b"taken"))
        except (ssl.SSLError, OSError):
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield Network(lambda _h, _p: [PUBLIC], lambda _a, _p, _s: near), trusting
    near.close()
    thread.join(timeout=10)


class TestTls:
    def post(self, folder: Path, name: str, *, trusted: bool = True) -> bytes:
        with tls_server(folder, name) as (network, trusting):
            tls = (lambda: trusting) if trusted else ssl.create_default_context
            return post(THERE, NOTE, Limits(answer=100), Network(network.resolve, network.connect, tls))

    def test_with_the_name_that_was_asked_for(self, tmp_path: Path) -> None:
        assert self.post(tmp_path, "heads.example.org") == b"taken"

    def test_not_with_another_s(self, tmp_path: Path) -> None:
        with pytest.raises(NotDelivered, match="no certificate that is trusted"):
            self.post(tmp_path, "other.example.org")

    def test_not_where_nobody_here_trusts_it(self, tmp_path: Path) -> None:
        with pytest.raises(NotDelivered, match="no certificate that is trusted"):
            self.post(tmp_path, "heads.example.org", trusted=False)
