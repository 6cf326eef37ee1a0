"""
The provenance of a figure: method, parameters, seed, sources, and the command that reproduces it.

The module also loads the sections of the docs that describe the methods, for the methods page.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_

DOCS = {  # where each method stands in the docs: the file, and the beginning of its section's heading
    "overlaps": ("docs/methods.md", "Overlaps"),
    "regions": ("docs/methods-analysis.md", "Regions"),
    "near": ("docs/methods.md", "Near"),
    "changes": ("docs/methods-analysis.md", "Change"),
    "register_dates": ("docs/methods-analysis.md", "Change"),
    "exposure": ("docs/methods-analysis.md", "Exposure"),
    "protection": ("docs/methods-analysis.md", "Protection"),
    "timing": ("docs/methods-analysis.md", "Timing"),
    "hotspots": ("docs/methods-analysis.md", "Hotspots"),
    "consultations": ("docs/methods.md", "Consultation"),
    "holders": ("docs/methods-analysis.md", "Holders"),
    "duplicates": ("docs/data-model.md", "How the record is counted"),
    "report": ("docs/data-model.md", "What became of the rows"),
    "export": ("docs/data-model.md", "What became of the rows"),
}
METHOD_SUMMARIES = {
    "duplicates": N_(
        "Incidents of two sources are proposed as one by date, place, act and words, and never joined unasked."
    ),
    "export": N_("The rows of a layer as the map holds them, each as its source states it."),
    "report": N_("Each row received is kept or rejected, with the reason, and what was changed in it is listed."),
    "timing": N_(
        "Concessions granted near attacks are counted before and after them. Attacks close to one another in time and "
        "place count as one event, on the date of the first. Chance deals the dates anew among the events, a thousand "
        "times, and leaves every place and every concession as it is."
    ),
    "overlaps": N_("Where two layers share ground, in true hectares; how surely, by the accuracy of both boundaries."),
    "regions": N_(
        "Of each region: ground under concession counted once, communities by a point on their land, and events of "
        "the record by their known place, else by the region that the record names."
    ),
    "near": N_("Distances along the ground from the point to the nearest edge; 0 inside."),
    "changes": N_(
        "Two snapshots of a register are held against each other record by record: by code, else by name and ground. A "
        "boundary has changed where it moved farther than the accuracies of both snapshots together."
    ),
    "register_dates": N_(
        "Concessions are listed by the dates that the register itself states for the application and the grant, and "
        "by the land that they overlap; overlaps no wider than the accuracy of the boundaries do not count."
    ),
    "holders": N_(
        "Ground of a holder's concessions on a community's land is counted once. Attacks and conflicts are those "
        "within 25 km of the land. Where only the district or province is known, the most counts those that may be."
    ),
    "exposure": N_(
        "Ground under title counts once; its range draws all boundaries in and out by their accuracies. Communities "
        "are ranked by weighted indicators, and again under many other weights."
    ),
    "protection": N_(
        "Attacks, killings, open cases and protection measures are counted where they are known to be, against the "
        "people or the communities there, beside the land under concession. Regions and communities are ranked by "
        "weighted indicators, and again under many other weights; what misses one of them has no rank."
    ),
    "consultations": N_(
        "Acts on record are put beside the acts before which a state's rules ask for consultation. What is not on "
        "record is said to be so, and nothing more."
    ),
    "hotspots": N_(
        "A place is hot if so much was counted in it and around it as seldom comes about when everything is dealt out "
        "anew by chance. Of the places called hot at most 5 % are expected to be so by chance."
    ),
}


ACCURACY = (
    "boundary_accuracy_m",
    "accuracy_basis",
    "accuracy_estimated_m",
    "crs_operation",
    "crs_operation_accuracy_m",
)
"""How well the boundaries of a source are known, and how that is known."""


@dataclass(frozen=True)
class Provenance:
    """
    The provenance of figures, with all that is needed to reproduce them.

    `method` is a key of `DOCS`. `command` is the exact command to type in the workspace folder.
    """

    method: str
    parameters: Mapping[str, object]
    sources: Sequence[Source]
    command: Sequence[str]
    seed: int | None = None
    limits: Sequence[str] = field(default=())  # what the figures cannot say, in the reader's language
    coverage: Sequence[Mapping[str, object]] = field(default=())  # how far the map has data, as JSON holds it

    def to_dict(self) -> dict[str, object]:
        """Return the record as a dictionary for JSON."""
        columns = (
            "source_id",
            "layer",
            "title",
            "publisher",
            "licence",
            "url",
            "snapshot_on",
            "retrieved_on",
            "invented",
            *ACCURACY,
        )
        file, section = DOCS[self.method]
        return {
            "method": self.method,
            "described_in": f"{file}, {section}",
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "sources": [
                {**{name: getattr(source, name) for name in columns}, "snapshot_on": source.as_of}
                for source in self.sources
            ],
            "command": self.command_line(),
            **({"coverage": list(self.coverage)} if self.coverage else {}),
        }

    def command_line(self) -> str:
        """Return the command as one shell line."""
        return shlex.join(self.command)


def current_sources(sources: Iterable[Source], layers: Iterable[str]) -> tuple[Source, ...]:
    """Return the current snapshots of the sources of some layers."""
    layer_names = frozenset(layers)
    return tuple(source for source in sources if source.is_current and source.layer in layer_names)


METHOD_DOCS = Path(__file__).parent / "docs"  # of what lies in docs
METHOD_TITLES = {  # what a reader calls each section, by its code: those of other matters stand in the docs alone
    "overlaps": N_("What lies on whose land"),
    "certainty": N_("How sure an overlap is"),
    "near": N_("What lies near a place"),
    "change": N_("What changed between two snapshots"),
    "exposure": N_("How affected a community is"),
    "holders": N_("Who holds concessions where people were attacked"),
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
    "edges": N_("What the line between two vertices is"),
    "repair": N_("How boundaries are mended"),
    "where-coordinates-lie": N_("Which coordinates a file holds"),
    "apportioning": N_("People and others shared out over an area"),
}
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Section:
    """A section of the docs: its file, its heading, and its Markdown text without the heading."""

    file: str
    heading: str
    text: str


@cache
def load_method_sections() -> dict[str, Section]:
    """Load the sections that `METHOD_TITLES` lists, by code."""
    sections = {}
    for path in sorted(METHOD_DOCS.glob("*.md")):
        for part in re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))[1:]:
            heading, _line, text = part.partition("\n")
            code = re.sub(r"\W+", "-", heading.partition(":")[0].lower()).strip("-")
            sections[code] = Section(f"docs/{path.name}", heading, _to_page_markdown(text))
    return {code: sections[code] for code in METHOD_TITLES}


def find_section_code(method: str) -> str:
    """Return the code of the section that describes a method (a key of `DOCS`)."""
    _file, section = DOCS[method]
    return next(code for code, entry in load_method_sections().items() if entry.heading.startswith(section))


def _to_page_markdown(text: str) -> str:
    """Convert a section for display on a page: links are removed, formulas become quotes, and `$` is escaped."""
    lines = [re.sub(r"^ {4}(?=\S)", "> ", line) for line in _LINK.sub(r"\1", text).splitlines()]
    return "\n".join(re.sub(r"^```.*", "", line) for line in lines).replace("$", r"\$").strip()
