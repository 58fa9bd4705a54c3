"""Both projects measured against the plain way of doing the same job, side by side in one run."""
