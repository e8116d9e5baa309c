"""Writes the git commit into what is built, for `les --version -v`; a build outside a checkout has none."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "commit.txt"


class CommitHook(BuildHookInterface[Any]):
    """Adds the commit to a wheel as `lescli/commit.txt`, and to an sdist beside pyproject.toml for its wheels."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build. An editable install gets no commit: its files change without a build."""
        root = Path(self.root)
        brought = root / NAME
        found = brought.read_text(encoding="utf-8").strip() if brought.is_file() else commit_of(root)
        if found is None or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / NAME
        file.write_text(f"{found}\n", encoding="utf-8", newline="\n")
        build_data["force_include"][str(file)] = f"lescli/{NAME}" if self.target_name == "wheel" else NAME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called after each build."""
        folder = getattr(self, "_folder", None)
        if folder is not None:
            folder.cleanup()


def commit_of(root: Path) -> str | None:
    """The commit that a folder is a checkout of, and whether it was changed since; None when it is none itself."""
    if not (root / ".git").exists():
        return None
    commit, changes = _git(root, "rev-parse", "HEAD"), _git(root, "status", "--porcelain")
    if commit is None or changes is None:
        return None
    return f"{commit} and changes" if changes else commit


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers, or None when it is not there or refuses."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
