"""The worker: Celery, with a batch consumer of our own. `celery -A missing_table.worker worker` finds `app` here."""

from missing_table.worker.app import app

__all__ = ["app"]
