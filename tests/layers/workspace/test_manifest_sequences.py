"""Every sequence of changes to a manifest leaves one that reads back as what was meant."""

import dataclasses
import shutil
import tempfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import tomlkit
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lindero.app.text.error_advice import error_text
from lindero.layers.errors import ManifestError, WorkspaceError
from lindero.layers.workspace import manifest_file, manifest_tables, rivers
from lindero.layers.workspace.manifest_file import MANIFEST, SourceEntry, edit_manifest, load_workspace
from tests.amount import amount
from tests.files import concessions, text

WORDS = st.text(max_size=12)
LINES = gpd.GeoDataFrame(geometry=[shapely.LineString([(-78, -7), (-78, -6.9)])], crs="OGC:CRS84")


def test_the_last_source_is_removed_and_added_again(files):
    first = files.add("concessions", concessions())
    manifest_tables.remove_source(files.space, first.id)

    assert load_workspace(files.folder).sources == ()
    again = files.add("concessions", concessions())
    assert load_workspace(files.folder).sources == (again,)


def test_a_manifest_that_an_earlier_version_broke_is_refused_with_its_repair(files):
    entry = files.add("concessions", concessions().rename(columns={"code": "CODIGO"}), fields={"code": "CODIGO"})
    path = files.folder / MANIFEST
    document = tomlkit.parse(path.read_text())
    values = document.pop("source")[0].unwrap()
    document["source"] = []
    document["source"].append(tomlkit.item(values))  # as an earlier version did
    broken = tomlkit.dumps(document)
    path.write_text(broken)

    with pytest.raises(WorkspaceError) as caught:
        load_workspace(files.folder)

    line = broken[: broken.index("source = [")].count("\n") + 1
    told = error_text(caught.value)
    assert f"in line {line}, an earlier version of Lindero wrote `source = [`" in told
    assert "lindero init" not in told
    repaired = broken.replace("source = [", "[[source]]\n").replace("\n[", "\n[source.").replace("\n]\n", "\n")
    path.write_text(repaired.replace("[source.[source]]", "[[source]]").replace("[source.workspace]", "[workspace]"))
    assert load_workspace(files.folder).sources == (entry,)


@pytest.mark.parametrize("table", ["source = []\n", "source = [  # none yet\n]\n"])
def test_an_empty_inline_array_of_an_earlier_version_takes_a_source(files, table):
    path = files.folder / MANIFEST
    path.write_text(table + path.read_text())

    entry = files.add("concessions", concessions(), fields={"code": "CÓDIGO"})

    assert load_workspace(files.folder).sources == (entry,)


def test_sources_that_a_person_wrote_in_one_line_stay(files):
    path = files.folder / MANIFEST
    inline = '{id = "a", layer = "communities", file = "files/a.csv", retrieved_on = 2026-01-01}'
    path.write_text(f"source = [{inline}]\n{path.read_text()}")

    entry = files.add("concessions", concessions())

    assert [source.id for source in load_workspace(files.folder).sources] == ["a", entry.id]


def test_a_change_that_does_not_read_back_leaves_the_old_manifest(files, monkeypatch):
    files.add("concessions", concessions())
    path = files.folder / MANIFEST
    before = path.read_bytes()
    write = tomlkit.dumps
    for damaged in (lambda document: write(document) + "= [", lambda document: write(document).replace("Editora", "")):
        monkeypatch.setattr(tomlkit, "dumps", damaged)
        with pytest.raises(ManifestError) as refused, edit_manifest(files.folder) as document:
            document["workspace"]["title"] = "Otro"

        assert path.read_bytes() == before
        assert "Nothing was changed" in error_text(refused.value)
    assert manifest_file.is_manifest_unchanged(files.folder)


class Manifest(RuleBasedStateMachine):
    """A manifest that is changed in any order, beside what it should then hold."""

    def __init__(self):
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.folder = self.place / "space"
        self.received = text(self.place / "a.csv", "code,longitude,latitude\n1,-78.5,-7\n")
        self.sources, self.same, self.rivers, self.made = {}, [], {}, False

    def teardown(self):
        shutil.rmtree(self.place)

    @precondition(lambda self: not self.made)
    @rule(title=WORDS)
    def create(self, title):
        manifest_file.create_workspace(self.folder, title=title, country="PE")
        self.made = True

    @precondition(lambda self: self.made)
    @rule(
        source_id=st.sampled_from("abc"),
        day=st.sampled_from(["2026-01-01", "2026-02-01"]),
        words=WORDS,
        fields=st.dictionaries(WORDS, WORDS, max_size=2),
        codes=st.dictionaries(WORDS, st.dictionaries(WORDS, WORDS, max_size=2), max_size=2),
        accuracy=st.none() | st.floats(0.1, 1e6),
        coverage=st.sampled_from(["", "PE", "PE-CAJ,PE-AMA"]),
    )
    def add(self, source_id, day, words, fields, codes, accuracy, coverage):
        digest = manifest_file.file_sha256(self.received)
        entry = SourceEntry(
            id=source_id,
            layer="communities",
            file=f"files/{digest[:12]}/a.csv",
            sha256=digest,
            publisher=words,
            title=words,
            snapshot_on=day,
            fields=fields,
            codes=codes,
            boundary_accuracy_m=accuracy,
            coverage=coverage,
        )
        if (source_id, day) not in self.sources:
            manifest_file.add_source(load_workspace(self.folder), entry, self.received)
            self.sources[source_id, day] = entry

    @precondition(lambda self: self.sources)
    @rule(data=st.data(), whole=st.booleans())
    def remove(self, data, whole):
        source_id, day = data.draw(st.sampled_from(sorted(self.sources)))
        gone = [key for key in self.sources if key == (source_id, day) or (whole and key[0] == source_id)]
        manifest_tables.remove_source(load_workspace(self.folder), source_id, snapshot_on="" if whole else day)
        self.sources = {key: entry for key, entry in self.sources.items() if key not in gone}

    @precondition(lambda self: self.sources)
    @rule(data=st.data(), words=st.dictionaries(st.sampled_from(["title", "publisher", "crs", "licence"]), WORDS))
    def describe(self, data, words):
        source_id, day = data.draw(st.sampled_from(sorted(self.sources)))
        defaults = {field.name: field.default for field in dataclasses.fields(SourceEntry)} | {"publisher": ""}
        stated = {name: text or defaults[name] for name, text in words.items()}
        manifest_tables.update_source(load_workspace(self.folder), source_id, words, snapshot_on=day)
        self.sources[source_id, day] = dataclasses.replace(self.sources[source_id, day], **stated)

    @precondition(lambda self: self.made)
    @rule(pair=st.sampled_from([("i1", "i2"), ("i1", "i3"), ("ñ", '"')]))
    def accept(self, pair):
        manifest_tables.mark_same_incidents(load_workspace(self.folder), pair, existing=frozenset(pair))
        self.same += [] if pair in self.same else [pair]

    @precondition(lambda self: self.made)
    @rule(name=st.sampled_from("rs"), words=WORDS)
    def change_rivers(self, name, words):
        if name in self.rivers:
            rivers.TABLE.remove_entry(self.folder, name)
            del self.rivers[name]
        else:
            values = dict.fromkeys(rivers.RiverEntry.__dataclass_fields__, words) | {"id": name, "accuracy_m": 5.0}
            self.rivers[name] = rivers.add_rivers(self.folder, LINES, rivers.RiverEntry(**values))

    @precondition(lambda self: self.made)
    @rule(comment=st.sampled_from(["# nota\n", "\n\n", "# [[source]]\n"]), at_end=st.booleans())
    def comment(self, comment, at_end):
        path = self.folder / MANIFEST
        path.write_text(path.read_text() + comment if at_end else comment + path.read_text())

    @invariant()
    def reads_back(self):
        if not self.made:
            return
        space = load_workspace(self.folder)
        assert {(entry.id, entry.snapshot_on): entry for entry in space.sources} == self.sources
        assert list(space.same) == self.same
        assert {entry.id: entry for entry in rivers.TABLE.read_entries(self.folder)} == self.rivers


TestManifest = Manifest.TestCase
TestManifest.settings = settings(max_examples=amount(15, 40), stateful_step_count=amount(15, 30))
