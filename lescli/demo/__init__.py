"""A synthetic practice, as data: the files it exports and the commands that walk it through a month."""
