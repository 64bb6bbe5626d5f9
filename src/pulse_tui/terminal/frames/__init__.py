"""Frames for a terminal: of what should stand on the screen, only the difference is sent."""
