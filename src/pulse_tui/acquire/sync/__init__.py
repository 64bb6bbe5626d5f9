"""Taking in what the followed feeds have: whose turn it is, what is asked, what is kept."""
