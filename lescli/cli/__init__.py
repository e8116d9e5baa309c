"""The command line: one file a verb. It parses the options, calls an operation and shows the answer."""
