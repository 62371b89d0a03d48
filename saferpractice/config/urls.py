"""The root addresses: each room brings its own."""

from __future__ import annotations

from django.urls import include, path

from saferpractice.design.views import page_not_found
from saferpractice.exchange.views import api

urlpatterns = [
    # Addresses and sign-ins are an administrator's to give, so allauth's own pages for them are closed.
    path("account/email/", page_not_found),
    path("account/signup/", page_not_found),
    path("account/", include("allauth.urls")),
    path("", include("saferpractice.home.urls")),
    path("", include("saferpractice.incidents.urls")),
    path("", include("saferpractice.triage.urls")),
    path("", include("saferpractice.reviews.urls")),
    path("", include("saferpractice.findings.urls")),
    path("", include("saferpractice.changes.urls")),
    path("", include("saferpractice.assurance.urls")),
    path("", include("saferpractice.evidence.urls")),
    path("import/", include("saferpractice.exchange.urls")),
    path("integrations/", include("saferpractice.exchange.urls.integrations")),
    path("embed/", include("saferpractice.exchange.urls.embedded")),
    path("api/v1/", api.addresses()),
    path("people/", include("saferpractice.access.urls")),
    path("deadlines/", include("saferpractice.deadlines.urls")),
    path("pathways/", include("saferpractice.pathways.urls")),
    path("partners/", include("saferpractice.partners.urls")),
    path("partner/", include("saferpractice.partners.urls.partner")),
    path("lists/", include("saferpractice.lists.urls")),
]

handler400 = "saferpractice.design.views.bad_request"
handler403 = "saferpractice.design.views.permission_denied"
handler404 = "saferpractice.design.views.page_not_found"
handler500 = "saferpractice.design.views.server_error"
