"""A local copy of the league's site, for the demo, tests and development; it can misbehave as the real one does."""
