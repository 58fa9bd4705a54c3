"""The broker's configuration as it is shipped: users and rights, exchanges, queues, policies."""
