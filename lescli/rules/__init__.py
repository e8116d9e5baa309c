"""The standard vocabulary, pure: what most specifications say, one idea a file."""
