"""``python -m saferpractice import_incidents``: bring a CSV file of incidents in without a browser."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from saferpractice.access.models import Person, Provider, Team
from saferpractice.config import clock
from saferpractice.exchange import operations, queries
from saferpractice.exchange.models import ImportBatch, ImportFile
from saferpractice.exchange.rules.mapping import ImportMapping, MappingProblem, mapping_from_text
from saferpractice.exchange.rules.states import LineState
from saferpractice.trail.refusals import Invalid, Refused


class Command(BaseCommand):
    """Import a file as a person who may, all of it in this process."""

    help = "Import a CSV file of incidents. A row that cannot be used is held back with the reason, never lost."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, the mapping, where it goes, and as whom."""
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--mapping", required=True, help="a mapping file (YAML or JSON), or the name of one here")
        parser.add_argument("--provider", required=True, help="the provider's name")
        parser.add_argument("--team", help="the team of rows that name none, as “Team” or “Service / Team”")
        parser.add_argument("--as", dest="email", required=True, help="the e-mail address of whoever imports")
        parser.add_argument("--dry-run", action="store_true", help="judge every row and import nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, and say what became of the rows."""
        at = clock.now()
        try:
            self._import(at, options)
        except Invalid as invalid:
            raise CommandError(" ".join(invalid.problems.values())) from invalid
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def _import(self, at: datetime, options: dict[str, Any]) -> None:
        provider = _provider(options["provider"])
        by = _person(options["email"], provider)
        mapping = _mapping(options["mapping"], provider)
        team = _team(options["team"], provider) if options["team"] else None
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        with path.open("rb") as source:
            file = operations.bring_file(by=by, at=at, provider=provider, team=team, name=path.name, source=source)
        if options["dry_run"]:
            try:
                self._dry_run(file, mapping, at)
            finally:
                operations.give_up_file(by=by, at=at, file=file)
            return
        operations.choose_mapping(by=by, at=at, file=file, mapping=mapping)
        batch = operations.start_import(by=by, at=at, file=file, mapping=mapping)
        while (done := operations.carry_on(batch=batch, at=at, limit=1000)) is not None and done:
            self.stdout.write(f"{queries.standing(batch).looked_at:,} of {batch.rows:,} rows looked at")
        self._report(batch)

    def _dry_run(self, file: ImportFile, mapping: ImportMapping, at: datetime) -> None:
        found = queries.dry_run(file=file, mapping=mapping, at=at)
        if found.problem:
            raise CommandError(found.problem)
        held, here = found.counts[LineState.HELD], found.counts[LineState.ALREADY]
        self.stdout.write(f"{found.rows:,} rows: {found.usable:,} to import, {here:,} here already, {held:,} held back")
        for one in found.troubles:
            self.stdout.write(f"row {one.row.number}: {one.note}")
        self.stdout.write("Nothing was imported.")

    def _report(self, batch: ImportBatch) -> None:
        found = queries.standing(batch)
        counted = [f"{found.count(state):,} {state.label.lower()}" for state in LineState if found.count(state)]
        self.stdout.write(f"{batch.rows:,} rows of {batch.file_name}: {', '.join(counted)}")
        for line in queries.held_lines(batch):
            self.stdout.write(f"row {line.number}: {line.reason}")


def _provider(name: str) -> Provider:
    found = Provider.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        raise CommandError(f"There is no provider called “{name}”.")
    return found


def _person(email: str, provider: Provider) -> Person:
    found = Person.objects.filter(email__iexact=email.strip(), provider=provider, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody of {provider.name} signs in as {email}.")
    return found


def _team(name: str, provider: Provider) -> Team:
    service, _, team = name.rpartition("/")
    found = Team.objects.filter(provider=provider, name__iexact=team.strip())
    if service:
        found = found.filter(service__name__iexact=service.strip())
    teams = list(found[:2])
    if len(teams) != 1:
        problem = "There is no team" if not teams else "There is more than one team"
        raise CommandError(f"{problem} called “{name}”. Write “Service / Team”.")
    return teams[0]


def _mapping(given: str, provider: Provider) -> ImportMapping:
    path = Path(given)
    try:
        if path.is_file():
            return mapping_from_text(path.read_text(encoding="utf-8-sig"))
    except (MappingProblem, UnicodeDecodeError) as problem:
        raise CommandError(f"The mapping cannot be used. {problem}") from problem
    shipped = queries.shipped_mappings().get(given)
    if shipped is not None:
        return shipped
    for key, name in queries.mapping_choices(provider.pk):
        if name.casefold() == given.casefold():
            found = queries.find_mapping(key, provider.pk)
            if found is not None:
                return found
    raise CommandError(f"There is no mapping file and no kept mapping called “{given}”.")
