"""The page on which a person looks through every text of a pack before it goes outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from saferpractice.design.words import number_asked
from saferpractice.evidence import operations
from saferpractice.evidence.forms.packs import TextForm
from saferpractice.evidence.models import EvidencePack
from saferpractice.evidence.presenters import pack_texts as presenters
from saferpractice.evidence.queries import packs as queries
from saferpractice.evidence.queries.packs import Text
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.views.packs import pack_of_page
from saferpractice.trail.refusals import Invalid

AT_ONCE = 12
"""Texts on one page: as many as somebody reads with care before they send them."""
SHOWS = {"open": "Still to confirm", "found": "Something was found in it", "all": "Every text"}


def pack_texts(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Decide what goes outside of each text: as shown, in other words, or nothing (``?show=open|found|all&page=``)."""
    person, at, pack = pack_of_page(request, pack_id, "evidence pack, texts")
    if pack.decided_by_id != person.pk or pack.disclosure != Disclosure.INSPECTOR:
        raise Http404
    if queries.state_of(pack) not in {queries.PackState.ASKED, queries.PackState.FAILED}:
        return redirect("evidence:pack", pack.pk)
    texts = queries.texts_of(pack, person, at)
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    page = max(1, number_asked(request.GET.get("page", ""), 1))
    if request.method == "POST":
        sent = set(request.POST.getlist("text"))
        forms = [TextForm(request.POST, text=text) for text in texts if text.said.key in sent]
        if forms and _confirmed(request, pack, forms, person, at):
            left = f"{reverse('evidence:pack_texts', args=[pack.pk])}?show={show}"
            return redirect(left if show == "open" else f"{left}&page={page}")
    else:
        listed = _listed(texts, show)
        forms = [TextForm(text=text) for text in listed[(page - 1) * AT_ONCE : page * AT_ONCE]]
    context = {
        "pack": pack,
        "counts": presenters.counts(texts),
        "show": show,
        "shows": SHOWS,
        "page": page,
        "more": len(_listed(texts, show)) > page * AT_ONCE,
        "groups": presenters.grouped([(form.text, form) for form in forms]),
        "jump": presenters.places(_listed(texts, show), AT_ONCE),
        "forms": forms,
    }
    return render(request, "evidence/pack_texts.html", context)


def _listed(texts: Sequence[Text], show: str) -> list[Text]:
    if show == "open":
        return queries.still_open(texts)
    return [text for text in texts if text.marked.found] if show == "found" else list(texts)


def _confirmed(request: HttpRequest, pack: EvidencePack, forms: Sequence[TextForm], person: Any, at: Any) -> bool:
    """Whether everything on the page was decided about; else each form says what is wrong."""
    if not all([form.is_valid() for form in forms]):  # noqa: C419 - every form says what is wrong with it
        return False
    try:
        operations.confirm_texts(
            by=person, at=at, pack=pack, choices={form.text.said.key: form.chosen() for form in forms}
        )
    except Invalid as no:
        by_key = {form.text.said.key: form for form in forms}
        for key, problem in no.problems.items():
            if key in by_key:
                by_key[key].add_error("words", problem)
            else:
                messages.error(request, problem)
        return False
    messages.success(request, f"{len(forms)} {'text is' if len(forms) == 1 else 'texts are'} confirmed.")
    return True
