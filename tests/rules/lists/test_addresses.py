"""Every address in the data was seen by somebody: none is typed from memory."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEEN = Path(__file__).parent / "addresses-seen.txt"
TITLES_SEEN = {
    "Care Quality Commission (Registration) Regulations 2009 (SI 2009/3112), regulation 16",
    "LGA and ADASS framework of 2020 on making decisions about safeguarding concerns, as used in the national return",
    "Prevent duty guidance, in force 31 December 2023",
}
"""Titles that stand in the evidence without an address that is whole."""

pytestmark = pytest.mark.requirement("R6")


def addresses(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s\"'{},]+", text))


def seen() -> set[str]:
    return addresses(SEEN.read_text())


def data_files() -> list[Path]:
    return sorted((ROOT / "saferpractice").glob("*/data/*.yml"))


@pytest.mark.parametrize("path", data_files(), ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_no_address_is_typed_from_memory(path: Path) -> None:
    unseen = sorted(addresses(path.read_text()) - seen())
    assert unseen == [], f"open it, then add it to {SEEN.name}; or leave the address out and keep the title"


def test_no_line_of_the_list_outlives_its_use() -> None:
    used = {address for path in data_files() for address in addresses(path.read_text())}
    assert sorted(seen() - used) == []


def test_addresses_are_found_wherever_they_stand() -> None:
    text = 'url: https://a.example/b\n  link: &x http://c.example\n  - {url: "https://d.example/e", title: x}\n'
    assert addresses(text) == {"https://a.example/b", "http://c.example", "https://d.example/e"}
