"""The pictures of a feature: had from where they are, made small, and named in its text."""
