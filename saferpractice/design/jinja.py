"""The template engine: one environment for every room, loud about mistakes, quick at the first page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from saferpractice.design import charts, fields, navigation, nhsuk, words

PACKAGE = Path(__file__).resolve().parent.parent


def template_folders() -> list[Path]:
    """Every room's ``templates`` folder, design first; a template is named ``<room>/<page>.html``."""
    folders = sorted(PACKAGE.glob("*/templates"))
    return sorted(folders, key=lambda folder: folder.parent.name != "design")


def environment(**options: Any) -> Environment:
    """The Jinja environment of the product; Django's Jinja2 backend calls this with its own options."""
    options.update(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in template_folders()]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.do"],
    )
    env = Environment(**options)  # noqa: S701 (autoescape is set three lines up)
    env.globals.update(
        charts=charts,
        csrf_input_for=csrf_input_for,
        get_messages=get_messages,
        icon=nhsuk.icon,
        identity_for=navigation.identity_for,
        navigation_for=navigation.navigation_for,
        nhsuk=nhsuk.Components(),
        query_with=query_with,
        render_errors=fields.render_errors,
        render_field=fields.render_field,
        render_rest=fields.render_rest,
        static=static,
        tag_colour=words.tag_colour,
        url=url,
        url_or_none=navigation.url_or_none,
        width_class=words.width_class,
    )
    env.filters.update(
        ago=words.ago,
        lines=words.lines,
        localday=words.localday,
        localtime=words.localtime,
        lower_first=words.lower_first,
        plural=words.plural,
        python_text=words.python_text,
    )
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page: ``url("incidents:one", incident.pk)``."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def csrf_input_for(request: HttpRequest) -> Markup:
    """The hidden CSRF input, for macros, which do not see the page's own ``csrf_input``."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))


def query_with(request: HttpRequest, **changes: Any) -> str:
    """The query string of this page with some parameters changed; ``None`` takes a parameter out.

    ``<a href="{{ query_with(request, sort="-due") }}">`` keeps every filter that is set.
    """
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if isinstance(value, list | tuple):
            query.setlist(name, [str(one) for one in value])
        elif value is not None:
            query[name] = str(value)
    return "?" + query.urlencode()


def warm() -> int:
    """Compile every page and the components they use, so that no person waits for it. Returns how many there were."""
    from django.template import engines

    env: Environment = engines["jinja2"].env  # type: ignore[attr-defined]
    names = env.list_templates()
    for name in names:
        env.get_template(name)
    return len(names) + nhsuk.warm()


__all__ = ["csrf_input_for", "environment", "escape", "query_with", "template_folders", "url", "warm"]
