"""The decorator that makes a function an operation: one transaction, at least one trail entry, or nothing."""

from __future__ import annotations

import functools
import inspect
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, models, transaction

from saferpractice.trail.models import TrailEntry, TrailHead
from saferpractice.trail.rules import NAME_WITHHELD, About, Signature, content_hash, entry_hash, plain

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

OPERATIONS: dict[str, Callable[..., Any]] = {}
"""Every operation by name ("incidents.report_incident"), for the tests that hold them all to the promises."""


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[R]):
    """What an operation returns: its result, and what the trail will say of it.

    Attributes:
        result: what the caller of the operation gets.
        subject: the row it is about; its ``provider_id`` says whose trail this is.
        sentence: continues "<name> (<role>) …", for example "decided to refer".
        story_id: the incident whose story this belongs to, if any.
        facts: values worth keeping beside the sentence; no floats.
        withhold_name: the name is not written, because the person asked colleagues not to know it.
    """

    result: R
    subject: models.Model
    sentence: str
    story_id: UUID | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    withhold_name: bool = False


@dataclass(frozen=True)
class Already(Generic[R]):
    """What an operation returns when the very same thing was done before: nothing new is written or said."""

    result: R


@dataclass(frozen=True)
class _Pending:
    entry: Entry[Any]
    operation: str
    signature: Signature
    at: datetime


_undo: ContextVar[list[Callable[[], object]]] = ContextVar("undo_on_failure")
_pending: ContextVar[list[_Pending] | None] = ContextVar("pending_trail_entries", default=None)


class NotInOperation(RuntimeError):
    """A helper that only writes as part of an operation was called outside one."""


def must_be_in_operation() -> None:
    """Raise unless an operation is running: what follows would otherwise leave no trail.

    Raises:
        NotInOperation: no operation is running.
    """
    if _pending.get() is None:
        raise NotInOperation("call this from inside an operation, so that the trail says why")


def undo_on_failure(undo: Callable[[], object]) -> None:
    """Have ``undo`` called when the operation that is running fails: for what the database does not undo by itself.

    Not where the connection was lost: nobody knows then whether the transaction was committed.
    """
    must_be_in_operation()
    to_undo = _undo.get()
    to_undo.append(undo)
    transaction.on_commit(partial(to_undo.remove, undo))  # what fails after the commit undoes nothing


def _undo_since(mark: int, error: BaseException) -> None:
    to_undo = _undo.get()
    undone, to_undo[mark:] = to_undo[mark:], []
    if isinstance(error, Exception) and not isinstance(error, OperationalError | InterfaceError):
        for undo in reversed(undone):
            undo()


def hold_trail(provider_id: UUID) -> None:
    """Hold a provider's trail until the transaction ends: no other operation of the provider ends meanwhile.

    Each writes its entries last, and waits here with the rows that it holds. So take it before any row that another
    may hold, and wait for none of those afterwards.
    """
    must_be_in_operation()
    TrailHead.objects.get_or_create(provider_id=provider_id)
    TrailHead.objects.select_for_update().get(provider_id=provider_id)


def operation(function: Callable[P, Entry[R] | Already[R]]) -> Callable[P, R]:
    """Make ``function`` an operation.

    It must take keyword-only arguments, among them ``by`` (who acts) and ``at`` (the moment, aware), and return
    an ``Entry`` (or ``Already``, when a repeat finds it done). Everything it writes, and the entries of operations
    it calls, commit together or not at all.
    The entries are written last, so the lock on the provider's chain is held for an instant only.

    Raises (on definition):
        TypeError: the signature does not fit.
    """
    parameters = inspect.signature(function).parameters
    loose = [p.name for p in parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    if loose or not {"by", "at"} <= parameters.keys():
        raise TypeError(f"{function.__qualname__}: an operation takes keyword-only arguments with by= and at=")
    name = f"{function.__module__.split('.')[1]}.{function.__name__}"

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        by, at = kwargs["by"], kwargs["at"]
        if not isinstance(at, datetime) or at.tzinfo is None:
            raise ValueError(f"{name}: at= must be a moment with a time zone")
        outer = _pending.get()
        pending: list[_Pending] = [] if outer is None else outer
        if outer is None:
            _undo.set([])
        mark, undo_mark = len(pending), len(_undo.get())
        token = _pending.set(pending)
        try:
            with transaction.atomic():
                entry = function(*args, **kwargs)
                if isinstance(entry, Already):
                    return entry.result
                if not isinstance(entry, Entry) or not entry.sentence.strip():
                    raise TypeError(f"{name} must return an Entry that says what was done")
                # Before those of the operations it called: the story reads from the whole to its parts.
                pending.insert(mark, _Pending(entry, name, by.signature(at), at))  # type: ignore[attr-defined]
                if outer is None:
                    _write(pending)
        except BaseException as error:
            del pending[mark:]
            _undo_since(undo_mark, error)
            raise
        finally:
            _pending.reset(token)
        return entry.result

    if name in OPERATIONS:
        raise TypeError(f"there is already an operation called {name}")
    OPERATIONS[name] = run
    return run


def twice_at_once(do: Callable[[], T]) -> T:
    """``do``, an operation that finds its own row by the key of a form, also when the form is sent twice at one moment.

    The one that the database refuses is done once more: it then finds the other's row and answers with it, or raises
    ``SentBefore`` where its answers differ.
    """
    try:
        return do()
    except IntegrityError:
        return do()


def _write(pending: list[_Pending]) -> None:
    by_provider: dict[UUID, list[_Pending]] = {}
    for item in pending:
        by_provider.setdefault(_provider_of(item.entry.subject), []).append(item)
    for provider_id in sorted(by_provider):
        TrailHead.objects.get_or_create(provider_id=provider_id)
        head = TrailHead.objects.select_for_update().get(provider_id=provider_id)
        rows = []
        for item in by_provider[provider_id]:
            row = _row(item, head, provider_id)
            head.sequence, head.hash = row.sequence, row.hash
            rows.append(row)
        TrailEntry.objects.bulk_create(rows)
        head.save(update_fields=["sequence", "hash"])


def _provider_of(subject: models.Model) -> UUID:
    provider_id = getattr(subject, "provider_id", None)
    if provider_id is None and subject._meta.label_lower == "access.provider":
        provider_id = subject.pk
    if provider_id is None:
        raise TypeError(f"{subject._meta.label} has no provider_id, so its trail has no home")
    return UUID(str(provider_id))


def _row(item: _Pending, head: TrailHead, provider_id: UUID) -> TrailEntry:
    signature = item.signature
    if item.entry.withhold_name:
        signature = Signature(id=signature.id, name=NAME_WITHHELD, role="")
    facts, salt = plain(dict(item.entry.facts)), secrets.token_hex(16)
    content = content_hash(salt=salt, sentence=item.entry.sentence, facts=facts)
    sequence = head.sequence + 1
    subject = item.entry.subject
    about = About(subject._meta.label_lower, subject.pk, item.entry.story_id)
    return TrailEntry(
        provider_id=provider_id,
        sequence=sequence,
        at=item.at,
        operation=item.operation,
        by_id=signature.id,
        by_name=signature.name,
        by_role=signature.role,
        subject_type=about.subject_type,
        subject_id=about.subject_id,
        story_id=about.story_id,
        sentence=item.entry.sentence,
        facts=facts,
        salt=salt,
        previous_hash=head.hash,
        hash=entry_hash(
            previous=head.hash,
            provider_id=provider_id,
            sequence=sequence,
            at=item.at,
            operation=item.operation,
            signature=signature,
            about=about,
            content=content,
        ),
    )
