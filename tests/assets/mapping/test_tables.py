"""The alias and vocabulary tables are data that code trusts: every row must make sense against the canonical model."""

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest

import assets.mapping
from assets.mapping.fit import target_type
from assets.mapping.names import read_name
from assets.mapping.rules import Transform
from assets.normalize.model import BOOKKEEPING_TARGETS, ENTITIES
from assets.normalize.transforms import reader

ROOM = Path(next(iter(assets.mapping.__path__)))
TABLES = sorted((ROOM / "aliases").glob("*.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_alias_points_to_a_real_target_and_says_where_it_is_from(path: Path) -> None:
    for row in rows(path):
        assert row["vendor"] and row["source_field"] and len(row["source"]) > 10, row
        re.compile(row["stream_pattern"])
        if row["entity"]:
            fields = set(ENTITIES[row["entity"]].model_fields) | set(BOOKKEEPING_TARGETS)
            assert not row["target"] or row["target"] in fields, row
        else:
            assert not row["target"], row


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_aliases_transform_compiles_for_its_target(path: Path) -> None:
    for row in rows(path):
        if row["transform_kind"]:
            transform = Transform(row["transform_kind"], json.loads(row["transform_args"]))  # type: ignore[arg-type]
            reader(transform, target_type(row["entity"], row["target"]))


def test_no_alias_is_given_twice_nor_both_mapped_and_ignored() -> None:
    every = [row for path in TABLES for row in rows(path)]
    seen = Counter((r["vendor"], r["stream_pattern"], r["source_field"], r["target"]) for r in every)
    assert [key for key, count in seen.items() if count > 1] == []
    mapped = {(v, p, f) for v, p, f, target in seen if target}
    assert [key[:3] for key in seen if not key[3] and key[:3] in mapped] == []


def test_the_vendors_people_bring_are_covered() -> None:
    vendors = {row["vendor"] for path in TABLES for row in rows(path)}
    assert vendors >= {
        "hubspot", "salesforce", "dynamics365", "pipedrive", "zendesk", "sap", "netsuite", "aws_cur", "aws_config",
    }  # fmt: skip


def test_every_phrase_names_a_real_field_once() -> None:
    meanings: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for row in rows(ROOM / "vocabulary" / "phrases.csv"):
        entities = list(ENTITIES) if row["entity"] == "*" else [row["entity"]]
        owners = [e for e in entities if row["target"] in {*ENTITIES[e].model_fields, *BOOKKEEPING_TARGETS}]
        assert owners and 0 < float(row["probability"]) <= 1, row
        if float(row["probability"]) >= 0.85:
            for entity in owners:
                meanings.setdefault((entity, read_name(row["phrase"]).words), set()).add(row["target"])
    for entity, model in ENTITIES.items():
        for field in model.model_fields:
            meanings.setdefault((entity, read_name(field).words), set()).add(field)
    # A cloud account or the customer it serves: as good as each other, so never applied on the name alone.
    two_ways = {("aws_resource", ("account", "id")): {"account_id", "aws_account_id"}}
    assert {key: found for key, found in meanings.items() if len(found) > 1} == two_ways
