"""The smallest practice that still differs: commands, rows and patients are left out one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .commands import Command, Import
from .compared import Contest, play_commands


def smaller(contest: Contest, commands: list[Command], folder: Path) -> list[Command]:
    """Fewer commands that differ too, so that a person can see why."""
    while True:
        for fewer in _without_one(commands):
            if play_commands(contest, fewer, folder).differences:
                commands = fewer
                break
        else:
            return commands


def _without_one(commands: list[Command]) -> Iterator[list[Command]]:
    numbers = {row["nhs_number"] for command in commands if isinstance(command, Import) for row in command.rows}
    if len(numbers) > 1:
        for number in sorted(numbers):
            yield [one for command in commands for one in _without_patient(command, number)]
    for place, command in enumerate(commands):
        yield commands[:place] + commands[place + 1 :]
        if isinstance(command, Import) and len(command.rows) > 1:
            for row in range(len(command.rows)):
                rows = command.rows[:row] + command.rows[row + 1 :]
                yield [*commands[:place], Import(rows, command.on), *commands[place + 1 :]]


def _without_patient(command: Command, number: str) -> list[Command]:
    if isinstance(command, Import):
        rows = tuple(row for row in command.rows if row["nhs_number"] != number)
        return [Import(rows, command.on)] if rows else []
    return [] if getattr(command, "nhs", "") == number else [command]
