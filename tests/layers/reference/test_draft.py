import tomllib

from lindero.layers.reference import packs
from lindero.layers.reference.draft import write_draft

# Antarctica, which will never have a pack: a new pack must not change a test.
WITHOUT_PACK = "AQ"


def test_a_country_without_a_pack_gets_a_draft_with_the_columns_of_the_others(tmp_path, typed):
    code, _out, err = typed("init", tmp_path / "space", "--country", WITHOUT_PACK.lower())
    draft = tmp_path / "space" / "country-pack" / WITHOUT_PACK.lower()

    assert code == 0
    assert "Lindero has no pack for Antarctica" in err
    assert tomllib.loads((draft / "country.toml").read_text(encoding="utf-8"))["languages"] == ["en"]
    for path in draft.glob("*.toml"):
        tomllib.loads(path.read_text(encoding="utf-8"))
    for path in draft.glob("*.csv"):
        known = next(iter(packs.find_files(path.name).values()))
        assert path.read_text(encoding="utf-8") == known.read_text(encoding="utf-8").splitlines()[0] + "\n"


def test_a_draft_states_the_languages_of_the_country(tmp_path):
    written = write_draft(tmp_path, "CL") / "country.toml"

    assert tomllib.loads(written.read_text(encoding="utf-8"))["languages"] == ["es"]


def test_a_draft_does_not_replace_what_somebody_wrote(tmp_path):
    written = write_draft(tmp_path, "CL") / "country.toml"
    written.write_text("# mine", encoding="utf-8")

    assert (write_draft(tmp_path, "CL") / "country.toml").read_text(encoding="utf-8") == "# mine"


def test_a_country_with_a_pack_gets_no_draft(tmp_path, typed):
    typed("init", tmp_path / "space", "--country", "PE")

    assert not (tmp_path / "space" / "country-pack").exists()
