"""Every requirement is proven by a named test, and the page that says so is true."""

from __future__ import annotations

import pytest

from tests.architecture.requirements_page import PAGE, Group, Proof, brief, in_words, page, proofs, proofs_in

FIRST_RELEASE = [f"R{number}" for number in range(1, 17)] + ["R35"]


def known() -> list[str]:
    return [requirement for group in brief() for requirement in group.requirements]


def test_the_list_is_the_whole_brief() -> None:
    assert known() == [f"R{number}" for number in range(1, 39)]


def test_no_test_claims_what_does_not_exist() -> None:
    assert sorted(set(proofs()) - set(known())) == []


@pytest.mark.parametrize("requirement", FIRST_RELEASE)
def test_it_is_proven(requirement: str) -> None:
    assert proofs().get(requirement), f"no test says @pytest.mark.requirement({requirement!r})"


def test_the_page_is_current() -> None:
    made, kept = page(brief(), proofs()).splitlines(), PAGE.read_text().splitlines()
    assert sorted(set(made) ^ set(kept)) == [], "run make fix"
    assert made == kept, "run make fix"


class TestReadingMarks:
    TEXT = """
import pytest
pytestmark = [pytest.mark.requirement("R1"), pytest.mark.slow]

@pytest.mark.requirement("R2", "R3")
def test_one(): ...

def helper(): ...

@pytest.mark.requirement("R4")
class TestClass:
    pytestmark = pytest.mark.requirement("R5")

    @pytest.mark.parametrize("x", [1])
    @pytest.mark.requirement("R6")
    def test_two(self, x): ...

class Helper:
    @pytest.mark.requirement("R7")
    def test_never(self): ...
"""

    @pytest.mark.parametrize(
        ("requirement", "tests"),
        [
            ("R1", ["test_one", "TestClass › test_two"]),
            ("R2", ["test_one"]),
            ("R3", ["test_one"]),
            ("R4", ["TestClass › test_two"]),
            ("R5", ["TestClass › test_two"]),
            ("R6", ["TestClass › test_two"]),
            ("R7", []),
        ],
    )
    def test_where_they_stand(self, requirement: str, tests: list[str]) -> None:
        found = proofs_in("tests/x.py", self.TEXT).get(requirement, [])
        assert [proof.name for proof in found] == tests


class TestPage:
    GROUPS = [Group("Learning", {"R1": "Conditions", "R2": "Changes"})]

    def test_each_requirement_has_its_tests(self) -> None:
        made = page(self.GROUPS, {"R1": [Proof("tests/rules/test_a.py", "TestTier › test_a_provider_s_rule_fires")]})
        assert "### R1 Conditions\n\n- [rules/test_a.py](../../tests/rules/test_a.py)\n" in made
        assert "  - Tier: a provider’s rule fires\n" in made
        assert "| R1 Conditions | 1 |" in made

    def test_a_class_is_a_line(self) -> None:
        names = ["test_alone", "TestTier › test_b", "TestTier › test_a", "TestTier › TestInner › test_c"]
        made = page(self.GROUPS, {"R1": [Proof("tests/a.py", name) for name in names]})
        assert "  - Tier: a · b\n" in made
        assert "  - Tier › Inner: c\n" in made
        assert "  - alone\n" in made

    def test_one_without_says_so(self) -> None:
        made = page(self.GROUPS, {})
        assert "### R2 Changes\n\n**Not proven.**" in made
        assert "| R2 Changes | **not proven** |" in made

    def test_it_is_the_same_in_any_order(self) -> None:
        one, two = Proof("tests/a.py", "test_a"), Proof("tests/b.py", "test_b")
        assert page(self.GROUPS, {"R1": [one, two]}) == page(self.GROUPS, {"R1": [two, one, two]})

    def test_names_are_read(self) -> None:
        assert in_words("test_they_ask_once") == "they ask once"
