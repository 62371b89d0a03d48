"""The layout and the pieces of a page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants, get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from jinja2 import UndefinedError
from markupsafe import Markup

from saferpractice.design import forms, jinja, navigation, views
from tests.rules.design import Page
from tests.rules.design.test_fields import HOSTILE


class Somebody:
    is_authenticated = True

    def __str__(self) -> str:
        return "Sam Lee"


def request_to(path: str = "/", user: Any = None) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def render(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    return str(env.from_string(source).render({"request": request or request_to(), "csrf_input": "CSRF", **context}))


def page(body: str = "<h1>Hello</h1>", request: HttpRequest | None = None, **context: Any) -> Page:
    source = (
        '{% extends "design/layout.html" %}{% block title %}Hello{% endblock %}{% block content %}'
        + body
        + "{% endblock %}"
    )
    return Page(render(source, request, **context))


def piece(call: str, source: str = "page", **context: Any) -> Page:
    name = call.split("(", maxsplit=1)[0]
    return Page(render(f'{{% from "design/{source}.html" import {name} %}}{{{{ {call} }}}}', **context))


def block(call: str, inside: str = "<p>Inside</p>", source: str = "page", **context: Any) -> Page:
    name = call.split("(", maxsplit=1)[0]
    text = f'{{% from "design/{source}.html" import {name} %}}{{% call {call} %}}{inside}{{% endcall %}}'
    return Page(render(text, **context))


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_sources", [])
    monkeypatch.setattr(navigation, "_identify", [])


@pytest.fixture
def sections(nothing_registered: None) -> None:
    navigation.register_navigation(
        lambda request: [
            navigation.Item("Incidents", "/incidents/", order=20),
            navigation.Item("Home", "/", order=1),
            navigation.Item("My work", "/incidents/mine/", order=10, count=3),
        ]
    )


class TestLayout:
    def test_one_heading_one_title_one_main(self) -> None:
        built = page()
        assert built.only("title").text == "Hello – Safer Practice"
        assert built.only("main")["id"] == "maincontent"
        assert built.only("html")["lang"] == "en"
        assert len(built.all("h1")) == 1

    def test_the_title_says_when_something_is_wrong(self) -> None:
        class OneForm(forms.Form):
            it = forms.TextField("Owner")

        assert page(form=OneForm({})).only("title").text == "Error: Hello – Safer Practice"
        assert page(form=OneForm({"it": "x"})).only("title").text == "Hello – Safer Practice"
        assert page(form=OneForm({})).only("a", href="#id_it").text.strip() == "Enter owner"
        assert page(form=None).only("title").text == "Hello – Safer Practice"

    def test_a_misspelt_name_is_an_error(self) -> None:
        with pytest.raises(UndefinedError, match="'incidnet' is undefined"):
            page("{{ incidnet }}")
        with pytest.raises(UndefinedError, match="no attribute"):
            page("{{ request.pathh }}")

    def test_signed_out_there_is_no_account_and_no_menu(self) -> None:
        assert [nav["aria-label"] for nav in page().all("nav")] == []

    def test_signed_in_one_can_sign_out(self) -> None:
        built = page(request=request_to(user=Somebody()))
        assert [nav["aria-label"] for nav in built.all("nav")] == ["Account"]
        assert "Sam Lee" in [span.text for span in built.all("span")]
        assert built.only("form", action="/account/logout/")["method"] == "post"
        assert built.only("input", name="csrfmiddlewaretoken")["value"]

    def test_the_room_that_knows_people_names_them(self, sections: None) -> None:
        navigation.register_identity(lambda request: navigation.Identity("Anna <b>", "Elm House", "/me/"))
        built = page(request=request_to(user=Somebody()))
        assert built.only("a", href="/me/").text == "Anna <b>"

    def test_messages_are_shown_and_escaped(self) -> None:
        request = request_to()
        get_messages(request).add(constants.SUCCESS, f"Sent {HOSTILE}")
        get_messages(request).add(constants.ERROR, "Not sent")
        built = page(request=request)
        said = [e.text for e in built.all("p", **{"class": "nhsuk-notification-banner__heading"})]
        assert said == [f"Sent {HOSTILE}", "Not sent"]
        assert [e.text for e in built.all("h2")] == ["Done", "There is a problem"]
        assert len({e["id"] for e in built.all("h2")}) == 2

    def test_only_our_own_files_are_loaded(self) -> None:
        built = page()
        loaded = [e["src"] for e in built.all("script")] + [e["href"] for e in built.all("link")]
        assert len(loaded) == 5
        assert all(str(address).startswith("/static/design/") for address in loaded)


class TestNavigation:
    @pytest.mark.parametrize(
        ("path", "current"),
        [
            ("/", "Home"),
            ("/incidents/", "Incidents"),
            ("/incidents/7/", "Incidents"),
            ("/incidents/mine/", "My work"),
            ("/incidents/mine/old/", "My work"),
            ("/incidentsx/", None),
            ("/elsewhere/", None),
        ],
    )
    def test_the_nearest_section_is_current(self, sections: None, path: str, current: str | None) -> None:
        items = navigation.navigation_for(request_to(path))
        assert [item.text for item in items] == ["Home", "My work", "Incidents"]
        assert [item.text for item in items if item.current] == ([current] if current else [])

    def test_the_page_says_so_to_everyone(self, sections: None) -> None:
        built = page(request=request_to("/incidents/"))
        assert built.only("a", **{"aria-current": "true"})["href"] == "/incidents/"
        assert " waiting" in [e.text for e in built.all("span")]

    def test_registering_twice_shows_once(self, sections: None) -> None:
        def source(request: HttpRequest) -> list[navigation.Item]:
            return [navigation.Item("Help", "/help/")]

        navigation.register_navigation(source)
        navigation.register_navigation(source)
        assert [item.text for item in navigation.navigation_for(request_to())].count("Help") == 1


class TestErrorPages:
    def test_what_is_not_there_and_what_may_not_be_seen_look_the_same(self) -> None:
        missing = views.page_not_found(request_to(), Exception("Incident 7"))
        forbidden = views.permission_denied(request_to())
        assert (missing.status_code, missing.content) == (forbidden.status_code, forbidden.content)
        assert missing.status_code == 404
        assert b"Incident 7" not in missing.content

    def test_a_refusal_says_why(self) -> None:
        refused = views.permission_denied(request_to(), PermissionError("Only the <reviewer> may complete it."))
        assert refused.status_code == 403
        assert b"Only the &lt;reviewer&gt; may complete it." in refused.content

    @pytest.mark.parametrize(
        ("answer", "status", "says"),
        [
            (views.bad_request, 400, "Nothing was saved"),
            (views.csrf_failure, 403, "what you typed is still in the page you came from"),
            (views.server_error, 500, "either all of what you sent is kept, or none of it"),
        ],
    )
    def test_others_say_what_became_of_the_work(self, answer: Any, status: int, says: str) -> None:
        response = answer(request_to())
        assert response.status_code == status
        assert says in response.content.decode()
        assert len(Page(response.content.decode()).all("h1")) == 1

    def test_the_page_for_our_faults_asks_nobody(self, sections: None) -> None:
        def broken(request: HttpRequest) -> list[navigation.Item]:
            raise RuntimeError("the database is away")

        navigation.register_navigation(broken)
        request = request_to()
        del request.user
        assert views.server_error(request).status_code == 500


class TestTable:
    COLUMNS = ({"text": "Reference", "sort": "ref"}, "Team", {"text": "Days", "numeric": True, "sort": "days"})
    ROWS = ([{"text": "2026-1", "href": "/1"}, HOSTILE, 3], [Markup("<b>2026-2</b>"), None, 0])

    def built(self, path: str = "/", options: str = "") -> Page:
        return piece(
            f"table('Open incidents', columns, rows, request=request{options})",
            "table",
            columns=self.COLUMNS,
            rows=self.ROWS,
            request=request_to(path),
        )

    def test_headers_and_cells(self) -> None:
        built = self.built()
        assert built.only("caption").text.strip() == "Open incidents"
        assert [e["scope"] for e in built.all("th")] == ["col", "col", "col", "row", "row"]
        assert built.only("a", href="/1").text == "2026-1"
        assert HOSTILE in [e.text for e in built.all("span")]
        assert built.all("script") == []
        assert built.only("b").text == "2026-2"
        assert "–" in [e.text for e in built.all("span")]
        assert "0" in [e.text for e in built.all("span")]
        assert len([e for e in built.elements if "--numeric" in str(e["class"])]) == 3

    @pytest.mark.parametrize(
        ("path", "marked", "link"),
        [
            ("/?team=2", None, "?team=2&sort=days"),
            ("/?team=2&sort=days", "ascending", "?team=2&sort=-days"),
            ("/?sort=-days&before=9", "descending", "?sort=days"),
        ],
    )
    def test_sorting_keeps_the_filters_and_starts_over(self, path: str, marked: str | None, link: str) -> None:
        built = self.built(path)
        heads = built.all("th", scope="col")
        assert heads[2]["aria-sort"] == marked
        assert heads[0]["aria-sort"] is None
        assert link in [a["href"] for a in built.all("a")]

    def test_narrow_screens(self) -> None:
        cards, wide = self.built(), self.built(options=", wide=True")
        assert len(cards.all("span", **{"class": "nhsuk-table__heading"})) == 6
        assert wide.all("span", **{"class": "nhsuk-table__heading"}) == []
        region = wide.only("div", role="region")
        assert region["tabindex"] == "0"
        assert region["aria-labelledby"] == wide.only("caption")["id"]

    def test_tables_without_rows_or_header_cells(self) -> None:
        assert piece("table('None', ['A'], [])", "table").all("td") == []
        built = piece("table('None', ['A'], [['x']], row_header=False, hide_caption=True)", "table")
        assert built.only("td")["role"] == "cell"
        assert "nhsuk-u-visually-hidden" in str(built.only("caption")["class"])

    @pytest.mark.parametrize("caption", ["Open incidents", "50% “late”", "ملخص", HOSTILE])
    def test_the_id_can_be_an_id(self, caption: str) -> None:
        built = piece("table(caption, ['A'], [])", "table", caption=caption)
        assert not set(str(built.only("table")["id"])) & set(" \"'<>&")


class TestPieces:
    def test_tags_have_the_colour_of_their_meaning(self) -> None:
        tag = piece("tag('Overdue <b>', 'bad')").only("strong")
        assert (tag["class"], tag.text) == ("nhsuk-tag nhsuk-tag--red", "Overdue <b>")

    def test_a_summary(self) -> None:
        rows = [
            {"key": "Team", "value": HOSTILE},
            {"key": "Harm", "value": None, "href": "/harm"},
            {"key": "Count", "value": 0},
            None,
        ]
        built = piece("summary(rows)", rows=rows)
        assert [e.text.strip() for e in built.all("dt")] == ["Team", "Harm", "Count"]
        assert built.all("dd")[0].text == HOSTILE
        assert built.only("span", **{"class": "sp-none"}).text == "Not given"
        assert built.only("a", href="/harm").text == "Change"
        assert " harm" in [e.text for e in built.all("span")]
        assert built.all("dd")[-1].text == "0"

    @pytest.mark.requirement("R12")
    def test_what_is_needed_says_what_is_missing_and_where_to_supply_it(self) -> None:
        items = [
            {"text": "Timeline", "present": False, "href": "/timeline", "hint": "Three entries"},
            {"text": "Supervision check", "present": True},
            {"text": "Terms", "status": "Not needed", "meaning": "quiet"},
        ]
        built = piece("needed(items)", items=items)
        assert [e.text for e in built.all("strong")] == ["Missing", "Present", "Not needed"]
        assert built.only("a", href="/timeline").text == "Timeline"

    @pytest.mark.requirement("R7")
    def test_a_story_keeps_its_order_and_escapes_what_was_typed(self) -> None:
        entries = [
            {"when": "1 May", "who": "Anna", "text": "Referred", "detail": f"{HOSTILE}\n\nAnd more", "important": True},
            {"when": "2 May", "text": "Decided", "href": "/2", "detail": Markup("<em>kept</em>")},
        ]
        built = piece("story(entries)", entries=entries)
        assert [e.text for e in built.all("p", **{"class": "sp-story__when"})] == ["1 May", "2 May"]
        assert HOSTILE in [e.text for e in built.all("p")]
        assert built.all("script") == []
        assert built.only("em").text == "kept"
        assert built.only("a", href="/2").text == "Decided"

    def test_counts(self) -> None:
        items = [{"number": 3, "text": "overdue", "href": "/x", "meaning": "bad"}, {"number": 0, "text": "open"}]
        built = piece("counts(items)", items=items)
        assert [e.text for e in built.all("span", **{"class": "sp-counts__number"})] == ["3", "0"]
        assert len(built.all("a")) == 1

    def test_a_step_that_cannot_be_taken_says_why(self) -> None:
        built = piece("refused('Complete the review', 'Add the timeline first.')")
        button = built.only("button")
        assert (button["aria-disabled"], button["type"]) == ("true", "button")
        assert built.only("p", id=str(button["aria-describedby"])).text == "Add the timeline first."

    def test_older_and_newer(self) -> None:
        assert piece("older_newer()").elements == []
        built = piece("older_newer(newer='?after=9', older='?before=3')")
        assert [(a["href"], a["rel"]) for a in built.all("a")] == [("?after=9", "prev"), ("?before=3", "next")]

    def test_places_above(self) -> None:
        built = piece("breadcrumb([('My work', '/'), ('Incidents', '/incidents/')])")
        assert [a["href"] for a in built.all("a")] == ["/", "/incidents/", "/incidents/"]
        assert piece("back('/there', 'Back to it')").only("a", href="/there").text == "Back to it"

    @pytest.mark.parametrize(
        "call",
        [
            "heading('Hello')",
            "inset()",
            "warning('Still at risk')",
            "details('Why')",
            "card('Triage', href='/x')",
            "nothing_here('None yet')",
        ],
    )
    def test_what_is_put_inside_is_inside(self, call: str) -> None:
        assert "Inside" in [p.text for p in block(call).all("p")]

    @pytest.mark.parametrize(
        "call", ["heading('Hello <b>', caption='Elm', lead='x')", "card('Triage <b>')", "nothing_here('None')"]
    )
    def test_nothing_need_be_inside(self, call: str) -> None:
        assert piece(call).all("b") == []

    @pytest.mark.parametrize("call", ["warning('x')", "card('x')", "details('x')", "inset()", "nothing_here('x')"])
    def test_lines_of_a_text_inside_keep_their_indent(self, call: str) -> None:
        built = block(call, "<textarea>\na\n  b\n c</textarea>")
        assert built.only("textarea").text == "\na\n  b\n c"

    def test_a_filter_form_keeps_what_is_chosen_and_says_it_is_in_use(self) -> None:
        class Filters(forms.Form):
            mark_optional = False
            q = forms.TextField("Search", required=False)

        used = block("filtered(form, clear='/all')", form=Filters({"q": "oak"}))
        assert used.only("input", name="q")["value"] == "oak"
        assert used.only("form")["method"] == "get"
        assert "data-used" in used.only("details").attributes
        unused = block("filtered(form)", form=Filters({"q": ""}))
        assert "data-used" not in unused.only("details").attributes


class TestForms:
    def test_a_form(self) -> None:
        class Proof(forms.Form):
            it = forms.UploadField("Proof")

        built = block("form_tag(form, csrf_input, autosave_url='/draft', action='/send')", source="form", form=Proof())
        form = built.only("form")
        assert (form["method"], form["action"], form["enctype"]) == ("post", "/send", "multipart/form-data")
        assert form["data-autosave-url"] == "/draft"
        assert "novalidate" in form.attributes
        assert built.only("p", role="status")["aria-live"] == "polite"

    def test_no_status_line_without_drafts(self) -> None:
        assert block("form_tag(none, csrf_input)", source="form").all("p", role="status") == []

    def test_buttons(self) -> None:
        built = piece("submit('Send', secondary=('Save for later', 'later'), cancel='/back')", "form")
        assert [b.text for b in built.all("button")] == ["Send", "Save for later"]
        assert built.all("button")[1]["name"] == "later"
        assert built.only("a", href="/back").text == "Cancel"

    def test_a_button_that_does_one_thing(self) -> None:
        built = piece("act('Accept', '/accept', csrf_input, hidden={'version': 2})", "form")
        assert built.only("form", action="/accept")["method"] == "post"
        assert built.only("input", name="version")["value"] == "2"


class TestAddresses:
    @pytest.mark.parametrize(
        ("path", "changes", "query"),
        [
            ("/?a=1&a=2&b=3", {"page": 2}, "?a=1&a=2&b=3&page=2"),
            ("/?a=1&a=2&b=3", {"a": None}, "?b=3"),
            ("/?a=1", {"a": ["x", "y"]}, "?a=x&a=y"),
            ("/", {"q": "a&b=<"}, "?q=a%26b%3D%3C"),
            ("/?a=", {}, "?a="),
        ],
    )
    def test_a_query_with_changes(self, path: str, changes: dict[str, Any], query: str) -> None:
        assert jinja.query_with(request_to(path), **changes) == query

    def test_names(self) -> None:
        assert jinja.url("account_login") == "/account/login/"
        assert navigation.url_or_none("no_such_page") is None

    def test_every_room_s_templates_are_found_design_first(self) -> None:
        folders = jinja.template_folders()
        assert folders[0].parent.name == "design"
        assert all(folder.is_dir() for folder in folders)
