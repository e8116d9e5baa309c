"""A verification pack: the same rows as CSV, workbook and web page, and a manifest with the SHA-256 of each file."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from .answer import Answer
from .csv_text import csv_file
from .html import html
from .json_text import json_text
from .to_file import check_folder, write_folder
from .xlsx import xlsx

MANIFEST = "manifest.json"
SCHEMA = "les-evidence/1"


def pack_files(rows: Answer, summary: Answer, manifest: dict[str, Any]) -> dict[str, bytes]:
    """The files of a pack by name, the same bytes for the same answers. The manifest comes last and lists the others.

    `rows` are for a spreadsheet, `summary` is for reading. Each is marked as identifiable if its answer is.
    """
    files = {
        "evidence.csv": csv_file(rows),
        "evidence.xlsx": xlsx(rows),
        "summary.html": html(summary).encode("utf-8"),
    }
    listed = [
        {"file": name, "sha256": sha256(content).hexdigest(), "bytes": len(content)} for name, content in files.items()
    ]
    whole = Answer(data={**manifest, "files": listed}, title="", grids=(), identifiable=rows.identifiable)
    return {**files, MANIFEST: json_text(whole).encode("utf-8")}


def check_pack(out: Path, *, replace: bool) -> None:
    """Refuse a folder that cannot take a pack. With `replace`, a folder with an earlier pack and nothing else is
    accepted.
    """
    check_folder(out, ours=_is_a_pack, replace=replace)


def write_pack(out: Path, files: dict[str, bytes], *, replace: bool) -> None:
    """Write the pack, all or nothing."""
    check_pack(out, replace=replace)
    write_folder(out, files)


def _is_a_pack(folder: Path) -> bool:
    """Whether the folder's manifest is a pack's, and lists every file in the folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = {str(file["file"]) for file in manifest["files"]}
        return manifest["schema"] == SCHEMA and {path.name for path in folder.iterdir()} <= {*listed, MANIFEST}
    except (OSError, ValueError, KeyError, TypeError):
        return False
