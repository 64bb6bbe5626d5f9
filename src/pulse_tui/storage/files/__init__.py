"""Articles as files: finding them, and what they say about themselves."""
