"""What has to be in place before the first page is served, each step skipped when it is already done."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from jinja2 import FileSystemBytecodeCache

from saferpractice.design import jinja, nhsuk


class CannotServe(Exception):
    """Serving is refused; the message says why and what to do."""


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time prepare this data folder; another waits and then finds the work done.

    Raises:
        CannotServe: the data folder cannot be written.
    """
    folder = Path(settings.DATA_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / "prepare.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotServe(
            f"The data folder {folder} cannot be written ({error.strerror}). Choose another with DATA_DIR."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def check_address(host: str, port: int) -> None:
    """Find out early whether the address can be had.

    Raises:
        CannotServe: it cannot.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise CannotServe(f"HOST is {host!r}, and no such address is known here ({error.strerror}).") from error
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise CannotServe(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Stop what uses it, or choose another: PORT=8001 make run"
            ) from error


def migrate() -> bool:
    """Bring the database up to date. False when it already was.

    Raises:
        CannotServe: the database cannot be reached, or was made by a newer version.
    """
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise CannotServe(f"The database cannot be reached: {error}") from error
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("saferpractice.")}
    known = executor.loader.disk_migrations or {}
    unknown = sorted(
        f"{app}.{name}" for app, name in executor.loader.applied_migrations if app in ours and (app, name) not in known
    )
    if unknown:
        raise CannotServe(
            "The database was made by a newer version of Safer Practice than this one "
            f"(it has had {', '.join(unknown)}). Nothing was changed. "
            "Run that version or a newer one, or use the data folder of a backup made before."
        )
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True


def collect_static_files() -> bool:
    """Copy and compress the static files for serving. False when they are unchanged since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".source"
    source = _static_source()
    if stamp.exists() and stamp.read_text() == source:
        return False
    stamp.unlink(missing_ok=True)
    # Cleared first: collectstatic alone keeps an old copy whose time is newer than the file's.
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(source)
    return True


def _static_source() -> str:
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def load_example() -> bool:
    """Load the example provider when nobody is in the database yet. False when somebody is."""
    if get_user_model()._default_manager.exists():
        return False
    with transaction.atomic():  # interrupted half way, the next start begins again
        call_command("load_example")
    return True


def example_is_written() -> bool:
    """Whether this version brings an example."""
    return "load_example" in get_commands()


def example_sign_ins() -> list[tuple[str, str, str, str, str]]:
    """Who of the example signs in; none when the example is not in use.

    As (role, name, e-mail address, password, what to try first).
    """
    try:
        example = import_module("saferpractice.exchange.example")
    except ModuleNotFoundError:
        return []
    sign_ins: list[tuple[str, str, str, str, str]] = list(example.sign_ins())
    addresses = {sign_in[2] for sign_in in sign_ins}
    people = get_user_model()._default_manager.filter(email__in=addresses, is_active=True)
    there = set(people.values_list("email", flat=True))
    return [sign_in for sign_in in sign_ins if sign_in[2] in there]


def compile_templates() -> int:
    """Compile every page and what it imports, so that no visitor waits for it. Returns how many.

    The compiled form is kept in the data folder for the next start; Jinja makes it anew when a page changed.
    """
    folder = Path(settings.DATA_DIR) / "pages"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for environment in (cast(Jinja2, engines["jinja2"]).env, nhsuk.components()):
        environment.bytecode_cache = FileSystemBytecodeCache(str(folder))
    return jinja.warm()
