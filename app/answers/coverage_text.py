"""What a map says where it shows nothing of a layer: none on record here, no data of this here, or not known."""

from collections.abc import Iterable, Mapping, Sequence

from lindero.app.answers.coverage import Answer, Coverage, Verdict
from lindero.app.text import i18n
from lindero.app.text.dates import as_of
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.layers.database.coverage import Basis, Extent
from lindero.layers.database.map_database import Source
from lindero.layers.errors import N_

NAMED = 4  # publishers in a sentence
KINDS = {
    "concessions": N_("concessions"),
    "communities": N_("lands of communities"),
    "protected_areas": N_("protected areas"),
    "incidents": N_("attacks or conflicts"),
    "protection_measures": N_("protection measures"),
    "consultations": N_("consultations"),
    "mining_scars": N_("mining scars"),
}


def kinds(layer: str) -> str:
    """Name what a layer holds, many of them, in the middle of a sentence."""
    return _(KINDS[layer]) if layer in KINDS else layer


def by(*answers: Answer) -> str:
    """Name the sources of some answers, each with the day that it stands for."""
    return named([source for answer in answers for source in answer.sources])


def according_to(answer: Answer) -> str:
    """Say by which sources, and of what day, an answer is; nothing if none covers."""
    return _("According to: {sources}.").format(sources=by(answer)) if answer.is_covered else ""


def named(sources: Sequence[Source]) -> str:
    """Name publishers, each with the latest day that they stand for, and how many more there are."""
    latest: dict[str, Source] = {}
    for source in sorted(sources, key=lambda one: one.snapshot_on):
        latest[source.publisher or source.title or source.source_id] = source
    told = [f"{plain(name)}, {as_of(source.as_of)}" for name, source in latest.items()]
    more = len(told) - NAMED
    rest = [ngettext("{n} more", "{n} more", more).format(n=number(more))] if more > 0 else []
    return "; ".join([*told[:NAMED], *rest])


def unanswered(answers: Iterable[Answer]) -> str:
    """Say of which layers a place has no data, and of which it is not known; nothing if all are covered."""
    every = list(answers)
    told = []
    for verdict, text in (
        (Verdict.NO_DATA, N_("This map has no data of {kinds} here.")),
        (
            Verdict.NOT_KNOWN,
            N_("Whether there are {kinds} here is not known: no source says that it covers this."),
        ),
    ):
        layers = [kinds(answer.layer) for answer in every if answer.verdict is verdict]
        if layers:
            told.append(_(text).format(kinds=_either(layers)))
    return " ".join(told)


def none(answer: Answer) -> str:
    """Say in one sentence that nothing of a layer was found at a place or over an area, as far as that can be said."""
    if not answer.is_covered:
        return unanswered([answer])
    told = {"kinds": kinds(answer.layer), "source": by(answer), "share": percent(answer.share, decimals=0)}
    if answer.is_whole:
        return _("No {kinds} on record here ({source}).").format(**told)
    text = _("No {kinds} on record in the {share} of it that this map has data of ({source}), and no data of the rest.")
    return text.format(**told)


def partly(answer: Answer) -> str:
    """Say that only a part of an area is covered; nothing if it is whole."""
    if answer.is_whole:
        return ""
    if not answer.is_covered:
        return unanswered([answer])
    text = _("This map has data of {kinds} for {share} of it only.")
    return text.format(kinds=kinds(answer.layer), share=percent(answer.share, decimals=0))


def lacking(found: Coverage, layers: Iterable[str]) -> str:
    """Say of which layers the map has no data at all; nothing if it has some of each."""
    missing = [kinds(layer) for layer in layers if found.lacks(layer)]
    if not missing:
        return ""
    return _("This map has no data of {kinds} at all: it says nothing of them.").format(kinds=_either(missing))


def of_source(found: Coverage, source: Source) -> str:
    """Say where a source has data, and how that is known."""
    rows = found.rows[(found.rows["source_id"] == source.source_id) & (found.rows["layer"] == source.layer)]
    if rows.empty or rows["geometry"].isna().all():
        return _("not known")
    declared = rows[rows["basis"] == Basis.DECLARED]
    if len(declared):
        return _("{places} (declared)").format(places=", ".join(dict.fromkeys(declared["name"])))
    partial = set(rows.loc[rows["extent"] == Extent.POSSIBLE, "place"])
    told: Mapping[str, str] = dict(zip(rows["place"], rows["name"], strict=True))
    names = [_("part of {name}").format(name=name) if code in partial else name for code, name in told.items()]
    return _("{places} (by its rows)").format(places=", ".join(sorted(names)))


def _either(texts: Sequence[str]) -> str:
    return i18n.listed(list(texts), style="or")
