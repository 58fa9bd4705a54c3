"""Where matches live: tables, engine, migrations, and every SQL statement of the project."""
