"""The program `les`: help at once, and everything else only when a verb needs it."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `les` with the arguments of the process and end it with the exit code."""
    arguments = sys.argv[1:]
    # Help and version are answered before anything is imported that they do not need.
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        from .cli.verb_table import overview

        sys.stdout.write(overview())
        return
    if "--version" in arguments or "-V" in arguments:
        from .cli.version import asks_version, version_text

        if asks_version(arguments):
            sys.stdout.write(version_text(arguments))
            return
    import gc

    from .cli.run import run, speak_for_python

    # A command makes many values, next to no cycles, and ends: looking for cycles as often as usual is a tenth of it.
    gc.set_threshold(100_000, 50, 50)
    speak_for_python()
    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
