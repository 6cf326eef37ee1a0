"""The catalogue in words: what can be had, from whom, on what terms, and how it answers today."""

from collections.abc import Iterable

from lindero.app.text.codes import word
from lindero.app.text.error_advice import said
from lindero.app.text.i18n import _, number
from lindero.layers.services.catalogue import Offer
from lindero.layers.services.check import Found


def offers_shown(offers: Iterable[Offer]) -> str:
    """Describe what can be had, one source a paragraph."""
    return "\n\n".join("\n".join(_lines(one)) for one in offers)


def offer_record(one: Offer) -> dict[str, object]:
    """Give an entry as a program reads it."""
    return {**one.__dict__, "expects": list(one.expects), "constants": dict(one.constants)}


def found_record(found: Found) -> dict[str, object]:
    """Give what became of a service as a program reads it."""
    described = found.described
    return {
        "name": found.name,
        "state": found.state,
        "rows": described.rows if described else None,
        "crs": described.crs if described else None,
        "paging": described.paging if described else None,
        "fields_missing": list(found.missing),
        "fields_new": list(found.new),
        "why": said(found.error) if found.error else None,
    }


def found_shown(found: Found) -> str:
    """Say in a few lines what became of looking at a service."""
    lines = [f"{found.name}: {word(found.state)}"]
    if found.described is not None:
        rows = _("not counted") if found.described.rows is None else number(found.described.rows)
        lines.append(
            _("  rows: {rows}; reference system: {crs}; paging: {paging}").format(
                rows=rows, crs=found.described.crs or "–", paging=found.described.paging
            )
        )
    if found.missing:
        lines.append(_("  fields that are gone: {fields}").format(fields=", ".join(found.missing)))
    if found.new:
        lines.append(_("  fields that the map does not use: {fields}").format(fields=", ".join(found.new)))
    if found.paging:
        lines.append(_("  it pages in another way than before: {paging}").format(paging=found.paging))
    if found.error is not None:
        lines.append(f"  {said(found.error)}")
    return "\n".join(lines)


def _lines(one: Offer) -> list[str]:
    how = (
        _("lindero fetch {name}").format(name=one.name)
        if one.is_service
        else _("by hand: register, get the file, then lindero add FILE")
    )
    checked = one.verified_on or _("never: it could not be reached when this was written")
    lines = [
        f"{one.name}  {one.title}",
        _("  {layer}, {publisher}; licence: {licence}").format(
            layer=word(one.layer),
            publisher=one.publisher,
            licence=word(one.licence),
        ),
        f"  {one.url}",
        f"  {how}",
        _("  seen to answer so: {date}").format(date=checked),
    ]
    lines += [_("  terms: {terms}").format(terms=one.terms)] if one.terms else []
    return [*lines, *([f"  {one.note}"] if one.note else [])]
