"""What a verb asks of one store: each question is a function of values that answers with values to show.

The command line parses, calls one of these and shows the answer; a script, or a process pool over many stores, can
call them the same way.
"""
