"""What the repository may hold, and that its commands fit together."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, repository_files, text_of

# Put together here, so that this file does not hold what it looks for.
HOSTS = [".".join(parts) for parts in [("files", "pythonhosted"), ("pypi", "org"), ("registry", "npmjs")]]
MACHINE_PATHS = re.compile(r"(?<![\w.*\-/}])/(?:" + "|".join(["work", "tmp", "root", "home"]) + r")/[\w.]")
VENDORED = "saferpractice/design/static/"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Package and version, for each line of a lock file."""
    return dict(PINNED.findall((ROOT / "requirements" / name).read_text()))


def test_no_package_registry_is_named() -> None:
    assert [f"{name}: {host}" for name in repository_files() for host in HOSTS if host in (text_of(name) or "")] == []


def test_no_path_of_somebody_s_machine() -> None:
    ours = [name for name in repository_files() if not name.startswith(VENDORED)]
    found = [f"{name}: {match.group()}" for name in ours for match in MACHINE_PATHS.finditer(text_of(name) or "")]
    assert found == []


@pytest.mark.parametrize("text", [f"see /{'work'}/main", f'"/{"tmp"}/x"', f"in /{'root'}/.cache"])
def test_such_paths_are_found(text: str) -> None:
    assert MACHINE_PATHS.search(text)


@pytest.mark.parametrize("text", ["my/work/", "docs/work/", "https://example.org/home/x", "tests/tmp/x"])
def test_addresses_are_no_such_paths(text: str) -> None:
    assert not MACHINE_PATHS.search(text)


class TestLockFiles:
    def test_what_runs_is_part_of_what_is_tested(self) -> None:
        run, dev = pins("run.lock"), pins("dev.lock")
        assert len(run) > 20
        assert {name: dev.get(name) for name in run} == run

    @pytest.mark.parametrize("name", ["run.lock", "dev.lock", "tools.lock"])
    def test_every_package_has_hashes_and_no_index(self, name: str) -> None:
        text = (ROOT / "requirements" / name).read_text()
        packages = [part for part in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if PINNED.match(part)]
        assert packages
        assert [part.split()[0] for part in packages if "--hash=sha256:" not in part] == []
        assert "--index" not in text
        assert "--find-links" not in text

    def test_every_dependency_is_locked(self) -> None:
        import tomllib

        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        named = [re.split(r"[\[=<>~! ;]", wanted)[0] for wanted in project["project"]["dependencies"]]
        for_tests = [re.split(r"[\[=<>~! ;]", wanted)[0] for wanted in project["dependency-groups"]["dev"]]
        assert [name for name in named if name not in pins("run.lock")] == []
        assert [name for name in for_tests if name not in pins("dev.lock")] == []


class TestCommands:
    @pytest.mark.parametrize("target", ["run", "test", "check", "fix", "bench", "example-data", "lock"])
    def test_make_knows_it(self, target: str) -> None:
        makefile = (ROOT / "Makefile").read_text()
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
        assert f"make {target}" in makefile, "its purpose is said at the top"

    def test_without_python_3_11_it_says_how_to_get_one(self, tmp_path: Path) -> None:
        shutil.copy(ROOT / "Makefile", tmp_path)
        shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
        done = subprocess.run(
            ["make", "-C", str(tmp_path), "run", "PYTHON="],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert "needs Python 3.11" in done.stderr
        assert "apt-get install python3.11" in done.stderr

    def test_ci_runs_what_everybody_runs(self) -> None:
        script = ROOT / ".ci" / "run"
        assert script.stat().st_mode & 0o111
        assert script.read_text().splitlines()[-1] == "exec make test"
