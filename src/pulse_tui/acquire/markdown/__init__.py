"""HTML and plain text to clean CommonMark."""
