"""A small service made from a few lines of service.toml, for the tests of one rule at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import snomed_concept

_BASE = """
[service]
name = "small"
title = "Small"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
end = "2027-03-31"
clause = "1"

[submission]
clause = "1"
by = "email"

[register]
rule = "coded"
clause = "2"
find_by = [{find_by}]
"""
_LIST = """
[codelists.{name}]
title = "{name}"
status = "specified"
clause = "2"
snomed = ["{code}"]
"""
_DETAIL = """
[[register.detail]]
name = "{name}"
title = "{name}"
type = "{type}"
required = false
clause = "2"
"""
_CODES = tuple(map(snomed_concept, range(9)))

Made = Callable[..., Service]


@pytest.fixture(scope="session")
def made() -> Made:
    """Makes a service: `lists` are its code lists (the first finds cases), `details` are name:type pairs."""

    def make(text: str, *, lists: str = "work", details: str = "", find_by: str | None = None) -> Service:
        names = lists.split()
        given = names[:1] if find_by is None else find_by.split()
        parts = [_BASE.format(find_by=", ".join(f'"{name}"' for name in given))]
        parts += [_DETAIL.format(name=one.split(":")[0], type=one.split(":")[1]) for one in details.split()]
        parts += [_LIST.format(name=name, code=code) for name, code in zip(names, _CODES, strict=False)]
        toml = "".join(parts) + text
        return service_of(DataOnlyPlugin(parse_specification(toml.encode(), where="small")), origin="test")

    return make
