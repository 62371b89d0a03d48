"""Settings for the tests: the real ones, in a folder of their own that is removed afterwards.

``TEST_DATABASE`` chooses ``sqlite`` (the default) or ``postgresql``. Which file or server that is
gets decided by ``tests/databases.py`` when the first test asks for a database.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_owner = os.getpid()
_data_dir = Path(tempfile.mkdtemp(prefix="saferpractice-test-"))


def _remove_data_dir() -> None:
    if os.getpid() == _owner:  # a forked child must not take the folder away from its parent
        shutil.rmtree(_data_dir, ignore_errors=True)


atexit.register(_remove_data_dir)
# Never the data or the database of whoever runs the tests.
os.environ["DATA_DIR"] = str(_data_dir)
for _name in (
    "DATABASE_URL",
    "EMAIL_HOST",
    "ALLOWED_HOSTS",
    "BASE_URL",
    "BEHIND_TLS",
    "DEBUG",
    "TRUSTED_ORIGINS",
    "TRAIL_HEADS",
    "TRAIL_HEADS_TO",
    "TRAIL_HEADS_WEBHOOK",
    "TRAIL_TIMESTAMPS",
    "TRAIL_TIMESTAMPS_CERTIFICATE",
):
    os.environ.pop(_name, None)
os.environ["TRAIL_KEY_FILE"] = str(_data_dir / "trail-key")  # one for all processes, whatever folder a test gives them

from saferpractice.config import databases  # noqa: E402
from saferpractice.config.settings import *  # noqa: E402, F403
from saferpractice.config.settings import DATA_DIR, FIELD_KEY, SECRET_KEY  # noqa: E402

TEST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
if TEST_DATABASE == "sqlite":
    DATABASES = {"default": databases.sqlite(DATA_DIR / "not-chosen-yet.sqlite3")}
elif TEST_DATABASE == "postgresql":
    DATABASES = {"default": databases.postgresql("postgresql://postgres@/not-chosen-yet")}
    # The pool would keep connections open to databases that a test throws away. It is tested in tests/stages/jobs.
    DATABASES["default"]["OPTIONS"].pop("pool")
else:
    raise ValueError(f"TEST_DATABASE is {TEST_DATABASE!r}: it must be sqlite or postgresql")

# Processes that a test starts must read what the test wrote.
os.environ["SECRET_KEY"] = SECRET_KEY
os.environ["FIELD_KEY"] = FIELD_KEY

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = False  # test the limits by giving them back in the test that needs them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Serve static files from where they lie, through the same middleware as in production.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
(DATA_DIR / "static").mkdir()
