"""The producer's copy of the contract is the consumer's contract, byte for byte."""

from surfaces import ROOT

CANONICAL = ROOT / "missing-table" / "docs" / "08-integrations" / "match-message-schema.json"
COPY = ROOT / "match-scraper" / "schemas" / "match-message-schema.json"


def test_both_projects_have_the_same_contract() -> None:
    assert COPY.read_bytes() == CANONICAL.read_bytes(), f"cp {CANONICAL.relative_to(ROOT)} {COPY.relative_to(ROOT)}"
