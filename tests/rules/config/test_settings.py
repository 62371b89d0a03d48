"""What a deployment gets from its environment: safe where nothing is said, stricter where it stands behind TLS."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError

from saferpractice.config import encryption
from saferpractice.config import settings as module
from saferpractice.config.certificates import certificates_in
from tests.factories.authority import certified, root

pytestmark = pytest.mark.requirement("R34")

SETTINGS = Path(module.__file__)
FROM_THE_ENVIRONMENT = (
    "SECRET_KEY", "FIELD_KEY", "DEBUG", "ALLOWED_HOSTS", "TRUSTED_ORIGINS", "BEHIND_TLS", "DATABASE_URL", "EMAIL_HOST",
    "BASE_URL", "LOG_LEVEL", "TRAIL_KEY_FILE", "TRAIL_PUBLIC_KEY_FILE", "TRAIL_HEADS",
    "TRAIL_HEADS_TO", "TRAIL_HEADS_WEBHOOK", "TRAIL_TIMESTAMPS", "TRAIL_TIMESTAMPS_CERTIFICATE",
)  # fmt: skip


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings as read from this environment and an empty data folder."""

    def read_with(**environment: str) -> dict[str, Any]:
        for name in FROM_THE_ENVIRONMENT:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return read_with


class TestWhereNothingIsSaid:
    def test_nothing_is_shown_of_a_fault(self, read: Any) -> None:
        assert read()["DEBUG"] is False

    @pytest.mark.parametrize("value", ["", "0", "true", "yes", "on"])
    def test_only_a_one_turns_on_what_helps_programmers(self, read: Any, value: str) -> None:
        assert read(DEBUG=value)["DEBUG"] is False

    def test_it_answers_to_this_computer_only(self, read: Any) -> None:
        assert read()["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
        assert read()["CSRF_TRUSTED_ORIGINS"] == []

    def test_its_secrets_are_made_once_and_differ(self, read: Any) -> None:
        first, second = read(), read()
        assert first["SECRET_KEY"] == second["SECRET_KEY"] != first["FIELD_KEY"] == second["FIELD_KEY"]

    def test_sign_in_lasts_a_long_shift_at_most(self, read: Any) -> None:
        assert read()["SESSION_COOKIE_AGE"] <= 12 * 60 * 60
        assert read()["ACCOUNT_SESSION_REMEMBER"] is False

    def test_every_page_asks_for_sign_in_unless_it_says_otherwise(self, read: Any) -> None:
        middleware = read()["MIDDLEWARE"]
        asks = middleware.index("django.contrib.auth.middleware.LoginRequiredMiddleware")
        assert middleware.index("django.contrib.auth.middleware.AuthenticationMiddleware") < asks
        assert middleware.index("django.middleware.csrf.CsrfViewMiddleware") < asks

    def test_odd_characters_stop_before_sessions_are_read_and_after_sign_in_is_asked_for(self, read: Any) -> None:
        order = [name.rsplit(".", 1)[1] for name in read()["MIDDLEWARE"]]
        named = ("CleanHeadersMiddleware", "SessionMiddleware", "LoginRequiredMiddleware", "OddCharactersMiddleware")
        assert sorted(named, key=order.index) == list(named)

    def test_mail_stays_in_the_data_folder(self, read: Any, tmp_path: Path) -> None:
        found = read()
        assert found["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
        assert found["EMAIL_FILE_PATH"] == tmp_path / "mail"


class TestBehindTls:
    def test_cookies_travel_encrypted_and_for_this_host_only(self, read: Any) -> None:
        found = read(BEHIND_TLS="1")
        assert found["SESSION_COOKIE_SECURE"]
        assert found["CSRF_COOKIE_SECURE"]
        assert found["SESSION_COOKIE_NAME"].startswith("__Host-")

    def test_browsers_are_told_to_stay_there(self, read: Any) -> None:
        found = read(BEHIND_TLS="1")
        assert found["SECURE_SSL_REDIRECT"]
        assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
        assert found["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")

    def test_a_header_that_anybody_can_send_is_believed_from_a_proxy_only(self, read: Any) -> None:
        assert read()["SECURE_PROXY_SSL_HEADER"] is None

    def test_a_key_for_signing_in_works_on_https_only(self, read: Any) -> None:
        assert read(BEHIND_TLS="1")["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False


class TestAWrongEnvironment:
    def test_a_short_field_key_stops_the_start(self, read: Any) -> None:
        with pytest.raises(encryption.KeyringError, match="at least 32 characters"):
            read(FIELD_KEY="short")

    def test_an_empty_secret_file_does_too(self, read: Any, tmp_path: Path) -> None:
        (tmp_path / "field-key").write_text("")
        with pytest.raises(ValueError, match="is empty"):
            read()

    @pytest.mark.parametrize(
        ("environment", "why"),
        [
            ({"TRAIL_HEADS_WEBHOOK": "http://a.example/"}, "TRAIL_HEADS_WEBHOOK: address 1 must begin with https://"),
            ({"TRAIL_HEADS_WEBHOOK": "https://a.example,https://127.0.0.1/"}, "address 2 must lead outside"),
            ({"TRAIL_TIMESTAMPS": "ftp://a.example/"}, "TRAIL_TIMESTAMPS: address 1 must begin with https:// or http://"),
            ({"TRAIL_TIMESTAMPS": "http://a.example/"}, "TRAIL_TIMESTAMPS needs TRAIL_TIMESTAMPS_CERTIFICATE"),
            ({"TRAIL_TIMESTAMPS": "http://a.example,http://b.example"}, "TRAIL_TIMESTAMPS: name one authority"),
            ({"TRAIL_TIMESTAMPS_CERTIFICATE": "/nowhere/root.pem"}, "TRAIL_TIMESTAMPS_CERTIFICATE: .* cannot be read"),
            ({"TRAIL_TIMESTAMPS_CERTIFICATE": "/dev/null"}, "TRAIL_TIMESTAMPS_CERTIFICATE: .* holds no certificates"),
        ],
        ids=str,
    )  # fmt: skip
    def test_heads_sent_where_nobody_can_keep_them_stop_it_too(
        self, read: Any, environment: dict[str, str], why: str
    ) -> None:
        with pytest.raises(ValueError, match=why):
            read(**environment)

    def test_where_heads_go_is_read(self, read: Any, tmp_path: Path) -> None:
        (tmp_path / "root.pem").write_bytes(root().pem + certified("Invented, earlier", usages=()).pem)
        found = read(
            TRAIL_HEADS_WEBHOOK="https://a.example/x, https://b.example/",
            TRAIL_TIMESTAMPS="http://stamps.example/tsr",
            TRAIL_TIMESTAMPS_CERTIFICATE=str(tmp_path / "root.pem"),
        )
        assert [one.shown for one in found["TRAIL_HEADS_WEBHOOK"]] == ["https://a.example", "https://b.example"]
        assert [one.shown for one in found["TRAIL_TIMESTAMPS"]] == ["http://stamps.example"]
        assert len(certificates_in(tmp_path / "root.pem")) == 2

    def test_an_empty_setting_is_one_that_is_not_there(self, read: Any) -> None:
        assert read(SECRET_KEY="", DATABASE_URL="", TRUSTED_ORIGINS="")["CSRF_TRUSTED_ORIGINS"] == []


class _Somebody:
    """Enough of a person for the rules about passwords."""

    email, name = "lark.penrose@example.org", "Lark Penrose"
    _meta = type("Meta", (), {"get_field": staticmethod(lambda name: type("F", (), {"verbose_name": name}))})


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("a quiet river at night", True),
        ("correcthorsebattery", True),
        ("🙂 twelve moons", True),
        ("short one", False),
        ("elevenchars", False),
        ("twelve-chars", True),
        ("password1234", False),
        ("qwertyuiop123", False),
        ("lark.penrose@example.org", False),
        ("larkpenrose1", False),
    ],
)
def test_which_passwords_are_taken(read: Any, password: str, *, good: bool) -> None:
    """Length and a list of the most common ones; no signs, capitals or changes every month."""
    validators = get_password_validators(read()["AUTH_PASSWORD_VALIDATORS"])
    try:
        validate_password(password, _Somebody(), validators)  # type: ignore[arg-type]
    except ValidationError:
        assert not good
    else:
        assert good


def test_this_test_knows_every_name_the_settings_read() -> None:
    """A new setting from the environment must be cleared above, or this computer's own would be tested."""
    text = SETTINGS.read_text()
    asked = {part.split('"')[1] for part in text.split("os.environ")[1:] if '"' in part[:12]}
    besides = {"DATA_DIR", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_FROM"}
    assert asked <= {*FROM_THE_ENVIRONMENT, *besides}
    assert os.environ["DATA_DIR"]
