"""What of the vault somebody wrote anew in a public text is found, and what only looks like it is not."""

import csv
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lindero.layers.publish import leak_scan, leak_words
from lindero.layers.vault import vault_file
from tests.files import Files, text
from tests.secret_files import Secret, made, put

OWN = {"dni": "", "apodo_defensora": ""}


def row(number, visibility, **other):
    return Secret(number, visibility).row(**{"telefono": "", "nota": "", "nombre": ""} | other) | {
        name: other.get(name, value) for name, value in OWN.items()
    }


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """The words of a vault: a confidential row with a phone, a DNI, a note, names and a place; and a public row."""
    root = tmp_path_factory.mktemp("words")
    rows = [
        row(
            *(1, "confidential"),
            nombre="Nelvira",
            telefono="+51 962 066 062",
            dni="50996545",
            nota="Duerme en la Posta Médica",
            apodo_defensora="Rosa",
            longitude="-74.512345",
            latitude="-8.312345",
            occurred_on="2024-05-06",
        ),
        row(2, "public_record", nota="Según la prensa", sources="La República"),
        row(3, "confidential", nota="Según la prensa", longitude="-75.5", latitude="-9.25"),
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    files = Files(root / "space")
    held = made(files.folder)
    put(held, files.space, text(root / "casos.csv", out.getvalue()))
    with vault_file.open_vault(held) as con:
        return leak_words.collect_words(con)


@pytest.mark.parametrize(
    ("title", "of"),
    [
        ("Llamar al 962066062 de noche", "telefono"),
        ("Tel. (962) 066-062", "telefono"),
        ("Con DNI 50996545", "dni"),
        ("DUERME EN LA POSTA MEDICA", "nota"),
        ("Amenaza contra NELVIRA", "nombre"),
        ("rosa, amenazada", "apodo_defensora"),
        ("Cerca de -8.312, -74.512", "place"),
        ("A 74,512 O y 8,312 S", "place"),
    ],
)
def test_what_was_written_anew_is_found_and_named(secret, title, of):
    found = leak_words.search_texts([title, "Otra cosa"], secret)

    assert {leak_words.find_origin(secret, key).rpartition(": ")[2] for key in found} == {of}


@pytest.mark.parametrize(
    "title",
    [
        "Ataque en Santa Rosa",  # a place
        "Según la prensa",  # a public row of the vault says so
        "Expediente 962-066",
        "El 2024-05-06 y el 2024-05-07",
        "Rosario, Nelviras",
        "En -8.3, -74.5",
        "8.312 km de camino",
        "En -75.500, -9.250",  # rounder than anybody's house
    ],
)
def test_what_only_looks_like_it_is_no_alarm(secret, title):
    assert leak_words.search_texts([title], secret) == set()


def test_what_the_map_or_a_page_says_is_nobody_s_secret(secret, tmp_path):
    pd.DataFrame({"title": ["Nelvira, alcaldesa"]}).to_parquet(tmp_path / "map.parquet")
    found = leak_words.search_texts(["Nelvira y Rosa"], secret)

    assert found == {"nelvira", "rosa"}
    assert leak_words.find_public_words(found, secret, tmp_path / "map.parquet", page="una rosa") == found
    assert leak_words.find_public_words(found, secret, None, page="") <= {"rosa"}


def test_texts_are_read_of_tables_scripts_and_plain_files(tmp_path):
    pd.DataFrame({"title": ["uno"], "n": [1], "people": [["Rosa", "Ana"]]}).to_parquet(tmp_path / "a.parquet")
    maps = pa.array([[("Rosa", "Ana")]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"m": maps, "v": pa.array(["Sol"], pa.string_view())}), tmp_path / "b.parquet")
    (tmp_path / "data.js").write_text('window.LINDERO = {"a": ["d\\u00f3s"]};\n', encoding="utf-8")
    (tmp_path / "c.txt").write_text("tres", encoding="utf-8")
    (tmp_path / "d.bin").write_bytes(b"\xff\xfe\x00")

    assert [
        text for path in sorted(tmp_path.iterdir()) for text in leak_words.iter_texts(leak_scan.ScannedFile(path))
    ] == [
        "uno",
        "Rosa",
        "Ana",
        "Rosa",
        "Ana",
        "Sol",
        "tres",
        "a",
        "dós",
    ]
