"""match-scraper: reads MLS NEXT fixtures and results, and submits them."""

__version__ = "0.1.0"
