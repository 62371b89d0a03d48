"""The NHS component macros, callable from any template as ``nhsuk.button({...})``.

The macros lean on lenient look-ups (``params.fieldset.legend`` where there is no fieldset), our own templates must fail
loudly on a misspelt name. So the macros live in an environment of their own and are handed over as callables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, ChoiceLoader, DictLoader, Environment, PackageLoader, Undefined
from jinja2.meta import find_referenced_templates
from markupsafe import Markup, escape

_SHADOWED = {
    # 37 % of a page of macros is spent in this one; the Python function below gives the same bytes.
    "nhsuk/macros/attributes.jinja": "{% set nhsukAttributes = python_attributes %}",
}
_IRREGULAR = {"do_dont_list": "list", "images": "image", "tables": "table"}

_IN_USE = (
    "checkboxes",
    "date-input",
    "error-message",
    "error-summary",
    "file-upload",
    "hint",
    "input",
    "label",
    "password-input",
    "radios",
    "select",
    "warning-callout",
)


def attributes(given: Any = None) -> Markup:
    """HTML attributes as `` name="value"``, with the meaning and the bytes of the ``nhsukAttributes`` macro."""
    if isinstance(given, str):
        return Markup(given)
    if not isinstance(given, dict):
        return Markup("")
    return Markup("".join(_attribute(str(escape(name)), item) for name, item in given.items()))


def _attribute(name: str, item: Any) -> str:
    options = item if isinstance(item, dict) else {"value": item}
    value = options.get("value")
    optional = options.get("optional") is True
    if isinstance(value, Undefined):
        value = None
    if optional and (value is None or value is False):
        return ""
    if optional and value is True:
        return f" {name}"
    text = _text(value, options.get("type"))
    quote = "'" if '"' in text else '"'
    return f" {name}={quote}{text}{quote}"


def _text(value: Any, kind: Any) -> str:
    if value is None:
        return ""
    if value is True or value is False:
        return str(value).lower()
    if kind == "array" and not hasattr(value, "__html__") and hasattr(value, "__iter__"):
        text = json.dumps(value, sort_keys=True)
        for character, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")):
            text = text.replace(character, code)
        return text
    return str(escape(value))


@cache
def components() -> Environment:
    """The environment of the NHS macros, built once."""
    env = Environment(
        loader=ChoiceLoader([DictLoader(_SHADOWED), PackageLoader("nhsuk_frontend_jinja")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
        auto_reload=False,
    )
    env.globals["python_attributes"] = attributes
    return env


def warm() -> int:
    """Compile the components that fields and pages use, with all they are made of. Returns how many there were."""
    env, done = components(), set[str]()
    waiting = {f"nhsuk/components/{name}/macro.jinja" for name in _IN_USE} | {"nhsuk/macros/icon.jinja"}
    while waiting:
        name = waiting.pop()
        done.add(name)
        env.get_template(name)
        source = env.loader.get_source(env, name)[0] if env.loader else ""
        waiting |= {found for found in find_referenced_templates(env.parse(source)) if found} - done
    return len(done)


class Components:
    """``nhsuk.error_summary`` is the macro of ``nhsuk/components/error-summary``."""

    def __getattr__(self, name: str) -> Callable[..., Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        macro = _macro(name)
        if macro is None:
            raise AttributeError(f"there is no NHS component called {name}")
        return macro


@cache
def _macro(name: str) -> Callable[..., Markup] | None:
    path = f"nhsuk/components/{name.replace('_', '-')}/macro.jinja"
    if path not in components().list_templates():
        return None
    return getattr(components().get_template(path).module, _IRREGULAR.get(name) or _camel(name))  # type: ignore[no-any-return]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def icon(name: str, **params: Any) -> Markup:
    """An inline NHS icon, hidden from assistive technology unless ``title`` is given."""
    macro = components().get_template("nhsuk/macros/icon.jinja").module.nhsukIcon  # type: ignore[attr-defined]
    return macro(name, params)  # type: ignore[no-any-return]
