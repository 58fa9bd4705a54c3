"""`python -m match_scraper` is `mls-scraper`."""

from .cli import main

if __name__ == "__main__":
    main()
