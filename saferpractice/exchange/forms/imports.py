"""Forms of exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from saferpractice.access.models import Team
from saferpractice.design import forms, uploads
from saferpractice.exchange.rules.mapping import (
    CODED,
    LABELS,
    LONGEST_FILE,
    TEXTS,
    ImportMapping,
    MappingProblem,
    mapping_from_data,
    mapping_from_text,
)
from saferpractice.exchange.rules.moments import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, example_of
from saferpractice.exchange.rules.table import LARGEST_BYTES
from saferpractice.incidents.rules import Answer
from saferpractice.lists.queries import Choice

BUILD, FROM_FILE = "build", "file"
COLUMN, VALUE = "column:", "value:"
ONE_LINE = 100
"""Characters of a cell that are shown on one line."""
FORMATS = (*DAY_FIRST, *YEAR_FIRST, *MONTH_FIRST)


class TableField(forms.UploadField):
    """A file with a table in it. Its bytes are judged when it is read, because odd ones need not spoil the rest."""

    def to_python(self, data: Any) -> UploadedFile | None:
        """The file with a clean name."""
        if data in self.empty_values:
            return None
        if (data.size or 0) > self.largest:
            raise ValidationError(f"The file must be smaller than {self.largest // uploads.MEGABYTE} MB")
        data.name = uploads.clean_name(data.name or "")
        return data  # type: ignore[no-any-return]


class UploadForm(forms.Form):
    """The file, the team, and how its columns are read."""

    file = TableField(
        "The file",
        kinds=("csv", "txt", "tsv"),
        largest=LARGEST_BYTES,
        hint="CSV with a heading row, up to 50 MB and 100,000 rows. Commas, semicolons or tabs between the cells",
        required_message="Choose the file to import",
    )
    team = forms.RecordField(
        "Team",
        label_from=lambda team: f"{team.service.name} / {team.name}",
        required=False,
        empty="Each row says",
        hint="Where the incidents happened, for rows that do not say",
    )
    how = forms.ChoiceField(
        "What do the columns mean?",
        hints={
            BUILD: "Say on the next page which column answers which question",
            FROM_FILE: "Somebody has written it down",
        },
        reveals={FROM_FILE: ["mapping_file"]},
        required_message="Choose how the columns are read",
    )
    mapping_file = TableField(
        "The mapping file",
        kinds=("yml", "yaml", "json"),
        largest=LONGEST_FILE,
        hint="YAML or JSON",
        required_message="Choose the mapping file",
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], mappings: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["how"].choices = [  # type: ignore[attr-defined]
            *mappings,
            (BUILD, "I choose the columns myself"),
            (FROM_FILE, "I have a mapping file"),
        ]
        self.mapping: ImportMapping | None = None

    def clean_mapping_file(self) -> UploadedFile | None:
        """The mapping in the file, kept as ``mapping``."""
        upload: UploadedFile | None = self.cleaned_data.get("mapping_file")
        if upload is None:
            return None
        try:
            self.mapping = mapping_from_text(upload.read(LONGEST_FILE + 1).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError("The mapping file must be text in UTF-8") from error
        except MappingProblem as problem:
            raise ValidationError(list(problem.sentences)) from problem
        return upload


class ColumnsForm(forms.Form):
    """Which column answers which question. The choices are the columns of the file."""

    name = forms.TextField("What is this mapping called?", max_length=120, hint="To find it again, for example Datix")
    source_system = forms.TextField("Which system does the file come from?", max_length=60)
    reference = forms.SelectField(
        "The source's own reference",
        empty="There is none",
        required=False,
        hint="It keeps a row from going in twice. Without one, a row is known by all that it says",
    )
    what_happened = forms.SelectField("What happened", empty="Choose a column")
    done_at_once = forms.SelectField("What was done at once", empty="Not in the file", required=False)
    also_known = forms.ManyChoicesField("What else is known", required=False, hint="Each stands under its own heading")
    occurred_at = forms.SelectField("When it happened", empty="Not in the file", required=False)
    known_at = forms.SelectField(
        "When the service came to know of it", empty="Not in the file: the day of the import", required=False
    )
    date_format = forms.SelectField("How days and times are written", empty="Day first, as 31/12/2026", required=False)
    team = forms.SelectField("Team", empty="The team chosen with the file", required=False)
    person_reference = forms.SelectField("The person's reference", empty="Not in the file", required=False)
    themes = forms.SelectField("Theme", empty="None", required=False)
    themes_separator = forms.TextField(
        "What stands between several themes", required=False, max_length=5, width=2, hint="For example ; or |"
    )
    physical_harm = forms.SelectField("Physical harm")
    psychological_harm = forms.SelectField("Psychological harm")
    still_at_risk = forms.SelectField("Is anyone still at risk?")
    risk_words = forms.SelectField("Who is at risk, and from what", empty="Not in the file", required=False)

    def __init__(
        self, *args: Any, columns: Sequence[str], lists: Mapping[str, Sequence[Choice]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mapping: ImportMapping | None = None
        plain = [(f"{COLUMN}{name}", name) for name in columns]
        for name in ("reference", *TEXTS, "occurred_at", "known_at", "team", "person_reference"):
            self._offer(name, plain)
        self._offer("date_format", [(pattern, example_of(pattern)) for pattern in FORMATS])
        from_column = [(f"{COLUMN}{name}", f"Column: {name}") for name in columns]
        for name in CODED:
            known = [(one.code, one.label) for one in lists.get(name, ())] or [(a.value, a.label) for a in Answer]
            every = [(f"{VALUE}{code}", f"Every row: {label}") for code, label in known]
            self._offer(name, every + from_column)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = ([("", field.empty)] if hasattr(field, "empty") else []) + choices

    def clean(self) -> dict[str, Any]:
        """The choices as a mapping, kept as ``mapping``."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            self.mapping = mapping_from_data(self._mapping(data))
        except MappingProblem as problem:
            self.add_error(None, list(problem.sentences))
        return data

    def _mapping(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fills = {name: _fill(data[name]) for name in LABELS if data.get(name) and name != "also_known"}
        for name in ("occurred_at", "known_at"):
            if name in fills and data["date_format"]:
                fills[name]["formats"] = [data["date_format"]]
        if "themes" in fills and data["themes_separator"] and "column" in fills["themes"]:
            fills["themes"]["separator"] = data["themes_separator"]
        chosen = [one.removeprefix(COLUMN) for one in data["also_known"]]
        if chosen:
            fills["also_known"] = {"columns": chosen, "headings": {name: f"{name}:" for name in chosen}}
        return {
            "name": data["name"],
            "source_system": data["source_system"],
            "reference": [data["reference"].removeprefix(COLUMN)] if data["reference"] else [],
            "answers": fills,
        }


def _fill(chosen: str) -> dict[str, Any]:
    if chosen.startswith(VALUE):
        return {"value": chosen.removeprefix(VALUE)}
    return {"column": chosen.removeprefix(COLUMN)}


def chosen_columns(mapping: ImportMapping) -> dict[str, Any]:
    """What ``ColumnsForm`` shows for a mapping that was chosen before."""
    initial: dict[str, Any] = {"name": mapping.name, "source_system": mapping.source_system}
    if mapping.reference:
        initial["reference"] = f"{COLUMN}{mapping.reference[0]}"
    for name, fill in mapping.answers.items():
        if name == "also_known":
            initial[name] = [f"{COLUMN}{column}" for column in fill.read]
        else:
            initial[name] = f"{COLUMN}{fill.read[0]}" if fill.read else f"{VALUE}{fill.value}"
        if fill.formats:
            initial["date_format"] = fill.formats[0]
        if fill.separator:
            initial["themes_separator"] = fill.separator
    return initial


class ValuesForm(forms.Form):
    """What values of the file mean here, for those not known yet."""

    def __init__(
        self,
        *args: Any,
        values: Mapping[str, Sequence[str]],
        lists: Mapping[str, Sequence[tuple[str, str]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.values = values
        for answer, found in values.items():
            for number, value in enumerate(found):
                self.fields[f"{answer}-{number}"] = forms.SelectField(
                    f"{LABELS[answer]}: “{value[:80]}”",
                    choices=lists[answer],
                    empty="Hold these rows back",
                    required=False,
                    mark_optional=False,
                )

    def translations(self) -> dict[str, dict[str, str]]:
        """By answer, what each value means; those left alone are left out."""
        return {
            answer: {
                value: meant for number, value in enumerate(found) if (meant := self.cleaned_data[f"{answer}-{number}"])
            }
            for answer, found in self.values.items()
        }


class StartForm(forms.Form):
    """To begin an import."""

    triage = forms.YesNoField("Record triage as the mapping states it?", required_message="Choose whether to triage")


class LineForm(forms.Form):
    """One row that was held back, a field for each of its columns: a box where text stands or may have to."""

    def __init__(
        self, *args: Any, columns: Sequence[str], cells: Sequence[str], mapping: ImportMapping, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns = tuple(columns)
        texts = {name for answer, fill in mapping.answers.items() if answer in TEXTS for name in fill.read}
        for place, column in enumerate(columns):
            cell = cells[place] if place < len(cells) else ""
            how: dict[str, Any] = {
                "required": False,
                "initial": cell,
                "max_length": 100_000,
                "mark_optional": False,
                "hint": "" if column in mapping.read else "The mapping does not read this",
                "strip": False,
            }
            if column in texts or "\n" in cell or len(cell) > ONE_LINE:
                rows = min(12, max(3, len(cell) // 70 + cell.count("\n")))
                self.fields[f"c{place}"] = forms.LongTextField(column, rows=rows, **how)
            else:
                self.fields[f"c{place}"] = forms.TextField(column, **how)

    def cells(self) -> list[str]:
        """The cells as corrected, in the order of the columns."""
        return [self.cleaned_data[f"c{place}"] for place in range(len(self.columns))]

    def by_field(self, problems: Mapping[str, str]) -> dict[str, str]:
        """Problems by column as problems by field."""
        places = {column: f"c{place}" for place, column in enumerate(self.columns)}
        return {places.get(column, ""): sentence for column, sentence in problems.items()}


class ReasonForm(forms.Form):
    """A decision's reason."""

    reason = forms.LongTextField("Why?", rows=3, max_length=2000, required_message="Say why")
