"""Certificates that a deployment trusts for one purpose, in a file of its own."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509


class CertificateFileError(ValueError):
    """A file that should hold certificates cannot be used; the message says what it should hold."""


def must_be_there(setting: str, path: str) -> str:
    """The path that a setting names, when its file can be used; "" where none is named.

    Raises:
        CertificateFileError: it cannot; the message begins with the setting.
    """
    try:
        if path:
            certificates_in(Path(path))
    except CertificateFileError as error:
        raise CertificateFileError(f"{setting}: {error}") from error
    return path


def certificates_in(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a file (PEM), each once, in their order.

    Raises:
        CertificateFileError: there is no such file, it holds none, or one that is damaged.
    """
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise CertificateFileError(f"{path} cannot be read.") from error
    except ValueError as error:
        raise CertificateFileError(
            f"{path} holds no certificates that can be read: they begin with -----BEGIN CERTIFICATE-----."
        ) from error
    return tuple(dict.fromkeys(found))
