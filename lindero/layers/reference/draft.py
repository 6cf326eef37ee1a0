"""A first draft of the pack of a country that has none, for somebody who knows the country to complete."""

from pathlib import Path

from babel.languages import get_official_languages

_COUNTRY = """\
# {code}. docs/countries.md describes the values.
languages = {languages}  # of its pages, the first one first
locale = "{language}_{code}"  # for numbers and dates
company_words = []  # words that people leave out when they name a company

[levels]  # the names of its two or three administrative levels, the widest first: one area, and several
en = [["region", "regions"], ["district", "districts"]]
es = [["región", "regiones"], ["distrito", "distritos"]]
pt = [["região", "regiões"], ["distrito", "distritos"]]
fr = [["région", "régions"], ["district", "districts"]]

[examples]  # shown in forms: a place, the ISO 3166-2 code of a region, a latitude and longitude
place = ""
region = ""
position = ""
"""
_SOURCES = """\
# One table for each register: concessions, communities, protected areas. Write only what you read, and where.
[{small}-concessions]
kind = "by_hand"  # or arcgis, ogc_api, wfs, file
access = "on_request"  # or open, token_required, portal_only, pdf_only, closed, decommissioned
layer = "concessions"
title = ""
publisher = ""
url = ""
mapping = "{small}_concessions"
terms = ""
expects = ["CODE_FIELD", "NAME_FIELD"]
seen_in = ""
verified_on = ""
note = ""  # what a reader must know, in English; texts.csv translates it
"""
_MAPPINGS = """\
# One table for each kind of file. The names of fields are those of the received file.
[{small}_concessions]
layer = "concessions"
title = ""
publisher = ""
recognised_by = ["CODE_FIELD", "NAME_FIELD", "STATUS_FIELD"]
constants = {{ kind = "mining" }}

[{small}_concessions.fields]
code = "CODE_FIELD"
name = "NAME_FIELD"
holder = "HOLDER_FIELD"
status = "STATUS_FIELD"
granted_on = "DATE_FIELD"
area_official_ha = "AREA_FIELD"

[{small}_concessions.codes.status]  # granted, applied, suspended, expired; leave out what no document explains
"WORD OF THE REGISTER" = "granted"
"""
_TABLES = {
    "commitments.csv": "jurisdiction,instrument,stage,dated_on,date_precision,supersedes,source_url,verified,note",
    "protections.csv": "jurisdiction,instrument,article,gives,office,telephone,telephone_source,source_url,stated_on,"
    "date_precision,verified",
    "consultation_rules.csv": "jurisdiction,kind,stage,says,instrument,authority,note,source_url,stated_on,"
    "date_precision,verified",
    "information.csv": "jurisdiction,law,authority,days,note,source_url,stated_on,date_precision,verified",
    "texts.csv": "en,es,pt,fr",
}


def write_draft(folder: Path, code: str) -> Path:
    """Write the first draft of a pack. Files that exist are not changed.

    `code`: ISO 3166-1 alpha-2 code of the country.
    """
    small = code.lower()
    languages = [language.partition("_")[0] for language in get_official_languages(code, de_facto=True)] or ["en"]
    listed = "[" + ", ".join(f'"{language}"' for language in languages) + "]"
    files = {
        "country.toml": _COUNTRY.format(code=code, languages=listed, language=languages[0]),
        "sources.toml": _SOURCES.format(small=small),
        "mappings.toml": _MAPPINGS.format(small=small),
        **{name: f"{header}\n" for name, header in _TABLES.items()},
    }
    target = folder / small
    target.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        if not (target / name).exists():
            (target / name).write_text(content, encoding="utf-8")
    return target
