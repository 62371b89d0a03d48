"""``saferpractice trail``: what an administrator or an inspector runs, and what it answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from saferpractice.trail import keys, outside
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.rules import notes_in
from tests.databases import Database
from tests.factories.trail import delete, edit, entries_of, sealed_trail, seals_of
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R5", "R34")


def run(*words: str) -> str:
    said = StringIO()
    call_command("trail", *words, stdout=said)
    return said.getvalue()


def failing(*words: str) -> tuple[str, str]:
    """What it said, and the error it ended with."""
    said = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("trail", *words, stdout=said)
    return said.getvalue(), str(ended.value)


@pytest.mark.django_db
class TestVerify:
    def test_says_of_each_provider_that_it_is_whole(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 2)
        size = len(entries_of(cast.provider.pk))
        lines = run("verify").splitlines()
        assert len(lines) == 2
        assert (
            f"{cast.provider.pk}: whole: {size} entries, 1 head holds, "
            f"sealed to entry {size} on 2026-03-04 02:06 UTC, 1 head kept outside"
        ) in lines
        assert any("not sealed yet" in line for line in lines)

    def test_names_what_is_wrong_and_fails(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 2)
        changed, gone = entries_of(cast.provider.pk)[4], entries_of(cast.provider.pk)[9]
        edit(changed, sentence="set up nothing")
        delete(TrailEntry.objects.filter(pk=gone.pk))
        said, error = failing("verify")
        assert f"{cast.provider.pk}: NOT WHOLE" in said
        assert f"  edited: entry {changed.sequence} (" in said
        assert f"  missing: entry {gone.sequence} is missing" in said
        assert "2 things are wrong" in error

    def test_one_provider_only(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[4], sentence="set up nothing")
        assert "whole" in run("verify", "--provider", str(cast.stranger.provider_id))
        assert "1 thing is wrong" in failing("verify", "--provider", str(cast.provider.pk))[1]

    def test_with_a_head_out_of_an_email(self, cast: Cast, tmp_path: Path) -> None:
        sealed_trail(cast.provider, 2)
        mail = tmp_path / "mail.txt"
        mail.write_text(f"Dear auditor,\n\n{seals_of(cast.provider.pk)[0].note}\nKeep this.\n")
        shutil.rmtree(outside.folder())
        assert "1 head kept outside" in run("verify", "--head", str(mail))
        delete(Seal.objects.all())
        assert "not sealed yet" in run("verify"), "without what the e-mail says, nobody knows"
        said, _ = failing("verify", "--head", str(mail))
        assert "missing head: head 1 is missing from the database" in said

    @pytest.mark.parametrize("text", [None, "no head in here"])
    def test_with_a_file_that_holds_none(self, text: str | None, tmp_path: Path) -> None:
        if text is not None:
            (tmp_path / "mail.txt").write_text(text)
        assert "mail.txt" in failing("verify", "--head", str(tmp_path / "mail.txt"))[1]

    def test_by_a_public_key_where_the_secret_is_not(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 2)
        public = run("key").strip()
        keys.key_file().unlink()
        assert "forged head" in failing("verify")[0]
        assert "1 head holds" in run("verify", "--key", public)
        assert "looks like" in failing("verify", "--key", "nonsense")[1]


@pytest.mark.django_db
class TestSeal:
    def test_signs_and_keeps_heads_over_all_there_is(self, cast: Cast) -> None:
        notes = notes_in(run("seal"))
        assert sorted(notes) == sorted(seal.note for seal in Seal.objects.all())
        assert len(notes) == 2
        assert list(outside.kept(cast.provider.pk)) == [seals_of(cast.provider.pk)[0].note]
        assert run("seal") == ""

    def test_says_what_it_cannot_sign(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[4], sentence="set up nothing")
        assert f"the trail of {cast.provider.pk} does not fit at entry 5" in failing("seal")[1]


class TestKey:
    def test_prints_the_public_ones_and_no_secret(self) -> None:
        made = run("key").strip()
        assert made == str(keys.signer().public)
        assert keys.key_file().read_text().strip() not in made

    def test_says_when_the_file_cannot_be_used(self) -> None:
        keys.key_file().parent.mkdir()
        keys.key_file().write_text("short")
        assert "32 characters" in failing("key")[1]


def test_another_process_finds_it_too(fresh_database: Database) -> None:
    """As it is started from a shell, on a database of its own: exit code 0, then 1."""
    cast = build_cast()
    environment = {
        **os.environ,
        **fresh_database.environment,
        "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
    }

    def shell(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "saferpractice", "trail", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert shell("seal").returncode == 0
    assert (fresh_database.data_dir / "trail-heads" / f"{cast.provider.pk}.jsonl").exists()
    assert shell("verify").returncode == 0
    edit(entries_of(cast.provider.pk)[4], sentence="set up nothing")
    done = shell("verify")
    assert (done.returncode, "edited: entry 5 (" in done.stdout) == (1, True)
    assert shell("verify", "--provider", str(uuid4())).returncode == 0
