"""Begin a draft of a pathway, change it, go on from a newer version, drop it."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.design.typed import as_written
from saferpractice.pathways.models import DraftDropped, DraftEdit, PathwayDraft
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries import library, newest_version, state_of_draft
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import content_of
from saferpractice.pathways.rules.versions import Step, why_not
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By


@operation
def begin_draft(
    *, by: By, at: datetime, provider: Provider, pathway: str, from_library: bool = False
) -> Entry[PathwayDraft] | Already[PathwayDraft]:
    """Begin a draft from the newest version of a pathway, or (``from_library``) with what ships with the product.

    A draft of one's own that was begun from the same and not touched yet is given back instead of a second.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: there is no such pathway.
    """
    check_can_draft(by=by, at=at, provider_id=provider.pk)
    newest = newest_version(provider.pk, pathway)
    shipped = library().get(pathway)
    if shipped is None and (newest is None or from_library):
        raise Invalid("There is no such pathway to begin from.")
    content = content_of(shipped) if shipped and (newest is None or from_library) else newest.content  # type: ignore[union-attr]
    person = by if isinstance(by, Person) else None
    mine = PathwayDraft.objects.filter(
        provider=provider,
        pathway=pathway,
        begun_from=newest,
        revision=1,
        decided_by=person,
        dropped=None,
        proposals=None,
    )
    untouched = next((draft for draft in mine if draft.content == content), None)
    if untouched is not None:
        return Already(untouched)
    draft = PathwayDraft.objects.create(
        provider=provider,
        pathway=pathway,
        title=str(content["title"]),
        content=content,
        begun_from=newest,
        **decided(by, at),
    )
    return Entry(result=draft, subject=draft, sentence=f"began a draft of the pathway “{draft.title}”")


@operation
def begin_draft_from_elsewhere(
    *, by: By, at: datetime, provider: Provider, definition: Definition, source: str
) -> Entry[PathwayDraft]:
    """Begin a draft from a definition that was made elsewhere: what was proven there is a proposal here, nothing more.

    It goes on from the newest version of the same pathway, if one is in use. ``source`` says where it came from.
    Called inside the operation that keeps where it came from.

    Raises:
        Refused: ``by`` may not change pathways here.
    """
    check_can_draft(by=by, at=at, provider_id=provider.pk)
    draft = PathwayDraft.objects.create(
        provider=provider,
        pathway=definition.pathway,
        title=definition.title,
        content=content_of(definition),
        begun_from=newest_version(provider.pk, definition.pathway),
        **decided(by, at),
    )
    return Entry(result=draft, subject=draft, sentence=f"began a draft of the pathway “{draft.title}” from {source}")


@operation
def change_draft(
    *, by: By, at: datetime, draft: PathwayDraft, revision: int, definition: Definition
) -> Entry[PathwayDraft] | Already[PathwayDraft]:
    """Save ``definition`` as what the draft says. ``revision`` is the one that was read before it was changed.

    Whoever changes it is an author of it, and does not approve it.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: the definition is of another pathway.
        Stale: somebody saved the draft meanwhile, or it cannot be changed any more.
    """
    check_can_draft(by=by, at=at, provider_id=draft.provider_id)
    held = locked(draft)
    must(Step.EDIT, held)
    content = content_of(definition)
    if definition.pathway != held.pathway:
        raise Invalid("This is the definition of another pathway.")
    if content == held.content:
        return Already(held)
    must_be_at(held, revision)
    held.title, held.content = definition.title, content
    _saved(held, by, at)
    return Entry(
        result=held,
        subject=held,
        sentence=f"changed the draft of the pathway “{held.title}”",
        facts={"revision": held.revision},
    )


@operation
def go_on_from_newest(
    *, by: By, at: datetime, draft: PathwayDraft, revision: int
) -> Entry[PathwayDraft] | Already[PathwayDraft]:
    """Say that a version that came since was looked at, and that the draft is what shall replace it.

    Raises:
        Refused: ``by`` may not change pathways here.
        Stale: somebody saved the draft meanwhile, or it cannot be changed any more.
    """
    check_can_draft(by=by, at=at, provider_id=draft.provider_id)
    held = locked(draft)
    must(Step.EDIT, held)
    newest = newest_version(held.provider_id, held.pathway)
    if newest is None or newest.pk == held.begun_from_id:
        return Already(held)
    must_be_at(held, revision)
    held.begun_from = newest
    _saved(held, by, at)
    return Entry(
        result=held,
        subject=held,
        sentence=f"went on with the draft of the pathway “{held.title}” from version {newest.number}",
    )


@operation
def drop_draft(
    *, by: By, at: datetime, draft: PathwayDraft, reason: str
) -> Entry[DraftDropped] | Already[DraftDropped]:
    """Drop a draft nobody will go on with. It stays, with the reason.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: no reason.
        Stale: it cannot be dropped any more.
    """
    check_can_draft(by=by, at=at, provider_id=draft.provider_id)
    held = locked(draft)
    earlier = DraftDropped.objects.filter(draft=held).first()
    if earlier is not None:
        return Already(earlier)
    must(Step.DROP, held)
    if not as_written(reason):
        raise Invalid({"reason": "Say why it is dropped."})
    dropped = DraftDropped.objects.create(draft=held, reason=reason.strip(), **decided(by, at))
    return Entry(result=dropped, subject=held, sentence=f"dropped the draft of the pathway “{held.title}”")


def locked(draft: PathwayDraft) -> PathwayDraft:
    """The draft as it stands now, locked so that what is done with it happens one after the other."""
    return PathwayDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)


def must(step: Step, draft: PathwayDraft) -> None:
    """Refuse a step that cannot be taken where the draft stands.

    Raises:
        Stale: with why not.
    """
    problem = why_not(step, state_of_draft(draft))
    if problem:
        raise Stale(problem)


def must_be_at(draft: PathwayDraft, revision: int) -> None:
    """Refuse what was decided looking at an earlier revision.

    Raises:
        Stale: somebody saved meanwhile.
    """
    if draft.revision != revision:
        last = draft.edits.order_by("-revision").first()
        who = last.decided_by_name if last else draft.decided_by_name
        raise Stale(f"{who} saved this draft meanwhile. Look at what stands now before you go on.")


def _saved(draft: PathwayDraft, by: By, at: datetime) -> None:
    draft.revision += 1
    draft.save(update_fields=["title", "content", "begun_from", "revision"])
    DraftEdit.objects.create(draft=draft, revision=draft.revision, **decided(by, at))
