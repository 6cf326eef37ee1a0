"""The methods as the docs describe them, section by section, for the page that tells how a figure was made."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lindero.app.output.provenance import DOCS
from lindero.layers.errors import N_

FOLDER = Path(__file__).parent / "docs"  # of what lies in docs
TITLES = {  # what a reader calls each section, by its code: those of other matters stand in the docs alone
    "overlaps": N_("What lies on whose land"),
    "certainty": N_("How sure an overlap is"),
    "near": N_("What lies near a place"),
    "change": N_("What changed between two snapshots"),
    "exposure": N_("How affected a community is"),
    "ranking": N_("How firm a rank is"),
    "hotspots": N_("Where more is on record than by chance"),
    "density": N_("Where records lie thick"),
    "timing": N_("Concessions before and after attacks"),
    "protection": N_("Where is protection missing?"),
    "regions": N_("Regions compared"),
    "consultation": N_("Whether a people was consulted"),
    "coverage": N_("Where the map has data"),
    "how-the-record-is-counted": N_("How attacks are counted"),
    "what-became-of-the-rows": N_("What became of the rows received"),
    "areas": N_("How hectares are measured"),
    "edges": N_("What the line between two corners is"),
    "repair": N_("How boundaries are mended"),
    "where-coordinates-lie": N_("Which coordinates a file holds"),
    "apportioning": N_("People and others shared out over an area"),
}
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Section:
    """A section of the docs, as Markdown without its heading, and the file that it is of."""

    file: str
    heading: str
    text: str


@cache
def sections() -> dict[str, Section]:
    """Give the sections that `TITLES` names, by their code."""
    found = {}
    for path in sorted(FOLDER.glob("*.md")):
        for part in re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))[1:]:
            heading, _line, text = part.partition("\n")
            found[_code(heading)] = Section(f"docs/{path.name}", heading, _shown(text))
    return {code: found[code] for code in TITLES}


def code_of(method: str) -> str:
    """Give the code of the section that describes a method of `app.output.provenance`."""
    _file, section = DOCS[method]
    return next(code for code, one in sections().items() if one.heading.startswith(section))


def _code(heading: str) -> str:
    return re.sub(r"\W+", "-", heading.partition(":")[0].lower()).strip("-")


def _shown(text: str) -> str:
    """Write a section so that a page shows it: links lead nowhere here, formulas are no programs."""
    lines = [re.sub(r"^ {4}(?=\S)", "> ", line) for line in _LINK.sub(r"\1", text).splitlines()]
    return "\n".join(re.sub(r"^```.*", "", line) for line in lines).replace("$", r"\$").strip()
