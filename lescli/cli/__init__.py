"""The command line: one file a verb, which parses, calls a question and shows the answer."""
