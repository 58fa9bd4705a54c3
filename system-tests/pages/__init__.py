"""The pages in a real browser: what the tests and the screenshots share."""
