"""Settings that every service has, so that a bare folder has them as well."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from .faults import Data


def settings_of(data: Data) -> Data:
    """The settings of a service.toml, and those that every service has and this one does not word itself."""
    own = data.get("settings", {})
    return {**own, **{name: value for name, value in _every_service().items() if name not in own}}


@cache
def _every_service() -> Data:
    text = files(__package__).joinpath("every_service.toml").read_text(encoding="utf-8")
    settings: Data = tomllib.loads(text)["settings"]
    return settings
