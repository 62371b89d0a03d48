"""Lets allauth's pages use the layout and the fields of this product."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from saferpractice.design import fields, words

register = template.Library()


@register.simple_tag(takes_context=True)
def design_page(context: Context, title: str, content: str) -> SafeString:
    """The whole page in the product's layout. ``content`` is markup that the allauth template made and escaped."""
    flat: Any = context.flatten()
    request: HttpRequest = flat["request"]
    form = next((flat[name] for name in ("form", "verify_form") if isinstance(flat.get(name), BaseForm)), None)
    page = get_template("design/account.html", using="jinja2")
    return SafeString(page.render({"title": title.strip(), "body": SafeString(content), "form": form}, request))


@register.simple_tag
def design_fields(form: BaseForm, without_hints: bool = False) -> SafeString:  # noqa: FBT001 (a template tag's option)
    """The fields of a form."""
    options: dict[str, Any] = {"hint": ""} if without_hints else {}
    return SafeString("\n".join(fields.render_field(bound, **options) for bound in form))


@register.filter
def localtime_words(value: Any) -> str:
    """A moment as the rest of the product says it."""
    return words.localtime(value)
