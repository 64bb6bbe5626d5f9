"""EPUB to features, one for each chapter."""
