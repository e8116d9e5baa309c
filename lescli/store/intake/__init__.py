"""Write the rows of a file into the store. Each is accepted, unchanged or quarantined; none is lost."""
