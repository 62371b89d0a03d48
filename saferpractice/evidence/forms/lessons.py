"""The forms of the library of lessons: take part, publish, withdraw, take in, accept a key, adopt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from saferpractice.design import forms
from saferpractice.evidence.rules.confirming import Found, key_of, problems
from saferpractice.evidence.rules.lessons import FIELDS, MOST_TITLE, MOST_WORDS, LessonWords

NO_NAMES = "No names, initials, places, dates or numbers that could tell who somebody is."


class ConfirmedForm(forms.Form):
    """Words that leave the provider. What looks like an identifier is taken out, or ticked as naming nobody.

    ``look`` finds it in what was typed; ``typed_in`` names the fields that somebody types.
    """

    typed_in: tuple[str, ...] = ()

    stays = forms.ManyChoicesField(
        "Which of these name nobody?",
        hint="They were found in the words. Tick those that may stay; take the others out.",
        required=False,
    )
    read = forms.TickField(
        "I read every word of it, and nothing in it tells who somebody is",
        required_message="Read every word of it, and tick that you did",
    )

    def __init__(self, *args: Any, look: Callable[[dict[str, str]], Found], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Found = {}
        if self.is_bound:
            self.found = look({name: str(self.data.get(self.add_prefix(name), "")) for name in self.typed_in})
        named = {key_of(one.text): one for each in self.found.values() for one in each}
        if named:
            self.fields["stays"].choices = [  # type: ignore[attr-defined]
                (key, f"“{' '.join(one.text.split())}” ({one.kind.value})") for key, one in sorted(named.items())
            ]
        else:
            del self.fields["stays"]

    def clean(self) -> dict[str, Any]:
        """Ask for what is not settled yet."""
        given = super().clean() or self.cleaned_data
        for name, sentence in problems(self.found, given.get("stays") or (), self.typed_in).items():
            self.add_error(name, sentence)
        return given


class LessonForm(ConfirmedForm):
    """A lesson in words for people who know nothing of it."""

    typed_in = FIELDS
    field_order = ("submission_key", *FIELDS, "stays", "read")

    submission_key = forms.HiddenField(required=False)
    title = forms.TextField("Title", max_length=MOST_TITLE, required_message="Enter a title")
    problem = forms.LongTextField(
        "What went wrong before, in general?",
        hint=f"What in the way work was set up made it likely, not who did what. {NO_NAMES}",
        max_length=MOST_WORDS,
        required_message="Enter what went wrong before, in general",
    )
    change = forms.LongTextField(
        "What is different now?",
        hint="So that somebody in another service could do the same.",
        max_length=MOST_WORDS,
        required_message="Enter what is different now",
    )
    advice = forms.LongTextField(
        "What would you tell a service that wants to do the same?",
        required=False,
        rows=3,
        max_length=MOST_WORDS,
    )

    def words(self) -> LessonWords:
        """The words. Only on a valid form."""
        return LessonWords(**{name: self.cleaned_data[name] for name in FIELDS})


class TakePartForm(forms.Form):
    """Whether the provider takes part in the library."""

    takes_part = forms.YesNoField(
        "Do you take part in the library of lessons?",
        yes="Yes: other providers who take part read our lessons, and we read theirs",
        no="No: nobody else reads our lessons, and we read nobody else’s",
        required_message="Choose whether you take part",
    )
    reason = forms.LongTextField("Why?", rows=3, max_length=2000, required_message="Enter why")


class ReasonForm(forms.Form):
    """Why a lesson is withdrawn."""

    reason = forms.LongTextField("Why is it withdrawn?", rows=3, max_length=2000, required_message="Enter why")


class ReceiveForm(forms.Form):
    """The file of a lesson."""

    file = forms.UploadField(
        "The file of the lesson", kinds=("txt",), largest=1024 * 1024, required_message="Choose the file of the lesson"
    )


class AcceptKeyForm(forms.Form):
    """Whose key a file is signed with."""

    owner = forms.TextField("Whose key is it?", required_message="Enter whose key it is")
    told = forms.TextField(
        "The fingerprint as they told it to you",
        hint="32 letters and digits. Ask them by telephone or face to face, not by answering their e-mail.",
        required_message="Enter the fingerprint as they told it to you",
    )
    how = forms.LongTextField(
        "How did you make sure?",
        hint="For example: rang the quality lead on the number of their switchboard, who read it out.",
        rows=3,
        max_length=2000,
        required_message="Enter how you made sure",
    )


class AdoptForm(forms.Form):
    """Why practice here should change in the same way."""

    why = forms.LongTextField(
        "Why should practice here change in the same way?",
        hint="Somebody else decides on the draft, and reads this.",
        rows=4,
        max_length=2000,
        required_message="Enter why practice here should change in the same way",
    )
