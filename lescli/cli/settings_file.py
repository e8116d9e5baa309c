"""The settings file of this computer: what stands in it counts where no option and no LES_* variable says otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import LesError

SETTINGS: dict[str, tuple[str, str, str]] = {
    "store": ("LES_STORE", "the practice's store", "the per-user data folder"),
    "format": ("LES_FORMAT", "how rows are printed: table, json or csv", "table"),
    "key_file": ("LES_KEY_FILE", "the key file of an encrypted store", "none"),
    "plugin_seconds": ("LES_PLUGIN_SECONDS", "how long a question to one service may take", "60"),
}
"""Each setting: its variable, what it is, and its default in words."""

from_file: dict[str, str] = {}
"""The settings that this process took from the file, by name."""


def settings_path() -> Path:
    """Where the file is: what LES_CONFIG names, else in the per-user settings folder."""
    if named := os.environ.get("LES_CONFIG"):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("les", appauthor=False) / "config.toml"


def read_settings() -> dict[str, str]:
    """The settings in the file, {} where there is none. LesError when it cannot be read as one."""
    path = settings_path()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise LesError(f"the settings file {path} cannot be read", _CURE) from None
    import tomllib

    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise LesError(f"the settings file {path} is no TOML: {fault}", _CURE) from None
    wrong = [name for name, value in held.items() if name not in SETTINGS or not isinstance(value, str | int)]
    if wrong:
        raise LesError(f"the settings file {path} has no setting {wrong[0]}", f"there are {', '.join(SETTINGS)}")
    return {name: str(value) for name, value in held.items()}


_CURE = "mend it, or type `les config unset NAME` for each setting; `les config` shows where it is"


def apply_settings() -> None:
    """Use the settings of the file for the variables that are not set. Called before a command runs."""
    for name, value in read_settings().items():
        variable = SETTINGS[name][0]
        if variable not in os.environ:
            os.environ[variable] = value
            from_file[name] = value


def write_settings(held: Mapping[str, str]) -> None:
    """Replace the file by these settings. It may name a key file, so only its owner may read it."""
    # Imported here: every command reads the settings, and only `les config` writes them.
    import json

    from ..files import make_private
    from ..outputs.to_file import write_whole

    path = settings_path()
    try:
        make_private(path.parent)
    except OSError:
        raise LesError(
            f"the folder of the settings file {path} cannot be made", "name another with LES_CONFIG"
        ) from None
    # A TOML basic string is written as JSON writes a string.
    lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in sorted(held.items()))
    write_whole(path, lines.encode("utf-8"))
