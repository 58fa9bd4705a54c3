"""The producer's copies of the contracts are the consumer's contracts, byte for byte."""

import pytest

from surfaces import ROOT

CANONICAL = ROOT / "missing-table" / "docs" / "08-integrations"
COPIES = ROOT / "match-scraper" / "schemas"
CONTRACTS = sorted(file.name for file in CANONICAL.glob("*-message-schema.json"))


def test_there_is_a_contract_for_each_message() -> None:
    assert CONTRACTS == ["bracket-message-schema.json", "match-message-schema.json"]
    assert sorted(file.name for file in COPIES.iterdir()) == CONTRACTS


@pytest.mark.parametrize("name", CONTRACTS)
def test_both_projects_have_the_same_contract(name: str) -> None:
    canonical, copy = CANONICAL / name, COPIES / name
    assert copy.read_bytes() == canonical.read_bytes(), f"cp {canonical.relative_to(ROOT)} {copy.relative_to(ROOT)}"
