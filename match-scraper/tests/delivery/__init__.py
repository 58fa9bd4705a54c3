"""Tests of what sends: the broker, the API, the embedded folder, the ledger."""
