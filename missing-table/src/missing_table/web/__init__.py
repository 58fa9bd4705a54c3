"""The pages: rendered on the server, from the same functions as the API."""
