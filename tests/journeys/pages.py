"""Pages with known faults, to prove that the browser's helpers find them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

HEAD = '<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,"></head><body><main>'
PAGES = {
    "good": "<h1>Good</h1><p>Nothing is wrong here.</p>",
    "unlabelled": "<h1>Form</h1><form><input name='who'></form>",
    "inline": "<h1>Inline</h1><script>document.title = 'changed'</script>",
    "elsewhere": "<h1>Elsewhere</h1><img src='http://192.0.2.1/logo.png' alt='Logo'>",
    "missing": "<h1>Missing</h1><img src='/no-such-picture.png' alt='Logo'>",
    "wide": "<h1>Wide</h1><svg width='700' height='20' role='img' aria-label='Line'></svg>",
}


def show(_request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages above."""
    return HttpResponse(HEAD + PAGES[name] + "</main></body></html>")


def who(request: HttpRequest) -> HttpResponse:
    """Say who is signed in."""
    return HttpResponse(f"{HEAD}<h1>{request.user}</h1></main></body></html>")


def refused(_request: HttpRequest) -> HttpResponse:
    """Refuse as a page does that a person may not see."""
    return HttpResponse(f"{HEAD}<h1>Page not found</h1></main></body></html>", status=404)


def broken(_request: HttpRequest) -> HttpResponse:
    """Fail as a fault in a view does."""
    raise RuntimeError("This view is broken on purpose")


urlpatterns = [
    path("who", login_not_required(who)),
    path("refused", login_not_required(refused)),
    path("broken", login_not_required(broken)),
    path("<slug:name>", login_not_required(show)),
]
