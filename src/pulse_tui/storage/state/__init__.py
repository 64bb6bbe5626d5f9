"""How far the reader is: precious and small, in SQLite."""
