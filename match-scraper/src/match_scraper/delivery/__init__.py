"""Where matches go: straight to the broker, over the HTTP API, or into the embedded folder."""
