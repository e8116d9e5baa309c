"""What each command does with one store: functions that take values and return answers to show.

The command line parses, calls one of these and shows the answer. A script, or a process pool over many stores, can call
them the same way.
"""
