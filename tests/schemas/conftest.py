"""Examples of each JSON that les writes; the patients are synthetic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def examples() -> dict[str, Any]:
    """One value by the name of its schema, holding every required field and no other; to be changed at will."""
    return dict(json.loads((HERE / "examples.json").read_text("utf-8")))


@pytest.fixture
def extras() -> dict[str, list[dict[str, Any]]]:
    """What may stand in the examples besides, by schema: the way to an object (`at`) and what is added (`adds`)."""
    return dict(json.loads((HERE / "extras.json").read_text("utf-8")))
