"""Questions to a person about a planned file: broken letters, rows outside the coverage, ids made of words."""

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.builder.rows.row_report import IngestedSource
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.geo.geometry.prepared import prepared_copy
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.errors import N_, SourceError
from lindero.layers.read.formats.encodings import repair_encoding
from lindero.layers.sources.mapping import used_fields

OUTSIDE_COVERAGE, BROKEN_LETTERS = "outside_declared_coverage", "garbled_letters"
MAX_OUTSIDE = 0.1  # share of the rows that may be outside the declared coverage without a question
_SEPARATORS, _WORD, _FEWEST_WORDS = re.compile(r"[\W_]+"), re.compile(r"[^\W\d_]{3,}"), 2


def check_ids(ingested: IngestedSource) -> None:
    """Check that no id or code of records about people is made of words, such as a victim's name."""
    if ingested.entry.layer not in PERSON_LAYERS:
        return
    rows = ingested.tables[ingested.entry.layer]
    fields = used_fields(ingested.mapping, ingested.received)
    values = [ingested.received.rows[fields[column]] for column in ("id", "code") if column in fields]
    if count := max((_count_word_ids(texts.reindex(rows["row_number"])) for texts in values), default=0):
        raise SourceError(
            N_(
                "the ids of {count} rows of {name} are made of words, which may be names of people. Ids are visible in "
                "addresses and files. Write numbers in their place, or leave them out with --field id= --field code="
            ),
            count=count,
            name=Path(ingested.entry.file).name,
        )


def _count_word_ids(ids: pd.Series) -> int:
    """Count the ids with two words or more, such as ana-perez; words in most of the ids do not count."""
    words = [{part for part in _SEPARATORS.split(text) if _WORD.fullmatch(part)} for text in ids.dropna().astype(str)]
    shared = {word for word, count in Counter(chain.from_iterable(words)).items() if 2 * count > len(words) > 1}
    return sum(len(parts - shared) >= _FEWEST_WORDS for parts in words)


def find_rows_outside(ingested: IngestedSource, covered: shapely.Geometry | None) -> pd.DataFrame:
    """Return a finding for each row outside the declared coverage."""
    rows = ingested.tables[ingested.entry.layer]
    if covered is None or not isinstance(rows, gpd.GeoDataFrame):
        return ingested.findings[:0]
    geometry = rows.geometry.to_numpy()
    is_outside = ~(shapely.is_missing(geometry) | shapely.intersects(prepared_copy(covered), geometry))
    keys = pd.DataFrame(rows.loc[is_outside, ["source_id", "snapshot_on", "row_number"]])
    return keys.assign(finding=OUTSIDE_COVERAGE).reindex(columns=list(ingested.findings.columns))


def count_findings(ingested: IngestedSource, finding: str) -> int:
    """Count the rows of a plan with a finding."""
    findings = ingested.findings
    return int(findings.loc[findings["finding"] == finding, "row_number"].nunique())


def broken_letters_text(count: int, example: str) -> str:
    """Return a sentence on the rows with broken letters, with one text as received and repaired."""
    text = ngettext(
        "{count} row has broken letters: the file was saved in the wrong encoding.",
        "{count} rows have broken letters: the file was saved in the wrong encoding.",
        count,
    ).format(count=format_number(count))
    if not example:
        return text
    repaired = _("“{received}” would become “{repaired}”.").format(received=example, repaired=repair_encoding(example))
    return f"{text} {repaired}"


def find_example(findings: pd.DataFrame) -> str:
    """Return the first detail of findings; empty where there is none, as for data about people."""
    return str(next(iter(findings["detail"].dropna()), ""))


def is_mostly_covered(count: int, rows: int) -> bool:
    """Return whether only few rows are outside the declared coverage."""
    return count <= MAX_OUTSIDE * rows


def outside_text(count: int, rows: int, coverage: str) -> str:
    """Return a sentence on the rows outside the declared coverage, and how to declare it rightly."""
    text = _(
        "{count} of {rows} rows are outside the declared coverage ({places}). If the file has no complete data there, "
        "declare no coverage: the map then takes the area that its rows show."
    )
    return text.format(count=format_number(count), rows=format_number(rows), places=coverage)
