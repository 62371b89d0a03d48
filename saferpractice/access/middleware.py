"""The last stop of a refusal that no page caught, and the word to browsers that nothing drawn here is kept."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from saferpractice.trail.refusals import Refused


class RefusalMiddleware:
    """Turns ``Refused`` into "not found" for a look and into its sentence (403) for a deed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; refusals come through ``process_exception``."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Re-raise a refusal as what the error pages know."""
        if not isinstance(exception, Refused):
            return
        if request.method in {"GET", "HEAD"}:
            raise Http404(exception.sentence) from exception
        raise PermissionDenied(exception.sentence) from exception


class NothingKeptMiddleware:
    """Says of every page and file that no browser may keep it: the next person at a shared computer presses "Back"."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and say so of the answer unless it says something itself."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
