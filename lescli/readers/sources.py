"""The files that one import reads: the files named, and everything in the folders and zips named."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from ..errors import UnreadableFileError
from .encoding import shown
from .zip_file import MAX_MEMBERS, MAX_UNPACKED, is_zip, members_of, open_zip, package_of, unpacked

EXPORTS = frozenset({".csv", ".ndjson", ".tsv", ".json", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".zip"})
"""Suffixes of exports. In a folder such a file is read or refused. Any other file is first checked for being one."""

_NOT_MEANT = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_MASK = shown(Path("0" * 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file to read. `name` is its path inside the folder or zip, else its base name, with long numbers masked.

    `promised` is true where a person named it or its suffix is one of `EXPORTS`: it is then an error if it cannot be
    read. `size` is in bytes. `path` is None for a member of a zip. `fault` says why a whole folder or zip cannot be
    read.
    """

    name: str
    promised: bool
    size: int = 0
    path: Path | None = None
    member: tuple[ZipFile, ZipInfo] | None = None
    fault: UnreadableFileError | None = None

    def open(self) -> AbstractContextManager[Path]:
        """A path to read from, valid within the `with`. Raises UnreadableFileError where there is nothing to read."""
        if self.member:
            return unpacked(*self.member, self.name)
        if self.fault or not self.path:
            raise self.fault or UnreadableFileError(f"{self.name} is not there", "check the folder and the name")
        return nullcontext(self.path)


@dataclass(slots=True)
class Found:
    """The sources in the order to read them, and the names of entries that are not files, such as links and pipes."""

    sources: list[Source] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    store: Path | None = None

    def is_store(self, path: Path) -> bool:
        """Whether a path is the store's file, or one of the files SQLite keeps beside it."""
        if self.store is None or not path.name.startswith(self.store.name):
            return False
        beside = {self.store.with_name(self.store.name + end) for end in ("", "-wal", "-shm", "-journal")}
        return path.resolve() in beside


@contextmanager
def sources_in(paths: Sequence[Path], store: Path | None = None) -> Iterator[Found]:
    """Everything to read under the paths named, in an order that depends on names alone.

    Folders are read with their subfolders, without hidden files, and links are not followed. The members of a zip are
    listed, and unpacked as they are read. A folder or zip that cannot be used becomes a source with a fault. The
    store's own files are never opened: closing one again would drop the locks SQLite holds on it.
    """
    found = Found(store=store.resolve() if store else None)
    with ExitStack() as stack:
        for path in paths:
            # Where several paths are named, the name of a file inside one must say inside which.
            before = f"{shown(path)}/" if len(paths) > 1 else ""
            if path.is_dir():
                _add_folder(found, stack, path, before)
            else:
                _add_file(found, stack, path, shown(path), before, promised=True)
        found.sources = _numbered(found.sources)
        yield found


def _add_folder(found: Found, stack: ExitStack, folder: Path, before: str) -> None:
    name = shown(folder)
    try:
        files, links = _walked(folder)
        if not files:
            raise UnreadableFileError(f"{name} holds no file to read", "name the folder the exports are in")
    except UnreadableFileError as fault:
        found.sources.append(Source(name=name, promised=True, fault=fault))
        return
    found.links += [f"{before}{_masked(link)}" for link in links]
    for inside, path in files:
        masked = f"{before}{_masked(inside)}"
        _add_file(found, stack, path, masked, f"{masked}/", promised=path.suffix.lower() in EXPORTS)


def _add_file(found: Found, stack: ExitStack, path: Path, name: str, before: str, *, promised: bool) -> None:
    if found.is_store(path):
        if promised:
            fault = UnreadableFileError(f"{name} is the store itself", "name the exports to read into it")
            found.sources.append(Source(name=name, promised=True, fault=fault))
        return
    try:
        # A workbook is also a zip, but one file to read.
        if not (is_zip(path) and package_of(path) == "archive"):
            size = path.stat().st_size if path.exists() else 0
            found.sources.append(Source(name=name, promised=promised, size=size, path=path))
            return
        archive = stack.enter_context(open_zip(path, members=MAX_MEMBERS, unpacked=MAX_UNPACKED))
        listed = [(inside, info) for inside, info in members_of(archive) if not _hidden(inside)]
        if not listed:
            raise UnreadableFileError(f"{name} holds no file to read", "pack it again")
    except UnreadableFileError as fault:
        found.sources.append(Source(name=name, promised=True, path=path, fault=fault))
        return
    for inside, info in sorted(listed, key=lambda each: _order(each[0])):
        found.sources.append(
            Source(
                name=f"{before}{_masked(inside)}",
                promised=Path(inside).suffix.lower() in EXPORTS,
                size=info.file_size,
                member=(archive, info),
            )
        )


def _walked(folder: Path) -> tuple[list[tuple[str, Path]], list[str]]:
    """(path inside the folder, path) of each file, and the names of the rest. Links are not followed: they may form
    circles.
    """
    files: list[tuple[str, Path]] = []
    links: list[str] = []
    waiting = [(folder, "")]
    while waiting:
        here, before = waiting.pop()
        root = here.resolve()
        for entry in _listed(here):
            name, path = f"{before}{entry.name}", Path(entry.path)
            if _hidden(entry.name):
                continue
            # A Windows junction is not a symbolic link. Only resolving its path shows that it leads elsewhere.
            if entry.is_symlink() or path.resolve() != root / entry.name:
                links.append(name)
            elif entry.is_dir():
                waiting.append((path, f"{name}/"))
            elif entry.is_file():
                files.append((name, path))
            else:
                links.append(name)
        if len(files) > MAX_MEMBERS:
            raise UnreadableFileError(
                f"{shown(folder)} holds more than {MAX_MEMBERS:,} files", "name the folder the exports are in"
            )
    return sorted(files, key=lambda each: _order(each[0])), sorted(links, key=_order)


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as fault:
        raise UnreadableFileError(
            f"{shown(folder)} cannot be listed ({fault.strerror or 'disk error'})", "ask for access, or copy the folder"
        ) from None


def _numbered(sources: list[Source]) -> list[Source]:
    """Number the files whose names differ only in masked digits, so that a person can find them."""
    often = Counter(source.name for source in sources)
    return [
        replace(source, name=f"{source.name} ({place} of {len(sources)})")
        if often[source.name] > 1 and _MASK in source.name
        else source
        for place, source in enumerate(sources, start=1)
    ]


def _hidden(name: str) -> bool:
    """Hidden files, files left by the operating system, and lock files of open workbooks."""
    return any(part.startswith((".", "~$")) or part.lower() in _NOT_MEANT for part in name.split("/"))


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _masked(name: str) -> str:
    """A path with `/`, each part shown as messages show file names."""
    return "/".join(shown(Path(part)) for part in name.split("/"))
