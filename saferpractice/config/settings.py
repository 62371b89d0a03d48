"""Settings. Everything a deployment changes comes from the environment; see docs/reference/settings.md."""

from __future__ import annotations

import os
from pathlib import Path

import structlog
from csp.constants import NONCE, NONE, SELF

from saferpractice.config import certificates, databases, encryption, outgoing, secrets

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "data").resolve()

DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.from_file_or_new(DATA_DIR / "secret-key")
FIELD_KEY = os.environ.get("FIELD_KEY") or secrets.from_file_or_new(DATA_DIR / "field-key")
encryption.Keyring.from_secrets(FIELD_KEY)  # a bad key is refused at the start, not when the first name is saved
# Read where heads of the trail are signed and checked only, so that a web process holds no key to it.
TRAIL_KEY_FILE = os.environ.get("TRAIL_KEY_FILE") or ""
TRAIL_PUBLIC_KEY_FILE = os.environ.get("TRAIL_PUBLIC_KEY_FILE") or ""
TRAIL_HEADS = os.environ.get("TRAIL_HEADS") or ""
TRAIL_HEADS_TO = tuple(to.strip() for to in os.environ.get("TRAIL_HEADS_TO", "").split(",") if to.strip())
TRAIL_HEADS_WEBHOOK = outgoing.destinations_of("TRAIL_HEADS_WEBHOOK", os.environ.get("TRAIL_HEADS_WEBHOOK", ""))
# An authority signs what it answers and is asked with a hash, so many speak HTTP only.
TRAIL_TIMESTAMPS = outgoing.destinations_of(
    "TRAIL_TIMESTAMPS", os.environ.get("TRAIL_TIMESTAMPS", ""), ("https", "http")
)
TRAIL_TIMESTAMPS_CERTIFICATE = certificates.must_be_there(
    "TRAIL_TIMESTAMPS_CERTIFICATE", os.environ.get("TRAIL_TIMESTAMPS_CERTIFICATE", "")
)
if len(TRAIL_TIMESTAMPS) > 1:
    raise ValueError("TRAIL_TIMESTAMPS: name one authority. A comma in its address is written %2C.")
if TRAIL_TIMESTAMPS and not TRAIL_TIMESTAMPS_CERTIFICATE:
    raise ValueError("TRAIL_TIMESTAMPS needs TRAIL_TIMESTAMPS_CERTIFICATE: a file with its root certificate.")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TRUSTED_ORIGINS", "").split(",") if o]
BEHIND_TLS = os.environ.get("BEHIND_TLS") == "1"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "saferpractice.config",
    "saferpractice.design",
    "saferpractice.trail",
    "saferpractice.access",
    "saferpractice.lists",
    "saferpractice.files",
    "saferpractice.deadlines",
    "saferpractice.incidents",
    "saferpractice.triage",
    "saferpractice.pathways",
    "saferpractice.partners",
    "saferpractice.reviews",
    "saferpractice.findings",
    "saferpractice.changes",
    "saferpractice.assurance",
    "saferpractice.similar",
    "saferpractice.evidence",
    "saferpractice.jobs",
    "saferpractice.exchange",
    "saferpractice.home",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "saferpractice.access.middleware.NothingKeptMiddleware",
    "saferpractice.access.middleware.CleanHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "saferpractice.access.middleware.OddCharactersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "saferpractice.access.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "saferpractice.config.urls"
WSGI_APPLICATION = "saferpractice.config.wsgi.application"

DATABASES = {"default": databases.from_environment(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "saferpractice.design.jinja.environment"},
    },
    {
        # allauth's own pages only: its templates are written for Django's engine.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "saferpractice" / "design" / "allauth"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    },
]

AUTH_USER_MODEL = "access.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# NCSC: length and a deny list, no composition rules and no forced expiry.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:my_work"
LOGOUT_REDIRECT_URL = "home:front"
ACCOUNT_ADAPTER = "saferpractice.access.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Safer Practice: "
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
USERSESSIONS_TRACK_ACTIVITY = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Accounts are made by an administrator, never by whoever owns an address: an unverified one may have a second step.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Safer Practice"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_TLS

SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "saferpractice.design.views.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
if os.environ.get("EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = os.environ["EMAIL_HOST"]
    EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = True
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "saferpractice@localhost")
BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000")

# One line of JSON for each event, to standard output. Ids only: what people type is never logged.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["out"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    "loggers": {"django.server": {"handlers": ["out"], "propagate": False}},
}
