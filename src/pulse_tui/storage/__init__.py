"""Behind the repository: articles in folders of Markdown."""
