"""The HTTP API: thin routes over `bracket`, `store.read` and whoever takes a submission."""

from missing_table.settings import Settings


def serve(settings: Settings, host: str, port: int) -> None:
    """Serves API and pages until told to leave; see `server.serve`."""
    from missing_table.api import server  # here, so that a page can use a part without the whole

    server.serve(settings, host, port)
