"""missing-table: stores youth-soccer results once and correctly, and serves league tables."""
