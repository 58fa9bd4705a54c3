"""match-scraper: reads MLS NEXT fixtures and results, and submits them."""
