"""A dossier holds what its figures rest on, agrees with itself, and with one byte changed anywhere does not."""

import base64
import dataclasses
import datetime as dt
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from lindero.app.media.court import bag, folder, page, received, signature, verify
from lindero.app.media.court.contents import collect_contents
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import AnswerError, KeyNotGivenError, PublishError
from lindero.layers.workspace import manifest_file
from tests.promises.conftest import PAYLOADS
from tests.small_map import publish

LAND = "demo-communities/INV-COM-APU-022"
ROOT = Path(__file__).parents[4]
TODAY = dt.date(2026, 11, 26)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    file = tmp_path_factory.mktemp("key") / "signing.pem"
    signature.create_key(file)
    return file


@pytest.fixture(scope="module")
def made(demonstration, key, tmp_path_factory):
    i18n.set_language("en")
    space, _con = demonstration
    target = tmp_path_factory.mktemp("dossier") / "apu"
    folder.write_dossier(manifest_file.load_workspace(space), LAND, target, signature.load_key(key), today=TODAY)
    return target


@pytest.fixture
def copy(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "copy"))


def files(of):
    return sorted(path.relative_to(of).as_posix() for path in of.rglob("*") if path.is_file())


def flipped(file, at):
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def test_a_dossier_agrees_with_itself_and_says_what_agrees(made, key, typed):
    public = signature.public_key_hex(signature.load_key(key))
    code, _out, err = typed("verify", made, "--signer", public)

    assert code == 0
    assert "20 files are byte for byte" in err
    assert signature.key_fingerprint(public) in err
    assert "Overlap areas measured again from data/rows/dossier.gpkg: 20. All agree" in err
    assert "It does not say whether a concession is lawful" in err


def test_one_byte_changed_in_any_file_is_found_and_the_file_is_named(copy, made):
    for name in files(made):
        size = (copy / name).stat().st_size
        for at in {0, size // 2, size - 1}:
            flipped(copy / name, at)
            broken = " ".join(verify.verify_dossier(copy).broken)
            flipped(copy / name, at)

            assert name in broken, (name, at)
    assert not bag.check_bag(copy).faults


def test_no_byte_of_the_signature_and_its_manifest_can_be_another(copy):
    signer = bag.check_bag(copy).signer
    assert signer
    shutil.rmtree(copy / "data")  # each check would read it anew, and it is not signed itself
    for name in (signature.SIGNATURE, bag.TAGS):
        content = (copy / name).read_bytes()
        for at, byte in enumerate(content):
            (copy / name).write_bytes(content[:at] + bytes([byte ^ 1]) + content[at + 1 :])
            assert bag.check_bag(copy).signer is None, (name, at)
        (copy / name).write_bytes(content)
        assert bag.check_bag(copy).signer == signer
    (copy / signature.SIGNATURE).write_text((copy / signature.SIGNATURE).read_text() + " ")
    assert bag.check_bag(copy).signer is None


@pytest.mark.parametrize("name", ["data/figures.json", signature.SIGNATURE, bag.TAGS, bag.MANIFEST, "check.html"])
def test_a_file_that_is_gone_is_named(copy, name):
    (copy / name).unlink()

    assert name in " ".join(verify.verify_dossier(copy).broken)


def test_a_file_that_was_added_or_is_a_link_is_named(copy, tmp_path):
    (copy / "data" / "more.txt").write_text("more")
    (copy / "data" / "README.txt").rename(tmp_path / "README.txt")
    (copy / "data" / "README.txt").symlink_to(tmp_path / "README.txt")
    broken = " ".join(verify.verify_dossier(copy).broken)

    assert "data/more.txt" in broken
    assert "data/README.txt" in broken


def test_figures_that_were_changed_and_signed_anew_are_not_those_of_the_boundaries(copy, key):
    told = json.loads((copy / "data" / "figures.json").read_text())
    told["pairs"][0]["area_ha"] += 1
    (copy / "data" / "figures.json").write_text(json.dumps(told))
    (copy / signature.SIGNATURE).unlink()
    for name in (bag.TAGS, bag.MANIFEST):
        (copy / name).unlink()
    bag.seal_bag(copy, signature.load_key(key), today=TODAY)
    found = verify.verify_dossier(copy)

    assert len(found.broken) == 1
    assert "data/figures.json" in found.broken[0]
    assert told["pairs"][0]["left_id"] in found.broken[0]


def test_who_signed_with_another_key_is_told_from_whom_was_named(made, tmp_path, typed):
    another = signature.create_key(tmp_path / "another.pem")
    code, _out, err = typed("verify", made, "--signer", another)

    assert code == 1
    assert "a key other than the one that you named" in err


def test_the_figures_are_those_of_the_commands(demonstration, made, typed):
    space, _con = demonstration
    asked = ("overlaps", "concessions", "communities", "--right-where", f"id={LAND}", "--format", "json")
    _code, out, _err = typed(*asked, "--workspace", space)
    answer = json.loads(out)
    told = json.loads((made / "data" / "figures.json").read_text())
    figures = {(one["of"], one["figure"]): one["value"] for one in told["figures"]}

    for name in ("gross_ha", "footprint_ha", "certain_ha", "possible_ha"):
        assert figures["concessions", name] == pytest.approx(answer[name], abs=1e-3)
    rows = pd.read_csv(made / "data" / "rows" / "overlaps.csv")
    assert rows["area_ha"].sum() == pytest.approx(answer["gross_ha"], abs=1e-3)
    methods = (made / "data" / "methods.md").read_text()
    for one in told["figures"]:
        assert (made / "data" / one["rows"]).is_file()
        assert f"## {one['method']}" in methods
    assert methods.startswith("# Methods")


def test_received_files_are_as_they_came_and_none_holds_persons(demonstration, made):
    space = manifest_file.load_workspace(demonstration[0])
    listed = pd.read_csv(made / "data" / "received" / "received.csv")
    hashes = {entry.sha256 for entry in space.sources if entry.layer in {"communities", "concessions"}}

    assert set(listed["layer"]) == {"communities", "concessions"}
    for row in listed.to_dict("records"):
        copied = made / "data" / "received" / row["in_this_dossier"]
        assert hashlib.sha256(copied.read_bytes()).hexdigest() == row["sha256"]
        assert row["sha256"] in hashes


@pytest.mark.parametrize(
    ("licence", "passed"),
    [("CC0-1.0", True), ("CC BY-SA 4.0", True), ("CC-BY-4.0", True), ("not stated", False), ("", False),
     ("ACLED's terms of use: no redistribution", False), ("CC BY-SA 4.0, and LandMark's terms of service", False)],
)  # fmt: skip
def test_a_file_is_passed_on_by_its_licence_as_stated(demonstration, licence, passed):
    space = manifest_file.load_workspace(demonstration[0])
    entry = dataclasses.replace(space.sources[0], licence=licence)

    assert (received.refusal_reason(space, entry) == "") == passed


def test_a_file_that_gave_persons_or_holds_more_layers_is_not_passed_on(demonstration):
    space = manifest_file.load_workspace(demonstration[0])
    entry = space.sources[0]
    persons = dataclasses.replace(entry, id="casos", layer="incidents")
    both = dataclasses.replace(space, sources=(*space.sources, persons))

    assert received.refusal_reason(both, entry) == received.PERSONS
    assert received.refusal_reason(space, dataclasses.replace(entry, sublayer="a")) == received.MAY_HOLD_MORE
    assert received.refusal_reason(space, dataclasses.replace(entry, file="files/x.zip")) == received.MAY_HOLD_MORE


def test_attacks_are_told_by_areas_and_without_ids_that_lead_to_a_file(tmp_path):
    publish(tmp_path / "build")
    with map_database.connect(builds.current_map(tmp_path / "build"), spatial=True) as con:
        held = collect_contents(con, "communities/1")
    attacks = held.rows["attacks"]

    assert len(attacks) == 1
    assert not {"id", "source_id", "snapshot_on", "row_number", "code"} & set(attacks)
    assert attacks.geometry.iloc[0].area > 0.009
    assert "A register" in attacks["sources"].iloc[0]


def test_nothing_but_public_record_is_told_of_attacks(tmp_path, monkeypatch):
    publish(tmp_path / "build")
    from lindero.app.media.court import contents as module

    monkeypatch.setattr(module, "is_public", lambda rows: rows["visibility"] == "nothing")
    with map_database.connect(builds.current_map(tmp_path / "build"), spatial=True) as con:
        held = collect_contents(con, "communities/1")

    assert held.rows["attacks"].empty
    assert [one["value"] for one in held.figures if one["of"] == "attacks"] == [0]


def test_no_zero_is_given_where_the_map_has_no_data(tmp_path):
    publish(tmp_path / "build")
    with map_database.connect(builds.current_map(tmp_path / "build"), spatial=True) as con:
        figures = collect_contents(con, "communities/1").figures

    told = {one["of"]: one["value"] for one in figures if one["figure"] == "features"}
    assert {one["of"] for one in figures if one.get("coverage") == "no_data"} == {"consultations"}
    assert told["consultations"] is None
    assert told["protected_areas"] == 0


def test_what_others_wrote_is_in_no_page_and_in_no_formula(tmp_path, key):
    for number, payload in enumerate(("".join(PAYLOADS), PAYLOADS[4])):
        space = tmp_path / f"space-{number}"
        manifest_file.create_workspace(space, title=payload, country="PE")
        publish(space / "build", text=payload)
        folder.write_dossier(
            manifest_file.load_workspace(space),
            "communities/1",
            space / "dossier",
            signature.load_key(key),
            today=TODAY,
        )
        assert (space / "dossier" / "check.html").read_text(encoding="utf-8") == page.render_page()
        assert all(re.fullmatch(r"[A-Za-z0-9._/-]+", name) for name in files(space / "dossier"))
        for file in (space / "dossier" / "data" / "rows").glob("*.csv"):
            cells = pd.read_csv(file, dtype=str, keep_default_na=False).to_numpy().ravel()
            assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]
        assert not bag.check_bag(space / "dossier").faults


def test_the_page_allows_what_is_inside_by_its_hash_and_nothing_else():
    text = page.render_page()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    style, script = (
        re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1],
        re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1],
    )

    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name, part in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert not re.search(r"https?://|innerHTML|src=", text)


def test_a_dossier_comes_whole_or_not_at_all(demonstration, key, tmp_path, monkeypatch):
    def fails(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bag, "seal_bag", fails)
    space = manifest_file.load_workspace(demonstration[0])
    with pytest.raises(PublishError, match="No space left"):
        folder.write_dossier(space, LAND, tmp_path / "out", signature.load_key(key), today=TODAY)

    assert not list(tmp_path.iterdir())


def test_nothing_that_is_there_is_replaced(demonstration, key, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    space = manifest_file.load_workspace(demonstration[0])
    with pytest.raises(PublishError, match="is not an empty folder; choose a new one"):
        folder.write_dossier(space, LAND, tmp_path, signature.load_key(key), today=TODAY)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_is_not_on_the_map_is_said(demonstration, key, tmp_path):
    with pytest.raises(AnswerError, match="the layer communities of this map has no row with id 'nobody'"):
        folder.write_dossier(
            manifest_file.load_workspace(demonstration[0]),
            "nobody",
            tmp_path / "x",
            signature.load_key(key),
            today=TODAY,
        )


def test_a_key_is_made_once_for_its_owner_alone(tmp_path, typed):
    file = tmp_path / "own" / "key.pem"
    code, out, _err = typed("keys", "init", "--signing-key", file)
    held = file.read_bytes()

    assert code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert signature.key_fingerprint(signature.public_key_hex(signature.load_key(file))) in out
    assert typed("keys", "init", "--signing-key", file)[0] == 1
    assert file.read_bytes() == held
    assert typed("keys", "show", "--signing-key", file)[1] == out


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_key_that_others_can_read_signs_nothing(tmp_path):
    signature.create_key(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(0o644)
    with pytest.raises(KeyNotGivenError, match="other users can read"):
        signature.load_key(tmp_path / "key.pem")
    (tmp_path / "key.pem").chmod(0o600)
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(KeyNotGivenError, match="does not contain a key"):
        signature.load_key(tmp_path / "key.pem")
    with pytest.raises(KeyNotGivenError, match="lindero keys init"):
        signature.load_key(tmp_path / "none.pem")


def test_the_command_writes_a_dossier_in_spanish_and_says_what_is_in_it(demonstration, key, tmp_path, typed):
    space, _con = demonstration
    asked = ("dossier", "community", LAND, "--output", tmp_path / "d", "--signing-key", key, "--language", "es")
    code, _out, err = typed(*asked, "--workspace", space)

    assert code == 0, err
    assert "communities-" in err
    assert "Envíe por otra vía la huella de su clave" in err
    assert "No dice si una concesión es legal" in (tmp_path / "d" / "data" / "README.txt").read_text()
    assert '<html lang="es">' in (tmp_path / "d" / "check.html").read_text()
    assert not bag.check_bag(tmp_path / "d").faults


def test_the_methods_are_those_of_the_docs():
    whole = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")

    for part in folder.read_methods().split("\n## "):
        assert part.strip() in whole
