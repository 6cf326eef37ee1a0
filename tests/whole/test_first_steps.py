"""The first steps, in each language, are typed line by line and do what they say."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from tests.amount import amount

ROOT = Path(__file__).parents[2]
PAGES = {
    "en": ("first-steps.md", "valley", "cadastre", "communities", "attacks", "cadastre-november"),
    "es": ("primeros-pasos.md", "valle", "catastro", "comunidades", "ataques", "catastro-noviembre"),
}
HEADS = {"en": ("CODE", "OWNER", "GRANTED", "NAME"), "es": ("CODIGO", "TITULAR", "OTORGADO", "NOMBRE")}
EVENT = "1,,Threat,2026-10-10,day,Comunidad X,,PE,district,mining,unknown,,,,,public_record,https://example.org/a,-6.75,-78.55\n"


def blocks(page):
    return re.findall(r"```sh\n(.*?)```", ROOT.joinpath("docs", page).read_text(encoding="utf-8"), flags=re.DOTALL)


def _received(folder, language):
    _, _, cadastre, communities, _, november = PAGES[language]
    code, owner, granted, name = HEADS[language]
    shapes = [box(-78.62, -6.77, -78.58, -6.73), box(-78.56, -6.72, -78.52, -6.69), box(-78.59, -6.79, -78.57, -6.78)]
    rows = {code: ["1", "2", "3"], owner: ["A", "B", "C"], granted: ["2015-03-01", "2024-06-01", "2026-10-20"]}
    titles = gpd.GeoDataFrame(rows, geometry=shapes, crs="OGC:CRS84").to_crs(32717)
    land = gpd.GeoDataFrame({name: ["Comunidad X"]}, geometry=[box(-78.6, -6.8, -78.5, -6.7)], crs="OGC:CRS84")
    for called, frame in ((cadastre, titles[:2]), (november, titles), (communities, land.to_crs(32717))):
        frame.to_file(folder / f"{called}.shz", driver="ESRI Shapefile")
        folder.joinpath(f"{called}.shz").rename(folder / f"{called}.zip")


@pytest.mark.slow
@pytest.mark.parametrize("language", amount(["es"], [*PAGES]))
def test_the_first_steps_lead_to_a_map_a_brief_and_a_publication(tmp_path, language, shell):
    page, space, _, communities, attacks, _ = PAGES[language]
    _received(tmp_path, language)
    start, *rest = "\n".join(blocks(page)).split("> ../" + attacks + ".csv\n")

    shell(f"{start}> ../{attacks}.csv\n", tmp_path, language)
    with tmp_path.joinpath(f"{attacks}.csv").open("a", encoding="utf-8") as table:  # as somebody fills it in
        table.write(EVENT)
    told = shell(f"cd {space}\n" + "".join(rest), tmp_path, language)

    exported = pd.read_csv(tmp_path / space / f"{communities}.csv")
    assert exported["id"].tolist() == [f"{communities}/~6c48353a2f88"]
    assert [each[:10] for each in exported["snapshot_on"]] == ["2026-09-15"]
    assert next(tmp_path.glob(f"{space}/*.pdf")).read_bytes().startswith(b"%PDF")
    assert ("1 new (1 of them" if language == "en" else "1 nueva (1 de ellas") in told
    assert len(list(tmp_path.glob("*/index.html"))) == 1


def test_both_languages_type_the_same_commands():
    def commands(page):
        return [re.findall(r"^lindero \w+|--[a-z-]+", block, flags=re.MULTILINE) for block in blocks(page)]

    assert commands(PAGES["en"][0]) == commands(PAGES["es"][0])
    assert len(commands(PAGES["en"][0])) == 8
