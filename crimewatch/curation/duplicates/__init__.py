"""Records that may be one: how they are found, what people have said of each pair, and the page where they say it."""
