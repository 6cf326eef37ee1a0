"""The provenance of a figure: method, parameters, seed, sources, and the command that reproduces it.

The module also loads the sections of the docs that describe the methods, for the methods page.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lindero.app.answers.declared_answers import DECLARED
from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_

DOCS = {  # documentation of each method: the file, and the start of the heading of its section
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
    **{answer.name: answer.docs for answer in DECLARED.values()},
}
METHOD_SUMMARIES = {
    "duplicates": N_(
        "Incidents of two sources are proposed as the same one if date, place, act and words agree. They "
        "are never merged without confirmation."
    ),
    "export": N_("The rows of a layer of the map, each as its source states it."),
    "report": N_("Each row received is kept, or rejected with a reason. Every change to a row is listed."),
    "timing": N_(
        "Concessions granted near attacks are counted before and after each attack. Attacks close to one "
        "another in time and place count as one event, on the date of the first. To find what chance "
        "would give, the dates are shuffled among the events a thousand times. Places and concessions "
        "stay the same."
    ),
    "overlaps": N_(
        "Where two layers share ground, in true hectares. The accuracy of both boundaries decides how "
        "certain each overlap is."
    ),
    "regions": N_(
        "For each region: land under concession, counted once; communities, by a point on their land; "
        "recorded events, by their known place or, if it is not known, by the region in the record."
    ),
    "near": N_("Distance on the ground from the point to the nearest edge; 0 if the point is inside."),
    "changes": N_(
        "Two snapshots of a register are compared record by record: by code or, if no code matches, by "
        "name and ground. A boundary has changed if it moved farther than the accuracies of both "
        "snapshots together."
    ),
    "register_dates": N_(
        "Concessions are listed by the dates of application and grant in the register, with the land "
        "that they overlap. Overlaps no wider than the accuracy of the boundaries are not counted."
    ),
    "holders": N_(
        "Land of a community under concessions of one holder is counted once. Attacks and conflicts are "
        "those within 25 km of the land. If only the district or province is known, the maximum includes "
        "those that may be that close."
    ),
    "exposure": N_(
        "Land under concession is counted once. Its range comes from moving all boundaries inwards and "
        "outwards by their accuracy. Communities are ranked by weighted indicators, and again with many "
        "other weights."
    ),
    "protection": N_(
        "Attacks, killings, open cases and protection measures are counted where they are known to be, "
        "relative to the people or communities there. The land under concession is shown beside them. "
        "Regions and communities are ranked by weighted indicators, and again with many other weights. "
        "If an indicator is missing, there is no rank."
    ),
    "consultations": N_(
        "Recorded acts are compared with the acts before which a state's rules ask for consultation. An "
        "act that is not recorded is shown as not recorded, and nothing more is concluded."
    ),
    "hotspots": N_(
        "A place is a hotspot if the count in it and around it is so high that chance rarely reaches it. "
        "Chance is simulated by redistributing everything at random. At most 5 % of the hotspots are "
        "expected to be due to chance."
    ),
    **{answer.name: answer.method for answer in DECLARED.values()},
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
    """The provenance of figures, with all that is needed to reproduce them.

    `method` is a key of `DOCS`. `command` is the exact command to type in the workspace folder.
    """

    method: str
    parameters: Mapping[str, object]
    sources: Sequence[Source]
    command: Sequence[str]
    seed: int | None = None
    limits: Sequence[str] = field(default=())  # limits of the figures, in the reader's language
    coverage: Sequence[Mapping[str, object]] = field(default=())  # areas where the map has data, as in JSON

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


METHOD_DOCS = Path(__file__).parent / "docs"  # the documentation pages in the package
METHOD_TITLES = {  # titles of sections for readers, by code; sections on other subjects are only in the docs
    "overlaps": N_("What is on whose land"),
    "claims": N_("Which may be called the highest"),
    "certainty": N_("How sure an overlap is"),
    "near": N_("What is near a place"),
    "change": N_("What changed between two snapshots"),
    "new-ground": N_("Whether the ground of a new concession is new"),
    "exposure": N_("How affected a community is"),
    "holders": N_("Who holds concessions where people were attacked"),
    "ranking": N_("How reliable a rank is"),
    "hotspots": N_("Where more is recorded than chance explains"),
    "timing": N_("Concessions before and after attacks"),
    "protection": N_("Where is protection missing?"),
    "regions": N_("Regions compared"),
    "consultation": N_("Whether a people was consulted"),
    "coverage": N_("Where the map has data"),
    "how-the-record-is-counted": N_("How attacks are counted"),
    "what-became-of-the-rows": N_("What happened to the rows received"),
    "areas": N_("How hectares are measured"),
    "edges": N_("Which line connects two vertices"),
    "repair": N_("How boundaries are repaired"),
    "where-coordinates-lie": N_("Which coordinates a file has"),
    "apportioning": N_("Population and other data apportioned to an area"),
    **{answer.name: answer.title for answer in DECLARED.values()},
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
