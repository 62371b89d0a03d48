"""Whatever somebody writes behind the question mark of an address, it is a filter, a page or nothing: never a fault."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlencode

import pytest
from django.urls import resolve

from tests.architecture.source import functions, product_modules
from tests.stages.access.asking import OF_INCIDENTS, OF_PROVIDERS, OURS, address_of, ask
from tests.stages.access.scene import ORDINARY, Scene
from tests.stages.access.table import Row

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34", "R35")]

READ = re.compile(r"""GET(?:\.get(?:list)?\(|\[)["'](\w+)["']""")
OF_FORMS = (
    "q show sphere team owner sort what escalated theme risk on on-day on-month on-year every role service active "
    "place pathway state months from to from-day from-month from-year answer against reference person words"
)
"""What the forms that narrow a list ask."""
HOSTILE = {
    "a nul": "P-1\x00042",
    "a page far beyond the end": "99999999999999999999",
    "a number no machine reads": "9" * 5000,
    "a page before the first, in another script": "-٣",
    "a search that commands": '\' OR 1=1 -- NEAR("a" NOT b) OR c*: %_%\\[^',
    "half a character, right to left": "\ud83d\u202eابحث💙" * 20,
    "the first moment of all": "0001-01-01T00:00:00+14:00~00000000-0000-0000-0000-000000000000",
    "the last day of all": "9999-12-31",
    "a month that is none": "2026-13-01",
    "a text without an end": "x" * 10_000,
    "asked more than once": ("1", "2026-02-29", "\x00", "0"),
}


def asked_in_addresses() -> list[str]:
    """Every name that a page reads from an address."""
    read = {name for module in product_modules() if module.layer == "views" for name in READ.findall(module.text)}
    return sorted(read | set(OF_FORMS.split()))


def test_the_names_are_found() -> None:
    assert {"after", "page", "draft", "duty", "finding", "kind", "person", "incident"} <= set(asked_in_addresses())


@cache
def readers(module: str) -> frozenset[str]:
    """The functions of a module of views that read what is asked in the address, by themselves or through another."""
    found = next(one for one in product_modules() if one.path == module.replace(".", "/") + ".py")
    text = {name: ast.get_source_segment(found.text, node) or "" for name, node in functions(found)}
    reading = {name for name, source in text.items() if "request.GET" in source}
    shared = {name for name, source in text.items() if any(f"{one}(" in source for one in reading)}
    return frozenset(reading | shared | {"measure", "measure_rows", "measure_file", "measure_rows_file", "teams"})


def reads_its_address(address: str) -> bool:
    """Whether the page asks anything of its address."""
    view = inspect.unwrap(resolve(address.split("?", maxsplit=1)[0]).func)
    return view.__name__ in readers(view.__module__)


def pages(scene: Scene) -> Iterator[tuple[str, Row, str]]:
    """Each page and file that asks something of its address, and somebody who may see it."""
    for rows, ids, state in ((OF_INCIDENTS, scene.stories[ORDINARY].ids, ORDINARY), (OF_PROVIDERS, scene.ours, OURS)):
        for row in rows:
            may = row.may("GET", state) or frozenset()
            who = next((name for name in ("lead", "quality_lead", "administrator", *sorted(may)) if name in may), "")
            if who and who != "stranger" and reads_its_address(address_of(row, ids)):
                yield who, row, address_of(row, ids)


@pytest.mark.parametrize("hostile", sorted(HOSTILE))
def test_no_address_is_a_fault(scene: Scene, undrawn: None, hostile: str) -> None:
    said = HOSTILE[hostile]
    texts = [text.encode("utf-8", "surrogatepass") for text in ((said,) if isinstance(said, str) else said)]
    query = urlencode(dict.fromkeys(asked_in_addresses(), texts), doseq=True)
    faults, tried = [], 0
    for who, row, address in pages(scene):
        tried += 1
        client = scene.client(who)
        client.raise_request_exception = False
        answer = ask(client, "GET", f"{address.split('?')[0]}?{query}")
        if answer.status not in {200, 302, 400, 404}:
            faults.append(f"{row.name} for {who}: {answer.status}")
    assert tried > 25
    assert faults == []


LANGUAGES = ("", "*", "en-gb;q=nothing", "\x00", "\u2028", "a" * 5000, ",".join(["en"] * 2000), "xx-klingon, ;;=,")


def test_whatever_a_browser_asks_it_with(scene: Scene, undrawn: None) -> None:
    """Only the head, what can be done there, in any language: of every address there is.

    A head comes with the status of its page; the link that opens a checklist once is spent by a look only.
    """
    faults, tried = [], 0
    for rows, ids, state in ((OF_INCIDENTS, scene.stories[ORDINARY].ids, ORDINARY), (OF_PROVIDERS, scene.ours, OURS)):
        for row in rows:
            may = (row.may("GET", state) or frozenset()) | (row.may("POST", state) or frozenset())
            who = next(
                (name for name in ("lead", "quality_lead", "administrator", *sorted(may)) if name in may), "lead"
            )
            client = scene.client(who)
            client.raise_request_exception = False
            heads = {
                "Accept-Language": LANGUAGES[tried % len(LANGUAGES)],
                "Accept": "nothing/such",
                "Range": "bytes=9-1",
            }
            tried += 1
            codes = {
                method: client.generic(method, address_of(row, ids), headers=heads).status_code
                for method in ("HEAD", "OPTIONS", "GET")
            }
            odd = {method for method, code in codes.items() if code not in {200, 302, 400, 403, 404, 405}}
            if odd or codes["HEAD"] != codes["GET"]:
                faults.append(f"{row.name} for {who}: {codes}")
    assert tried == len(OF_INCIDENTS) + len(OF_PROVIDERS)
    assert faults == []
