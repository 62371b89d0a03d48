"""``python -m saferpractice serve``: prepare what is missing, then run the web server and the worker together."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from saferpractice.jobs import preparation
from saferpractice.jobs.preparation import CannotServe
from saferpractice.jobs.processes import Child, in_words, stop_all

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
READY_WITHIN_SECONDS = 120
LOOK_EVERY_SECONDS = 0.1


class Command(BaseCommand):
    """Serve Safer Practice until it is told to stop."""

    help = "Prepare what is missing, then run the web server and the worker. HOST, PORT and DATA_DIR are honoured."
    requires_system_checks = []  # they take a second, and `make test` has made them

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until a signal or until the web server is gone.

        Raises:
            CommandError: it cannot start or go on; the message says why.
        """
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup goes on
                signal.signal(number, lambda *_: stop.set())
        host, port = os.environ.get("HOST") or "127.0.0.1", _port(os.environ.get("PORT") or "8000")
        try:
            preparation.check_address(host, port)
            self.prepare()
        except CannotServe as error:
            raise CommandError(str(error)) from error
        if not stop.is_set():
            self.run(host, port, stop)

    def prepare(self) -> None:
        """Database, static files and example data, each only when needed."""
        with preparation.alone():
            if preparation.migrate():
                self.say("The database is up to date.")
            if preparation.collect_static_files():
                self.say("The static files are in place.")
            if os.environ.get("EXAMPLE_DATA", "1") == "0":
                return
            if not preparation.example_is_written():
                self.say("This version brings no example data.")
            elif preparation.load_example():
                self.say("The example provider is loaded (EXAMPLE_DATA=0 starts without it).")

    def run(self, host: str, port: int, stop: threading.Event) -> None:
        """Keep the web server and the worker running until ``stop``."""
        environment = _environment(host, port)
        workers = os.environ.get("WEB_WORKERS") or "2"
        web_command = [sys.executable, "-m", "saferpractice.jobs.web", host, str(port), workers]
        web = Child("web server", web_command, environment)
        worker = Child("worker", [sys.executable, "-m", "saferpractice", "work"], environment)
        try:
            web.start()
            worker.start()
            announced = False
            give_up_at = time.monotonic() + READY_WITHIN_SECONDS
            while not stop.wait(LOOK_EVERY_SECONDS):
                now = time.monotonic()
                code = web.exit_code()
                if code is not None:
                    raise CommandError(f"The web server stopped ({in_words(code)}); Safer Practice stops with it.")
                if news := worker.keep_alive(now):
                    self.stderr.write(news)
                if not announced:
                    announced = _answers(host, port)
                    if announced:
                        self.announce(host, port)
                    elif now > give_up_at:
                        raise CommandError(f"The web server did not answer within {READY_WITHIN_SECONDS} s.")
        finally:
            stop_all([web, worker])
        self.say("Stopped.")

    def announce(self, host: str, port: int) -> None:
        """Say where it is and who can sign in."""
        self.say(f"\nSafer Practice is ready at http://{_in_address(_reachable(host))}:{port}\n")
        sign_ins = preparation.example_sign_ins()
        if sign_ins:
            self.say("The example provider's people, who exist to be signed in as:")
            widths = [max(len(row[column]) for row in sign_ins) for column in (0, 2)]
            for role, _name, address, password, _try_first in sign_ins:
                self.say(f"  {role:<{widths[0]}}  {address:<{widths[1]}}  {password}")
            self.say("What to try first as each of them: README.md")
            if host not in LOOPBACK:
                self.say("\nEverybody knows these passwords, and other computers can reach this address.")
        self.say(f"\nThe data is in {settings.DATA_DIR}. Stop with Ctrl-C.")

    def say(self, sentence: str) -> None:
        """Tell the person who started it, at once."""
        self.stdout.write(sentence)
        self.stdout.flush()


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def _reachable(host: str) -> str:
    """The address to open here when the server listens on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _environment(host: str, port: int) -> dict[str, str]:
    """For the children: this process's, with the chosen address among the names it answers to."""
    environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "PYTHONUNBUFFERED": "1"}
    if not environment.get("ALLOWED_HOSTS"):
        names = dict.fromkeys([*settings.ALLOWED_HOSTS, _in_address(_reachable(host))])
        environment["ALLOWED_HOSTS"] = ",".join(names)
    environment.setdefault("BASE_URL", f"http://{_in_address(_reachable(host))}:{port}")
    return environment


def _answers(host: str, port: int) -> bool:
    """Whether the application answers: any answer at all shows that it is loaded."""
    asked = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    try:
        asked.request("GET", "/healthz", headers={"Host": "localhost"})
        asked.getresponse().read()
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
