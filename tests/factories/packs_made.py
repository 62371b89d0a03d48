"""Evidence packs, and an incident that has been through the whole loop to make one of."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.access.models import Person, Service
from saferpractice.changes.operations import decide_evidence
from saferpractice.evidence.models import EvidencePack, PackBuilt
from saferpractice.evidence.operations import Wanted, ask_for_pack, confirm_texts, order_building
from saferpractice.evidence.operations.building import carry_on_packs
from saferpractice.evidence.queries.packs import texts_of
from saferpractice.evidence.rules.packs.confirming import Choice
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.models import StoredFile
from saferpractice.files.storage import contents
from saferpractice.incidents.models import Incident
from saferpractice.reviews.operations import complete_review, open_review
from tests.factories.assurance import LAST_LOOK, a_plan, counted
from tests.factories.changes import a_briefing_held, a_live_change, an_action, some_evidence
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import INDEPENDENT, METHODS, an_entry, supply_all
from tests.factories.supervision import a_point, supervised, talked
from tests.factories.triage import DEPARTURE, a_triage, choose, do_not_refer
from tests.personas import NOW, Cast

PACKED_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""After the last look of the impact plan: a Monday in autumn."""
PERIOD = (date(2026, 1, 1), date(2026, 6, 30))
PERSON, REFERENCE = "Maud Featherstone", "P-77120"
TOLD = (
    "Maud Featherstone was found by Wren Ashdown at 3.10. She had rung 0113 496 0000 and her son Mr Oakley, "
    "NHS number 943 476 5919, LS1 4AP, maud.f@invented.example."
)
"""What was typed of one incident: every kind of thing that must not go outside as it stands."""


def a_whole_case(cast: Cast, **report: Any) -> Incident:
    """An incident carried through the loop: decided, reviewed, found, changed, proven, talked about, judged."""
    at = NOW - timedelta(hours=1)
    given: dict[str, Any] = {"person_reference": REFERENCE, "person_name": PERSON, "what_happened": TOLD} | report
    incident = an_incident(by=cast.worker, team=cast.north, at=at, **given)
    a_triage(by=cast.lead, incident=incident, threshold=do_not_refer(), tier=choose("B", DEPARTURE))
    review = open_review(
        by=cast.lead, at=NOW, incident=incident, method=METHODS["B"], reviewer=cast.reviewer, independence=INDEPENDENT
    )
    an_entry(review, by=cast.reviewer, what=f"{PERSON} ({REFERENCE}) waited for the duty manager, Dale Marlow.")
    finding = a_finding(review, cast)
    supply_all(review, cast)
    complete_review(by=cast.reviewer, at=NOW, review=review, summary=f"Nobody was on duty when {PERSON} rang.")
    change = a_live_change(cast, findings=[finding])
    for team in (cast.north, cast.south):
        a_briefing_held(cast, change, team)
    action = an_action(cast, change=change)
    given_evidence = some_evidence(action)
    decide_evidence(by=cast.quality_lead, at=NOW, evidence=given_evidence, accepted=True)
    plan = a_plan(by=cast.quality_lead, change=change)
    counted(by=cast.quality_lead, plan=plan, count=30, out_of=100)
    counted(by=cast.quality_lead, plan=plan, count=90, out_of=100, look=LAST_LOOK)
    supervised(cast, cast.colleague, by=cast.supervisor)
    talked(cast.supervisor, cast.colleague, a_point(cast, source=change))
    return incident


def ask(by: Person, *, at: datetime = PACKED_AT, key: str = "", **wanted: Any) -> EvidencePack:
    """A pack that ``by`` asked for."""
    return ask_for_pack(by=by, at=at, wanted=Wanted(**wanted), submission_key=key or f"pack-{uuid4()}")


def asked(
    cast: Cast,
    *,
    subject: Subject = Subject.INSPECTION,
    disclosure: Disclosure = Disclosure.INSPECTOR,
    by: Person | None = None,
    services: Sequence[Service] = (),
    **more: Any,
) -> EvidencePack:
    """A pack that the quality lead asked for: of Riverside, from January to June 2026, unless it is of an incident."""
    if not subject.of_one:
        more.setdefault("period", PERIOD)
    places = services or [cast.riverside]
    return ask(by or cast.quality_lead, subject=subject, disclosure=disclosure, services=places, **more)


def confirmed(pack: EvidencePack, *, but: Sequence[str] = (), at: datetime = PACKED_AT) -> EvidencePack:
    """Every text of the pack confirmed as shown by whoever asked for it; those with a word of ``but`` left out."""
    maker = pack.decided_by
    assert maker is not None
    choices = {
        text.said.key: (Choice.LEFT_OUT if any(word in text.said.text for word in but) else Choice.MASKED, "")
        for text in texts_of(pack, maker, at)
    }
    confirm_texts(by=maker, at=at, pack=pack, choices=choices)
    return pack


def built(pack: EvidencePack, *, at: datetime = PACKED_AT, **more: Any) -> PackBuilt:
    """The pack, confirmed where it goes outside, and built by the worker."""
    maker = pack.decided_by
    assert maker is not None
    if pack.disclosure != Disclosure.FULL:
        confirmed(pack, at=at, **more)
        order_building(by=maker, at=at, pack=pack)
    assert carry_on_packs(at=at) == 1
    return PackBuilt.objects.get(pack=pack)


def bytes_of(file: StoredFile) -> bytes:
    """The bytes of a kept file."""
    found = contents(file)
    assert found is not None
    return found


def parts_of(made: PackBuilt) -> dict[str, bytes]:
    """What stands in the ZIP of a built pack, by path."""
    with zipfile.ZipFile(io.BytesIO(bytes_of(made.bundle))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
