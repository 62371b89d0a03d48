"""Signing in and out, and the second step, in the browser: the pages of allauth in our layout."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal import auth
from playwright.sync_api import CDPSession, Page, expect

from saferpractice.access.models import Person, Provider
from tests.journeys.browser import Complaints, assert_accessible, assert_fits
from tests.journeys.conftest import Site

pytestmark = pytest.mark.requirement("R34")
PASSWORD = "three random words"


@pytest.fixture
def anna(live_site: object) -> Person:
    person = Person(provider=Provider.objects.create(name="Meadow Care"), name="Anna Reis", email="anna@example.org")
    person.set_password(PASSWORD)
    person.save()
    return person


def looked_at(page: Page) -> None:
    assert_accessible(page)
    assert_fits(page)
    assert len(page.locator("h1").all()) == 1


def sign_in(page: Page, password: str = PASSWORD, here: str = "") -> None:
    page.goto(f"{here}/account/login/")
    page.get_by_label("Email").fill("anna@example.org")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it is you")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Confirm it is you")


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """What an authenticator app shows, in a half minute that does not end while the code is typed."""
    monkeypatch.setattr(auth, "yield_hotp_counters_from_time", lambda: iter([59_000_000]))
    return lambda secret: str(auth.format_hotp_value(auth.hotp_value(secret, 59_000_000)))


def test_signing_in_and_out(page: Page, anna: Person) -> None:
    page.goto("/account/login/")
    looked_at(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title("Error: Sign in – Safer Practice")
    looked_at(page)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_text(["Enter email", "Enter password"])
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    sign_in(page)
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Anna Reis")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("navigation", name="Account")).to_have_count(0)


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/account/password/reset/", "Reset your password"),
        ("/account/password/reset/done/", "Check your email"),
        ("/account/password/reset/key/3-set/", "This link does not work"),
        ("/account/password/reset/key/done/", "Your password is changed"),
        ("/account/inactive/", "This account is closed"),
    ],
)
def test_pages_before_signing_in(page: Page, anna: Person, address: str, heading: str) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    looked_at(page)


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/account/password/change/", "Change your password"),
        ("/account/2fa/", "Two-step sign-in"),
        ("/account/2fa/webauthn/", "Your passkeys and security keys"),
        ("/account/sessions/", "Where you are signed in"),
        ("/account/logout/", "Sign out"),
        ("/account/reauthenticate/", "Confirm it is you"),
    ],
)
def test_pages_of_one_s_own_account(browse: Callable[..., Page], anna: Person, address: str, heading: str) -> None:
    page = browse(as_=anna)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    looked_at(page)


def test_changing_a_password(browse: Callable[..., Page], anna: Person) -> None:
    page = browse(as_=anna)
    page.goto("/account/password/change/")
    page.get_by_role("button", name="Change password").click()
    expect(page).to_have_title("Error: Change your password – Safer Practice")
    looked_at(page)
    for label, typed in (
        ("Current password", PASSWORD),
        ("New password", "four words are better"),
        ("New password (again)", "four words are better"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert")).to_contain_text("Done")
    anna.refresh_from_db()
    assert anna.check_password("four words are better")


def test_codes_from_an_app(page: Page, anna: Person, code: Callable[[str], str]) -> None:
    sign_in(page)
    expect(page.get_by_role("navigation", name="Account")).to_be_visible()
    page.goto("/account/2fa/totp/activate/")
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up codes from an app")
    looked_at(page)
    secret = page.locator("code").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page).to_have_title("Error: Set up codes from an app – Safer Practice")
    page.get_by_label("Authenticator code").fill(code(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    looked_at(page)
    expect(page.locator("main li code")).to_have_count(10)
    recovery = page.locator("main li code").first.inner_text()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("navigation", name="Account")).to_have_count(0)
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    looked_at(page)
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Anna Reis")

    page.goto("/account/2fa/")
    looked_at(page)
    page.goto("/account/2fa/recovery-codes/generate/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm it is you")
    looked_at(page)
    confirm(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Make new recovery codes")
    looked_at(page)
    page.goto("/account/2fa/totp/deactivate/")
    looked_at(page)
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("Off. An authenticator app")).to_be_visible()


@pytest.fixture
def virtual_key(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_passkey(page: Page, anna: Person, virtual_key: CDPSession, live_site: Site, complaints: Complaints) -> None:
    here = live_site.url.replace("127.0.0.1", "localhost")  # browsers give passkeys to names, not to numbers
    complaints.host = complaints.host.replace("127.0.0.1", "localhost")
    sign_in(page, here=here)
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Anna Reis")

    page.goto(f"{here}/account/2fa/webauthn/add/")
    confirm(page)
    looked_at(page)
    page.get_by_label("Name").fill("My phone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Add a passkey or security key")
    for step in ("Rename", "Remove"):
        page.goto(f"{here}/account/2fa/webauthn/")
        expect(page.get_by_text("My phone").first).to_be_visible()
        looked_at(page)
        page.get_by_role("link", name=step).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{step} this key")
        looked_at(page)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("navigation", name="Account")).to_have_count(0)
    page.goto(f"{here}/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("navigation", name="Account")).to_contain_text("Anna Reis")
