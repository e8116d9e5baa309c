"""The program `les`. It shows help at once, and imports everything else only when a command needs it."""

from __future__ import annotations

import sys


def main() -> None:
    """Run `les` with the arguments of the process, and exit with its exit code."""
    arguments = sys.argv[1:]
    # Help and version come first, before the imports that they do not need.
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        from .cli.verb_table import overview, short_overview

        sys.stdout.write(overview() if arguments else short_overview())
        return
    if arguments[0] == "_complete":
        from .cli.completion import complete

        complete(arguments[1:])
        return
    if "--version" in arguments or "-V" in arguments:
        from .cli.version import asks_version, version_text

        if asks_version(arguments):
            sys.stdout.write(version_text(arguments))
            return
    import gc

    from .cli.run import run, speak_for_python

    # A command makes many values but hardly any reference cycles, and then ends. Collecting garbage as often as usual
    # would take a tenth of its time.
    gc.set_threshold(100_000, 50, 50)
    speak_for_python()
    code = run(arguments)
    # An interrupt that came while text was executed, as dataclasses do on import, makes Python end itself by a signal
    # and forget our exit code. Executing text again takes that back.
    exec("")  # noqa: S102
    sys.exit(code)


if __name__ == "__main__":
    main()
