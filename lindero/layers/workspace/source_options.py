"""The options with which a source is added or described, each defined once.

`app.commands.source_options` turns them into command parameters, forms take their labels from here, and a manifest
entry stores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from lindero.layers.errors import N_

ADD, VAULT, DESCRIBE, RIVERS = "add", "vault add", "describe", "rivers add"
_DATA = frozenset({ADD, VAULT, DESCRIBE})


@dataclass(frozen=True)
class OptionPrompt:
    """The prompt of an option: its help text, its commands and flags, and its label on a page."""

    help: str
    commands: frozenset[str]
    flags: tuple[str, ...]
    label: str
    placeholder: str


def _define_option(
    help_: str,
    *commands: str,
    default: Any = "",
    flags: tuple[str, ...] = (),
    label: str = "",
    placeholder: str = "",
) -> Any:
    default_argument = {"default_factory": dict} if default is dict else {"default": default}
    prompt = OptionPrompt(help_, frozenset(commands), flags, label, placeholder)
    return field(**default_argument, metadata={"asked": prompt})


@dataclass(frozen=True)
class SourceOptions:
    """The options with which a user adds or describes a source. Empty means not stated. Dates are ISO 8601."""

    id: str = _define_option(
        N_("Name of the source: the same for each snapshot."),
        *(ADD, VAULT),
        flags=("--id",),
        label=N_("Name of the source (the same for all its dates)"),
    )
    layer: str = _define_option(
        N_("The layer, for example concessions; not needed for known files."),
        ADD,
        VAULT,
        label=N_("What does the file contain?"),
    )
    publisher: str = _define_option(
        N_("The publisher; not needed for known files."), *_DATA, label=N_("Who published it?")
    )
    licence: str = _define_option(
        N_("The licence, as the publisher states it."),
        ADD,
        DESCRIBE,
        RIVERS,
        label=N_("Which licence does the publisher state?"),
    )
    title: str = _define_option(N_("The title that the publisher gives it."), ADD, DESCRIBE, RIVERS, label=N_("Title"))
    url: str = _define_option(N_("The web address where it was published."), ADD, DESCRIBE)
    retrieved_on: str = _define_option(
        N_("The date when it was received (YYYY-MM-DD); today by default."), ADD, DESCRIBE
    )
    snapshot_on: str = _define_option(
        N_("The date of its content (YYYY-MM-DD); by default, not stated."),
        *_DATA,
        label=N_("Date of its content"),
        placeholder=N_("for example 2026-06-30"),
    )
    published_on: str = _define_option(
        N_("The date of its publication (YYYY-MM-DD)."), ADD, DESCRIBE, label=N_("Date of publication")
    )
    coverage: str = _define_option(  # empty: proposed from its rows
        N_(
            "Where it has data: ISO codes of countries or regions, names of regions, or a file of polygons, separated "
            "by commas."
        ),
        *(ADD, DESCRIBE),
        flags=("--covers", "--coverage"),
        label=N_("Where it is complete: codes of countries or regions (ISO 3166), separated by commas"),
    )
    covers_from: str = _define_option(
        N_("First date that it covers; by default, the first date of its rows."),
        ADD,
        DESCRIBE,
        label=N_("First date that it covers"),
    )
    covers_to: str = _define_option(
        N_("Last date that it covers; by default, the last date of its rows."),
        ADD,
        DESCRIBE,
        label=N_("Last date that it covers"),
    )
    crs: str = _define_option(  # replaces the CRS that the file states, or states a missing one
        N_("Coordinate reference system, for example EPSG:32717."),
        *(*_DATA, RIVERS),
        label=N_("Coordinate reference system, if the file does not state it"),
        placeholder=N_("for example EPSG:32717"),
    )
    encoding: str = _define_option(N_("Encoding of the text, for example cp1252."), *_DATA, RIVERS)
    sublayer: str = _define_option(N_("The layer or sheet of the file to read."), ADD, VAULT, RIVERS)
    mapping: str = _define_option(
        ""
    )  # a name in layers.sources.MAPPINGS_BY_NAME; empty: known by its fields, or named as in the schema
    boundary_accuracy_m: float | None = _define_option(
        N_("Accuracy of its boundaries, in metres."),
        ADD,
        default=None,
        flags=("--accuracy-m",),
        label=N_("Accuracy of its boundaries in metres, if the publisher states it"),
    )
    fields: Mapping[str, str] = _define_option(  # column = field
        N_("COLUMN=FIELD; COLUMN= leaves the column empty. May be repeated."),
        ADD,
        VAULT,
        default=dict,
        flags=("--field",),
    )
    constants: Mapping[str, str] = _define_option(  # column = value
        N_("COLUMN=VALUE for all rows, for example acts=threat. May be repeated."),
        *(ADD, VAULT),
        default=dict,
        flags=("--value",),
    )
    codes: Mapping[str, Mapping[str, str]] = _define_option(  # column = codes of received values
        N_("COLUMN:RECEIVED=CODE: the meaning of a received value."), ADD, default=dict, flags=("--code",)
    )
    date_order: str = _define_option(  # day or month, whichever comes first; empty: detected from the dates
        N_("Order of dates like 05/06/2016; by default, inferred from the dates."),
        ADD,
        flags=("--day-first/--month-first",),
    )
    comparable: bool = _define_option(  # the guard of `collect.absence` let it pass, or a person did
        N_("Add a newer file although it has fewer rows, other codes or another area than the earlier one."),
        ADD,
        default=False,
        flags=("--accept-fewer",),
    )
    same: tuple[int, ...] = _define_option(
        N_("ROW that resembles a withdrawn record and is the same record; it stays out. May be repeated."),
        ADD,
        VAULT,
        default=(),
    )
    another: tuple[int, ...] = _define_option(
        N_("ROW that resembles a withdrawn record but is another person's; it is kept. May be repeated."),
        ADD,
        VAULT,
        default=(),
    )

    def merge_earlier(self, earlier: SourceOptions) -> SourceOptions:
        """Return the options, with those not stated taken from an earlier snapshot of the source."""
        names = [option.name for option in OPTIONS if option.name not in _SNAPSHOT_OPTIONS]
        return replace(self, **{name: _merge_value(getattr(self, name), getattr(earlier, name)) for name in names})


OPTIONS: tuple[Field[Any], ...] = fields(SourceOptions)
DATES = ("retrieved_on", "published_on", "covers_from", "covers_to")
DESCRIPTION_OPTIONS = (
    "title",
    "publisher",
    "licence",
    "url",
    *DATES,
)  # descriptions of a source, which do not change its rows
MAPPINGS = ("fields", "constants", "codes")
ROW_DECISIONS = (
    "same",
    "another",
)  # decisions about rows similar to withdrawn records: stored, but not part of the source
READING_OPTIONS = ("crs", "encoding")  # a change of these changes how the file is read
COMPARABLE = "comparable"
_SNAPSHOT_OPTIONS = {"id", "snapshot_on", COMPARABLE, *DATES, *ROW_DECISIONS}


def option_prompt(name: str) -> OptionPrompt:
    """Return the prompt of an option.

    `name`: the name of a field of `SourceOptions`.
    """
    prompt: OptionPrompt = next(option.metadata["asked"] for option in OPTIONS if option.name == name)
    return prompt


def _merge_value(value: Any, earlier: Any) -> Any:
    if isinstance(value, Mapping):
        return {**earlier, **value}
    return earlier if value in ("", None) else value
