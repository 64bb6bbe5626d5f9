"""Feeds and lists of feeds: read, found on pages, and made into features."""
