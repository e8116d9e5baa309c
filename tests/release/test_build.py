"""What is built: the licence, the version and the commit are in it, and the sdist gives the very same wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from lescli import __version__

ROOT = Path(__file__).parents[2]
BUILT_FROM = (
    *("lescli", "plugins", "schemas"),
    *("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"),
)
WHEEL = f"lescli-{__version__}-py3-none-any.whl"
SDIST = f"lescli-{__version__}.tar.gz"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def build(folder: Path, *targets: str) -> Path:
    """The folder in which the wheel, the sdist or both lie."""
    asked = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", "dist", *asked]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return folder / "dist"


def in_wheel(folder: Path, name: str) -> bytes:
    with zipfile.ZipFile(folder / WHEEL) as wheel:
        return wheel.read(name)


def metadata(folder: Path) -> Message:
    return message_from_bytes(in_wheel(folder, f"lescli-{__version__}.dist-info/METADATA"))


def git(folder: Path, *arguments: str) -> str:
    """Git with settings of its own, whatever those of the person are."""
    settings = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.autocrlf=false")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, env=settings, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """What the package is built from, in a folder that is no git checkout."""
    folder = tmp_path / "source"
    folder.mkdir()
    unwanted = shutil.ignore_patterns("__pycache__", "tests", "*.egg-info")
    for name in BUILT_FROM:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=unwanted)
        else:
            shutil.copy(place, folder)
    return folder


@pytest.fixture
def checkout(source: Path) -> Path:
    """The same as a git checkout of one commit."""
    git(source, "init", "-q")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "All of it")
    return source


def test_the_wheel_says_its_licence_and_version(source: Path) -> None:
    said = metadata(build(source, "wheel"))
    assert (said["Name"], said["Version"]) == ("lescli", __version__)
    assert said["License-Expression"] == "MIT"
    assert said.get_all("License-File") == ["LICENSE"]
    assert in_wheel(source / "dist", f"lescli-{__version__}.dist-info/licenses/LICENSE").startswith(b"MIT License")


def test_outside_a_checkout_no_commit_is_made_up(source: Path) -> None:
    with zipfile.ZipFile(build(source, "wheel") / WHEEL) as wheel:
        assert "lescli/commit.txt" not in wheel.namelist()


@needs_git
def test_a_folder_inside_another_checkout_takes_no_commit_from_it(source: Path) -> None:
    git(source.parent, "init", "-q")
    git(source.parent, "commit", "-q", "--allow-empty", "-m", "Of another project")
    with zipfile.ZipFile(build(source, "wheel") / WHEEL) as wheel:
        assert "lescli/commit.txt" not in wheel.namelist()


@needs_git
def test_the_sdist_gives_the_same_wheel_with_the_commit(checkout: Path, tmp_path: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    dist = build(checkout, "wheel", "sdist")
    assert in_wheel(dist, "lescli/commit.txt") == f"{commit}\n".encode()
    with tarfile.open(dist / SDIST) as sdist:
        sdist.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"lescli-{__version__}", "wheel")
    assert (again / WHEEL).read_bytes() == (dist / WHEEL).read_bytes()
    assert not (checkout / "lescli" / "commit.txt").exists()


@needs_git
def test_a_changed_checkout_says_so(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    (checkout / "README.md").write_text("Changed.\n", encoding="utf-8")
    assert in_wheel(build(checkout, "wheel"), "lescli/commit.txt") == f"{commit} and changes\n".encode()
