"""
The options with which a source is added or described, each defined once.

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
        label=N_("Name of the source: the same for each of its dates"),
    )
    layer: str = _define_option(
        N_("What it holds, such as concessions; known files tell it."), ADD, VAULT, label=N_("What does it hold?")
    )
    publisher: str = _define_option(N_("Who published it; known files tell it."), *_DATA, label=N_("Who published it?"))
    licence: str = _define_option(
        N_("Under which licence, as stated."), ADD, DESCRIBE, RIVERS, label=N_("Under which licence, as stated?")
    )
    title: str = _define_option(N_("What the publisher calls it."), ADD, DESCRIBE, RIVERS, label=N_("Title"))
    url: str = _define_option(N_("Where it was published."), ADD, DESCRIBE)
    retrieved_on: str = _define_option(N_("When it was received (YYYY-MM-DD); today unless said."), ADD, DESCRIBE)
    snapshot_on: str = _define_option(
        N_("The day that its content stands for; else not stated."),
        *_DATA,
        label=N_("The day that its content stands for"),
        placeholder=N_("such as 2026-06-30"),
    )
    published_on: str = _define_option(
        N_("The date of its publication (YYYY-MM-DD)."), ADD, DESCRIBE, label=N_("Date of publication")
    )
    coverage: str = _define_option(  # empty: proposed from its rows
        N_("Where it has data: PE, PE-CAJ, a region's name, a file of polygons; commas between."),
        *(ADD, DESCRIBE),
        flags=("--covers", "--coverage"),
        label=N_("Where it has all there is: a country (PE), regions (PE-CAJ), with commas"),
    )
    covers_from: str = _define_option(
        N_("First day that it tells of; else that of its rows."), ADD, DESCRIBE, label=N_("First day that it tells of")
    )
    covers_to: str = _define_option(
        N_("Last day that it tells of; else that of its rows."), ADD, DESCRIBE, label=N_("Last day that it tells of")
    )
    crs: str = _define_option(  # against or instead of what the file states
        N_("Coordinate reference system, such as EPSG:32717."),
        *(*_DATA, RIVERS),
        label=N_("Coordinate reference system, if the file does not say it"),
        placeholder=N_("such as EPSG:32717"),
    )
    encoding: str = _define_option(N_("Of the text, such as cp1252."), *_DATA, RIVERS)
    sublayer: str = _define_option(N_("Which layer or sheet of the file."), ADD, VAULT, RIVERS)
    mapping: str = _define_option(
        ""
    )  # a name in layers.sources.MAPPINGS_BY_NAME; empty: known by its fields, or named as in the schema
    boundary_accuracy_m: float | None = _define_option(
        N_("Of its boundaries, in metres."), ADD, default=None, flags=("--accuracy-m",)
    )
    fields: Mapping[str, str] = _define_option(  # column = field
        N_("COLUMN=FIELD, or COLUMN= for none; several times."), ADD, VAULT, default=dict, flags=("--field",)
    )
    constants: Mapping[str, str] = _define_option(  # column = value
        N_("COLUMN=VALUE for all rows, such as acts=threat; several times."),
        *(ADD, VAULT),
        default=dict,
        flags=("--value",),
    )
    codes: Mapping[str, Mapping[str, str]] = _define_option(  # column = what received values mean
        N_("COLUMN:RECEIVED=CODE: what a value means."), ADD, default=dict, flags=("--code",)
    )
    date_order: str = _define_option(  # day or month: which of them comes first; empty: its dates are to tell
        N_("Of dates such as 05/06/2016; else they tell."), ADD, flags=("--day-first/--month-first",)
    )
    same: tuple[int, ...] = _define_option(
        N_("ROW that is like a withdrawn record, and is it: it stays out; several times."), ADD, VAULT, default=()
    )
    another: tuple[int, ...] = _define_option(
        N_("ROW that is like a withdrawn record, and another's: it is kept; several times."), ADD, VAULT, default=()
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
)  # only said of a source: no row is another for it
MAPPINGS = ("fields", "constants", "codes")
ROW_DECISIONS = (
    "same",
    "another",
)  # what was said of rows that are like withdrawn records: remembered, not of the source
READING_OPTIONS = ("crs", "encoding")  # a change of these reads the file otherwise
_SNAPSHOT_OPTIONS = {"id", "snapshot_on", *DATES, *ROW_DECISIONS}


def option_prompt(name: str) -> OptionPrompt:
    """Return the prompt of an option."""
    prompt: OptionPrompt = next(option.metadata["asked"] for option in OPTIONS if option.name == name)
    return prompt


def _merge_value(value: Any, earlier: Any) -> Any:
    if isinstance(value, Mapping):
        return {**earlier, **value}
    return earlier if value in ("", None) else value
