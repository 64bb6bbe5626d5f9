"""Markdown to lines of text; knows no screen."""
