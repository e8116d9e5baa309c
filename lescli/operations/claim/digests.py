"""Keyed digests of claimed work: they show that two practices claim for the same patient and day, and name nobody.

A commissioner compares the digests of many practices without the key. Whoever has the key can try every NHS number, so
it stays with the practices.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...errors import LesError
from ...model import Verdict
from ...outputs.to_file import write_whole
from .preview import ActivityShown, ClaimAnswer

_LEAST_BYTES, _LEAST_DIFFERENT = 32, 16
_KEPT_BYTES = 16
_ID_BYTES = 8
_PREFIX = "les-digests/1"
_CURE = "make one with `les group key FILE`, and give the same file to every practice"


@dataclass(frozen=True, slots=True)
class DigestKey:
    """The key that all practices of a commissioner share."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """Tells two keys apart, and says nothing about either."""
        return self._digest("key", _ID_BYTES)

    def of(self, nhs_number: str, day: str, service: str, item: str) -> str:
        """The digest of one activity."""
        return self._digest("\n".join(("work", nhs_number, day, service, item)), _KEPT_BYTES)

    def _digest(self, text: str, kept: int) -> str:
        return hmac.digest(self.secret, f"{_PREFIX}\n{text}".encode(), "sha256")[:kept].hex()


def new_key(path: Path) -> None:
    """Write a new key into a file that is not there yet. LesError when it is."""
    if path.exists():
        raise LesError("the file is there already, and was not changed", "name another")
    write_whole(path, f"{secrets.token_hex(_LEAST_BYTES)}\n".encode())


def read_key(path: Path) -> DigestKey:
    """The key in a file: hexadecimal digits, as `les group key` writes them, or bytes. LesError for a weak one."""
    try:
        content = path.read_bytes()
    except OSError:
        raise LesError("--digests: the key file cannot be read", "check its name and permissions") from None
    text = content.decode("ascii", "replace").strip()
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        # Words that somebody typed are no random bytes.
        secret = b"" if text.isascii() and text.isprintable() else content
    if len(secret) < _LEAST_BYTES or len(set(secret)) < _LEAST_DIFFERENT:
        raise LesError(f"--digests: the file is no key of at least {_LEAST_BYTES} random bytes", _CURE)
    return DigestKey(secret)


def with_digests(answers: Sequence[ClaimAnswer], key: DigestKey) -> list[ClaimAnswer]:
    """The claims with the digests of their payable work beside them. What is frozen in the ledger has none.

    Each row names its digest last in its evidence, so that the practice can find the work that it is asked about.
    """
    return [_with_digests(one, key) for one in answers]


def _with_digests(one: ClaimAnswer, key: DigestKey) -> ClaimAnswer:
    values: list[str] = []
    rows: list[ActivityShown] = []
    for row in one.rows:
        if row.verdict == Verdict.PAYABLE and row.nhs_number:
            values.append(key.of(row.nhs_number, row.date.isoformat(), one.service, row.item))
            row = replace(row, evidence=(*row.evidence, f"digest:{values[-1]}"))
        rows.append(row)
    # Sorted, so that their order says nothing.
    digests = {"key_id": key.key_id, "values": sorted(values)}
    return replace(one, rows=tuple(rows), data={**one.data, "digests": digests})
