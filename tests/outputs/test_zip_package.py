"""A Word file or a workbook that `les` packs has the same bytes on any computer at any time."""

from __future__ import annotations

import io
import sys
import time
import zipfile

import pytest

from lescli.outputs.zip_package import packed

PARTS = {"b.xml": b"<b/>" * 100, "a/c.xml": "<c>é</c>".encode()}


def test_the_parts_stand_in_their_order_and_are_packed() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(PARTS))) as package:
        assert package.testzip() is None
        assert {one.filename: package.read(one) for one in package.infolist()} == PARTS
        assert package.namelist() == list(PARTS)
        assert {one.compress_type for one in package.infolist()} == {zipfile.ZIP_DEFLATED}


@pytest.mark.parametrize("system", ["win32", "linux", "darwin"])
def test_the_same_bytes_on_any_system_at_any_time(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    before = packed(PARTS)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert packed(PARTS) == before
    with zipfile.ZipFile(io.BytesIO(before)) as package:
        assert {(one.date_time[0], one.create_system) for one in package.infolist()} == {(1980, 0)}
