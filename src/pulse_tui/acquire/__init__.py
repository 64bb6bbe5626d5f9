"""The web to articles: fetching, pages, feeds, and the files that other programs write."""
