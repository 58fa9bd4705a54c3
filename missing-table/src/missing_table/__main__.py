"""`python -m missing_table` is `missing-table`."""

from missing_table.cli import main

main()
