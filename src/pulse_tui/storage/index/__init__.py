"""The index of a library: derived from the files, in SQLite, deletable at any time."""
