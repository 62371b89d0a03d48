"""A form leads back to where it was opened, and never away from this site."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from saferpractice.access.web import back_to

pytestmark = pytest.mark.requirement("R34")


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("/duty", True),
        ("/duty?team=1&what=pathways", True),
        ("/work#flags", True),
        ("", False),
        ("duty", False),
        ("https://elsewhere.example/duty", False),
        ("http://testserver/duty", False),
        ("//elsewhere.example/duty", False),
        ("///elsewhere.example", False),
        ("/\\elsewhere.example", False),
        ("\\\\elsewhere.example", False),
        ("javascript:alert(1)", False),
        (" /duty", False),
        ("/\t/elsewhere.example", False),
        ("/\n/elsewhere.example", False),
    ],
)
def test_where_a_form_leads_back_to(address: str, stays: bool) -> None:
    assert back_to(RequestFactory().get("/"), address, otherwise="/work") == (address if stays else "/work")
