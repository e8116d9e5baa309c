"""The commissioner's side: the claims that practices sent, checked against the terms, themselves and each other."""
