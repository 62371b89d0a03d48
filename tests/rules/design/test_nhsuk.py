"""The NHS macros: our quicker attributes give the same bytes, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup

from saferpractice.design import fields, jinja, nhsuk
from tests.architecture.source import ROOT
from tests.rules.design.test_fields import EveryForm

ORIGINAL = Environment(
    loader=PackageLoader("nhsuk_frontend_jinja"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=ChainableUndefined,
)
DESIGN = ROOT / "saferpractice" / "design"
VENDORED = DESIGN / "static" / "design" / "nhsuk"


def original(attributes: Any) -> str:
    module: Any = ORIGINAL.get_template("nhsuk/macros/attributes.jinja").module
    return str(module.nhsukAttributes(attributes))


names = st.text("abcdefghij-<>\"'", min_size=1, max_size=8)
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.text(max_size=12).map(Markup))
values = st.one_of(
    plain,
    st.fixed_dictionaries(
        {"value": plain}, optional={"optional": st.booleans(), "type": st.sampled_from(["string", "other"])}
    ),
    st.builds(
        lambda value, optional: {"value": value, "type": "array", "optional": optional},
        st.lists(st.text(max_size=8), max_size=3),
        st.booleans(),
    ),
)


class TestAttributes:
    @given(st.dictionaries(names, values, max_size=4))
    def test_same_bytes_as_the_macro(self, given_: dict[str, Any]) -> None:
        assert str(nhsuk.attributes(given_)) == original(given_)

    @pytest.mark.parametrize("given_", ["", ' class="a"', Markup(' class="a"'), None, 3, {}])
    def test_whatever_is_given(self, given_: Any) -> None:
        assert str(nhsuk.attributes(given_)) == original(given_)

    def test_undefined_values_are_left_out_when_optional(self) -> None:
        missing = ChainableUndefined()
        assert nhsuk.attributes({"id": {"value": missing, "optional": True}}) == ""
        assert nhsuk.attributes({"id": missing}) == ' id=""' == original({"id": missing})

    def test_what_people_type_is_escaped(self) -> None:
        assert nhsuk.attributes({"value": '"><script>'}) == ' value="&#34;&gt;&lt;script&gt;"'


LABELLED: dict[str, Any] = {"name": "who", "id": "id_who", "label": {"text": "Who <b>", "size": "s"}}
FIELDSET: dict[str, Any] = {"name": "who", "idPrefix": "id_who", "fieldset": {"legend": {"text": "Who", "size": "s"}}}
ITEMS = [{"value": "a", "text": "A & B", "checked": True, "hint": {"text": "x"}}, {"value": "b", "text": "B"}]
IN_USE: list[tuple[str, dict[str, Any]]] = [
    ("input", LABELLED | {"value": '"<&', "width": 10, "suffix": "days", "autocomplete": "off"}),
    ("input", LABELLED | {"errorMessage": {"html": Markup("a<br>b")}, "hint": {"text": "<i>"}}),
    ("password_input", LABELLED | {"autocomplete": "new-password"}),
    ("select", LABELLED | {"items": [{"value": "", "text": "Any", "selected": True}, {"value": "1", "text": "<1>"}]}),
    ("file_upload", LABELLED | {"attributes": {"accept": ".pdf"}}),
    ("radios", FIELDSET | {"items": ITEMS, "inline": True}),
    ("radios", FIELDSET | {"items": [ITEMS[0] | {"conditional": {"html": Markup("<p>more</p>")}}]}),
    (
        "checkboxes",
        FIELDSET | {"items": [*ITEMS, {"divider": "or"}, {"value": "n", "text": "N", "behaviour": "exclusive"}]},
    ),
    (
        "date_input",
        {"id": "on", "fieldset": {"legend": "On"}, "items": [{"name": "on-day", "value": "3", "error": True}]},
    ),
    (
        "error_summary",
        {"heading": "There is a problem", "errorList": [{"text": "<x>", "href": "#id_who"}, {"text": "y"}]},
    ),
    ("label", {"text": "Who", "for": "id_who", "size": "m", "isPageHeading": True}),
    ("hint", {"text": "<x>", "id": "h"}),
    ("error_message", {"text": "<x>", "id": "e"}),
    ("button", {"text": "Go", "name": "a", "value": "b", "preventDoubleClick": True}),
    ("button", {"text": "Go", "href": "/there?a=1&b=2", "variant": "secondary"}),
    ("warning_callout", {"heading": {"text": "Stop", "level": 2}, "text": "<x>"}),
    ("tabs", {"items": [{"label": "One", "id": "one", "panel": {"html": "<p>1</p>"}}]}),
    ("summary_list", {"rows": [{"key": {"text": "K"}, "value": {"text": "<v>"}}]}),
]


class TestComponents:
    @pytest.mark.parametrize(("name", "params"), IN_USE)
    def test_same_bytes_as_the_package(self, name: str, params: dict[str, Any]) -> None:
        folder = name.replace("_", "-")
        module: Any = ORIGINAL.get_template(f"nhsuk/components/{folder}/macro.jinja").module
        macro = next(macro for key, macro in vars(module).items() if key.lower() == name.replace("_", ""))
        assert str(getattr(nhsuk.Components(), name)(params)) == str(macro(params))

    def test_every_component_can_be_called(self) -> None:
        listed = {name.split("/")[2] for name in nhsuk.components().list_templates() if name.count("/") == 3}
        assert len(listed) > 30
        for folder in listed - {"template-with-imports"}:
            assert callable(getattr(nhsuk.Components(), folder.replace("-", "_")))

    def test_a_wrong_name_is_an_error(self) -> None:
        with pytest.raises(AttributeError, match="no NHS component called buton"):
            nhsuk.Components().buton  # noqa: B018

    def test_after_warming_up_no_page_waits_for_a_component(self, monkeypatch: pytest.MonkeyPatch) -> None:
        env = nhsuk.components()
        assert env.cache is not None
        env.cache.clear()
        nhsuk._macro.cache_clear()
        jinja.warm()
        monkeypatch.setattr(env, "compile", lambda *args, **kwargs: pytest.fail("compiled on a page"))
        form = EveryForm({})
        assert "Enter owner" in fields.render_errors(form)
        assert "Owner" in fields.render_rest(form)

    def test_icons_are_hidden_from_screen_readers_unless_named(self) -> None:
        assert 'aria-hidden="true"' in nhsuk.icon("user")
        assert 'aria-label="A &lt;person&gt;"' in nhsuk.icon("user", title="A <person>")


def ours(*endings: str) -> list[Path]:
    return [file for file in DESIGN.rglob("*") if file.is_file() and file.suffix in endings]


class TestNothingFromElsewhere:
    def test_there_are_files_to_look_at(self) -> None:
        assert len(ours(".html")) > 40
        assert {file.suffix for file in VENDORED.iterdir()} >= {".css", ".js"}

    @pytest.mark.parametrize("file", ours(".css", ".js", ".html", ".svg"), ids=lambda file: file.name)
    def test_no_address_of_another_host(self, file: Path) -> None:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert re.findall(r"https?://[^\s\"')]+", text) == []
        assert re.findall(r"(?:url\(|src=|href=)[\"']?//", text) == []

    @pytest.mark.parametrize("file", ours(".css"), ids=lambda file: file.name)
    def test_whatever_a_style_names_is_here(self, file: Path) -> None:
        named = {address.strip("\"'") for address in re.findall(r"url\(([^)]*)\)", file.read_text())}
        assert [address for address in named if not (file.parent / address).is_file()] == []

    def test_no_font_and_no_logo_that_others_own(self) -> None:
        style = next(VENDORED.glob("*.css")).read_text()
        assert "@font-face" not in style
        assert "frutiger" not in style.lower()
        assert "font-family:arial,sans-serif" in style
        assert [
            file.name for file in VENDORED.rglob("*") if re.search("logo|favicon|nhsuk-icon-1|nhsuk-icon-5", file.name)
        ] == []

    def test_no_map_is_asked_for_that_is_not_there(self) -> None:
        assert [file.name for file in ours(".css", ".js") if "sourceMappingURL" in file.read_text()] == []

    def test_the_licence_is_kept(self) -> None:
        assert "NHS England" in (VENDORED / "LICENCE.md").read_text()


class TestTemplates:
    @pytest.mark.parametrize("file", ours(".html"), ids=lambda file: str(file.relative_to(DESIGN)))
    def test_no_style_and_no_script_of_their_own(self, file: Path) -> None:
        text = file.read_text()
        assert not re.search(r"\sstyle\s*=", text)
        assert not re.search(r"<style\b", text)
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
        scripts = re.findall(r"<script\b([^>]*)>", text)
        assert [script for script in scripts if "src=" not in script and "application/json" not in script] == []
        assert "javascript:" not in text

    def test_all_of_them_compile(self) -> None:
        assert jinja.warm() > 60
