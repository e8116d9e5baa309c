"""`les services` lists the services by commissioner, and says of each how many prices and code lists are unset."""

from __future__ import annotations

import csv
import io
import json

from lescli.operations.services import services_answer
from lescli.outputs.table import table
from lescli.services import Catalog
from lescli.services.service import Broken
from tests.cli.conftest import valid


def test_each_service_stands_below_its_commissioner_once(les_here, store):
    done = les_here("services", store=store)
    listed = les_here("services", "--json", store=store).json
    groups = {one["name"]: one["services"] for one in listed["commissioners"]}
    assert list(groups) == sorted(groups, key=str.casefold)
    assert groups == {
        who: sorted(one["name"] for one in listed["services"] if one["commissioner"] == who) for who in groups
    }
    assert sum(map(len, groups.values())) == len(listed["services"])
    lines = done.out.splitlines()
    for who, names in groups.items():
        first = lines.index(who) + 3
        assert [line.split(" ")[0] for line in lines[first : first + len(names)]] == names


def test_what_is_unset_is_counted_in_the_table_and_named_in_the_json(les_here, store):
    def unset(service):
        (one,) = [one for one in les_here("services", "--json", store=store).json["services"] if one["name"] == service]
        return one["unset"]

    def line(service):
        (found,) = [one for one in les_here("services", store=store).out.splitlines() if one.startswith(service)]
        return found

    assert unset("denosumab") == []
    assert "price" not in line("denosumab")
    assert unset("phlebotomy") == [term for term in unset("phlebotomy") if term.startswith(("codes.", "price."))]
    assert "price.sample" in unset("phlebotomy")
    assert "1 price, " in line("phlebotomy")
    price = ("price.sample=3.10", "--from", "2026-04-01", "--source", "a letter")
    assert les_here("services", "set", "phlebotomy", *price, store=store).code == 0
    assert "price.sample" not in unset("phlebotomy")
    assert "1 price" not in line("phlebotomy")


def test_a_csv_has_every_service_with_its_commissioner(les_here, store):
    rows = list(csv.DictReader(io.StringIO(les_here("services", "--format", "csv", store=store).out)))
    listed = les_here("services", "--json", store=store).json["services"]
    assert [(row["name"], row["commissioner"]) for row in rows] == [
        (one["name"], one["commissioner"]) for one in listed
    ]
    assert [row["unset"] for row in rows] == [", ".join(one["unset"]) for one in listed]


def test_a_broken_service_comes_last_and_is_in_the_json():
    answer = services_answer(
        Catalog(services=(), broken=(Broken(name="ours", origin="folder", problem="period: required"),)), None
    )
    assert valid(answer.data)["commissioners"] == [{"name": "", "services": ["ours"]}]
    assert "Commissioner not known" in table(answer)
    assert "period: required" in table(answer)


def test_no_service_at_all_is_said():
    assert "no service is installed" in table(services_answer(Catalog(services=(), broken=()), None))


def test_what_networks_are_compared_by_is_shown(les_here, store):
    shown = json.loads(les_here("services", "show", "larc", "--json", store=store).out)
    (found,) = [one for one in shown["terms"] if one["term"] == "networks"]
    assert found["value"] == "implant-fitting, iucd-fitting, for 1,000 women_15_44"
    other = json.loads(les_here("services", "show", "ecg", "--json", store=store).out)
    assert not [one for one in other["terms"] if one["term"] == "networks"]
