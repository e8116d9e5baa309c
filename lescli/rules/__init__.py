"""The rules that most specifications share, as pure functions: one idea a file."""
