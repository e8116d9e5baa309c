"""A service of a few items, added to a practice's store, for tests that ask as the command line does."""

from __future__ import annotations

from hashlib import sha256

from lescli.model import ServiceSpec
from lescli.services import service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.store.practice_data import add_folder_service
from lescli.testing import Surgery, snomed_concept

BASE = f"""
[service]
name = "small"
title = "Small"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
clause = "1"

[submission]
clause = "1"
by = "email"

[register]
rule = "coded"
clause = "2"
find_by = ["found"]

[codelists.found]
title = "found"
status = "specified"
clause = "2"
snomed = ["{snomed_concept(1)}"]

[codelists.work]
title = "work"
status = "specified"
clause = "2"
snomed = ["{snomed_concept(2)}"]
"""
PRICE = '\n[[item.price]]\namount = "10.00"\nfrom = "2025-04-01"\nclause = "3"\n'


def item(name: str, kind: str, more: str = 'codelists = ["work"]') -> str:
    head = f'\n[[item]]\nname = "{name}"\ntitle = "{name}"\nkind = "{kind}"\nclause = "3"\nunit = "one"\n'
    return f"{head}{more}\n{PRICE}"


def spec_of(*items: str) -> ServiceSpec:
    """The terms of a service with these items."""
    return parse_specification((BASE + "".join(items)).encode(), where="small")


def surgery(*items: str, **tables: str) -> Surgery:
    """A practice that holds a service with these items."""
    toml = BASE + "".join(items)
    made = Surgery(service_of(DataOnlyPlugin(spec_of(*items)), origin="t"), **tables)
    with made.store.writing():
        add_folder_service(made.store, "small", toml, sha256(toml.encode()).hexdigest())
    return made
