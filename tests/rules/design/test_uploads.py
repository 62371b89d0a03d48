"""Files people give."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design import forms, uploads

pytestmark = pytest.mark.requirement("R3")


def office(*parts: str, mimetype: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for part in parts:
            archive.writestr(part, "<xml/>")
    return buffer.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")
XLSX = office("[Content_Types].xml", "xl/workbook.xml")
ODT = office("content.xml", mimetype=uploads.CONTENT_TYPES["odt"])
MACROS = office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
PDF, PNG, JPG = b"%PDF-1.7\n%x", b"\x89PNG\r\n\x1a\n0000", b"\xff\xd8\xff\xe0abc"
BOMB = office("[Content_Types].xml", "word/document.xml", mimetype="x" * 10_000)


def problem(name: str, content: bytes, **options: int) -> str:
    return uploads.problem_with(name, len(content), io.BytesIO(content), **options)  # type: ignore[arg-type]


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.pdf", PDF),
            ("A.PDF", PDF),
            ("a.docx", DOCX),
            ("a.xlsx", XLSX),
            ("a.odt", ODT),
            ("a.png", PNG),
            ("a.jpg", JPG),
            ("a.jpeg", JPG),
            ("a.txt", "Grüße 👋".encode()),
            ("a.csv", "name,café\n".encode("cp1252")),
            ("a.md", b"# Title"),
        ],
    )
    def test_taken(self, name: str, content: bytes) -> None:
        assert problem(name, content) == ""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("a.pdf", PNG),
            ("a.png", PDF),
            ("a.jpg", b"GIF89a"),
            ("a.docx", b"PK\x03\x04 broken"),
            ("a.docx", XLSX),
            ("a.xlsx", DOCX),
            ("a.odt", DOCX),
            ("a.odt", office("content.xml", mimetype="application/zip")),
            ("a.odt", BOMB),
            ("a.docx", MACROS),
            ("a.txt", b"MZ\x00\x01"),
            ("a.csv", b"\x81\x8d\x8f"),
        ],
    )
    def test_content_that_does_not_fit_its_name(self, name: str, content: bytes) -> None:
        assert "does not look like" in problem(name, content)

    @pytest.mark.parametrize("name", ["a.exe", "a.pdf.exe", "a.docm", "a.html", "a.svg", "a", "pdf", ".pdf.", "a.zip"])
    def test_other_kinds(self, name: str) -> None:
        assert problem(name, PDF).startswith("The file must be one of: pdf, docx")

    def test_size(self) -> None:
        assert problem("a.txt", b"") == "The file is empty. Choose a file that has something in it"
        assert (
            problem("a.txt", b"x" * 2 * uploads.MEGABYTE, largest=uploads.MEGABYTE)
            == "The file must be smaller than 1 MB"
        )
        assert problem("a.txt", b"x" * uploads.MEGABYTE, largest=uploads.MEGABYTE) == ""

    def test_the_file_can_be_read_from_its_start_afterwards(self) -> None:
        content = io.BytesIO(DOCX)
        content.read(3)
        uploads.problem_with("a.docx", len(DOCX), content)
        assert content.tell() == 0

    @given(st.binary(max_size=200), st.sampled_from(uploads.KINDS))
    def test_no_content_makes_it_fail(self, content: bytes, kind: str) -> None:
        assert isinstance(problem(f"a.{kind}", content), str)


class TestNames:
    @pytest.mark.parametrize(
        ("given_", "clean"),
        [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("..\\..\\boot.txt", "boot.txt"),
            ("C:\\Users\\anna\\Plan.docx", "Plan.docx"),
            ("report\u202efdp.exe", "reportfdp.exe"),
            ("a\x00b\n.pdf", "ab.pdf"),
            ("  two   spaces .pdf", "two spaces.pdf"),
            ('a<b>"c|d?.pdf', "a_b__c_d_.pdf"),
            ("Übergabe – ملخص.pdf", "Übergabe – ملخص.pdf"),
            ("..", "file"),
            ("", "file"),
            (".pdf", "pdf"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ],
    )
    def test_cleaned(self, given_: str, clean: str) -> None:
        assert uploads.clean_name(given_) == clean

    @given(st.text(max_size=300))
    def test_never_a_path_never_long_never_empty(self, name: str) -> None:
        clean = uploads.clean_name(name)
        assert clean
        assert clean not in {".", ".."}
        assert not set(clean) & set("/\\\x00\n\u202e\u200f")
        assert len(clean) <= 400


class UploadForm(forms.Form):
    proof = forms.UploadField("Attendance sheet", kinds=["pdf", "csv"], largest=uploads.MEGABYTE)


def upload(name: str, content: bytes) -> UploadForm:
    return UploadForm({}, {"proof": SimpleUploadedFile(name, content, "text/html")})


class TestField:
    def test_gives_a_clean_name_and_the_true_type(self) -> None:
        form = upload("week 1/June.PDF", PDF)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["proof"].name == "June.PDF"
        assert form.cleaned_data["proof"].content_type == "application/pdf"

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.docx", DOCX, "The file must be one of: pdf, csv"),
            ("a.pdf", PNG, "The file does not look like a pdf. Open it, save it again as pdf and try again"),
            ("a.csv", b"x" * (uploads.MEGABYTE + 1), "The file must be smaller than 1 MB"),
        ],
    )
    def test_says_what_to_do(self, name: str, content: bytes, message: str) -> None:
        assert upload(name, content).errors["proof"] == [message]

    def test_an_empty_file(self) -> None:
        assert upload("a.csv", b"").errors["proof"] == ["The file is empty. Choose a file that has something in it"]

    def test_no_file(self) -> None:
        assert UploadForm({}, {}).errors["proof"] == ["Choose a file: attendance sheet"]

    def test_the_form_says_it_sends_files(self) -> None:
        assert UploadForm().is_multipart()
