"""A private text that is a public one and a letter more: a leak where a value holds it, chance where two texts meet."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from lindero.layers.publish import leak_scan
from lindero.layers.publish.leak_scan import Secrets

PUBLIC, PRIVATE = "Amenaza de muerte en Ucayali", "Amenaza de muerte en Ucayalis"


def parquet(path, **columns):
    pd.DataFrame(columns).to_parquet(path)
    return path


def hits(path, secret=PRIVATE):
    secrets = Secrets({secret.encode(): "row 1: title"})
    return {pattern for _, data in leak_scan.iter_contents(path) for pattern in secrets.search(data)}


def test_where_two_texts_meet_it_is_found_and_told_to_be_chance(tmp_path):
    path = parquet(tmp_path / "a.parquet", title=[PUBLIC, "sin nombre"])

    assert hits(path) == {PRIVATE.encode()}
    assert leak_scan.find_chance_matches(path, hits(path)) == {PRIVATE.encode()}


@pytest.mark.parametrize(
    "values",
    [[PUBLIC, PRIVATE], [PUBLIC, f"… {PRIVATE} …"], [PUBLIC, [PRIVATE]], [PUBLIC, {"a": PRIVATE}]],
    ids=["a value", "within one", "in a list", "in a record"],
)
def test_where_a_value_holds_it_it_is_a_leak(tmp_path, values):
    path = parquet(tmp_path / "a.parquet", title=[PUBLIC, "sin nombre"], other=[None, values[1]])

    assert hits(path)
    assert leak_scan.find_chance_matches(path, hits(path)) == set()


def test_a_letter_before_counts_as_one_behind_and_more_than_two_are_a_leak(tmp_path):
    before = parquet(tmp_path / "a.parquet", title=["los", PUBLIC])
    assert leak_scan.find_chance_matches(before, {f"s{PUBLIC}".encode()}) == {f"s{PUBLIC}".encode()}
    assert leak_scan.find_chance_matches(before, {f"los x {PUBLIC}".encode()}) == set()


def test_in_a_file_that_is_no_table_it_is_a_leak(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(f'["{PUBLIC}", "{PRIVATE}"]', encoding="utf-8")

    assert leak_scan.find_chance_matches(path, hits(path)) == set()


def test_bytes_that_are_no_text_are_no_chance(tmp_path):
    path = parquet(tmp_path / "a.parquet", title=[PUBLIC])

    assert leak_scan.find_chance_matches(path, {b"\x00\x01\x02\x03\xff\xfe"}) == set()
    assert pq.read_table(path).num_rows == 1
