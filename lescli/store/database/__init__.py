"""SQLite itself: the connection, its key, migrations, errors and locks."""
