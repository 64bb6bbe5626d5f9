"""The Textual side: screen, panes and keys."""
