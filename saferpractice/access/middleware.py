"""The last stop of a refusal that no page caught: an answer in words, never a fault."""

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
