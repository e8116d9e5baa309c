"""SQLite itself: connections, encryption and keys, migrations, errors, and where the file is."""
