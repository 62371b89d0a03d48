"""Forms about partners, and those by which a partner comes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.design import forms
from saferpractice.lists.queries import Choice
from saferpractice.partners.models import Agency, Contact


class AgencyForm(forms.Form):
    """An agency's name and kind."""

    name = forms.TextField("Name of the agency", required_message="Enter the name", width=30)
    kind = forms.SelectField("What kind of agency?", required_message="Choose the kind")

    def __init__(self, *args: Any, kinds: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.label) for kind in kinds]  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """Somebody at an agency."""

    name = forms.TextField("Full name", required_message="Enter the person's name", width=30)
    email = forms.EmailField(
        "Work e-mail address",
        hint="An address only they read. Whoever reads it can come in with a code sent there.",
        max_length=254,
        required_message="Enter the e-mail address",
    )


class ShareForm(forms.Form):
    """Which records are shared with which agency."""

    agency = forms.RecordField("With which partner?", label_from=str, required_message="Choose the partner")
    records = forms.ManyChoicesField(
        "What is shared?",
        hint="The partner sees it as it stands now. A later correction is shared only if you share that too.",
        required_message="Choose what is shared",
    )
    with_name = forms.TickField(
        "Tell them the person's name", hint="Without this they see the reference only.", required=False
    )

    def __init__(
        self, *args: Any, agencies: QuerySet[Agency], records: Sequence[tuple[str, str]], named: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["records"].choices = records  # type: ignore[attr-defined]
        if not named:
            del self.fields["with_name"]

    def record_ids(self) -> list[UUID]:
        """The records chosen. Only on a valid form."""
        return [UUID(text) for text in self.cleaned_data["records"]]


class InviteForm(forms.Form):
    """Whom to invite."""

    contact = forms.RecordField(
        "Whom do you invite?",
        label_from=lambda contact: f"{contact.name}, {contact.agency.name}",
        required_message="Choose whom to invite",
    )

    def __init__(self, *args: Any, contacts: QuerySet[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = contacts  # type: ignore[attr-defined]


class AddressForm(forms.Form):
    """The address of somebody who comes back."""

    email = forms.EmailField("Your work e-mail address", max_length=254, required_message="Enter your e-mail address")


class CodeForm(forms.Form):
    """The code from the e-mail."""

    code = forms.TextField("Code", max_length=20, width=10, required_message="Enter the code from the e-mail")
