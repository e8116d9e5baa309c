"""The program `les`: help at once, and everything else only when a verb needs it."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `les` with the arguments of the process and end it with the exit code."""
    arguments = sys.argv[1:]
    # Help and version are answered before anything is imported that they do not need.
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        from lescli.cli.verbs import overview

        sys.stdout.write(overview())
        return
    if arguments[0] in ("-V", "--version"):
        from lescli import __version__

        sys.stdout.write(f"les {__version__}\n")
        return
    from lescli.cli.crash import speak_for_python
    from lescli.cli.run import run

    speak_for_python()
    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
