"""What is on record at a place, told in sentences that can be read aloud, and short enough to be sent by SMS."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from app import i18n
from app.i18n import _, ngettext, number
from app.text import plain
from app.words import word

Row = Mapping[Hashable, Any]
SMS_LETTERS = 160
M_PER_KM = 1000
EXACT_ENOUGH = ("exact", "locality")


def ground(found: pd.DataFrame) -> str:
    """Say whose ground a point is, from what `cached.near` found."""
    here = found[found["distance_m"] == 0]["layer"].value_counts()
    concessions, communities, areas = (
        int(here.get(name, 0)) for name in ("concessions", "communities", "protected_areas")
    )
    titles = ngettext("Here lies {n} concession.", "Here lie {n} concessions.", concessions).format(n=concessions)
    land = ngettext("This is the land of {n} community.", "This is the land of {n} communities.", communities)
    park = ngettext("It is in {n} protected area.", "It is in {n} protected areas.", areas).format(n=areas)
    told = [
        titles if concessions else _("No concession on record here."),
        land.format(n=communities) if communities else _("No community land on record here."),
        park if areas else _("No protected area on record here."),
    ]
    return " ".join(told)


def concession(row: Row) -> str:
    """Tell a concession: who holds it, for what, in what state, since when."""
    told = {
        "name": _name(row),
        "holder": plain(str(row["holder"])) if _known(row["holder"]) else _("nobody named"),
        "kind": word(row["kind"]),
        "substance": plain(str(row["substance"])) if _known(row["substance"]) else _("not stated"),
        "status": word(row["status"]),
        "ha": number(row["area_ha"]) if _known(row["area_ha"]) else "?",
    }
    text = _("**{name}** ({kind}; {substance}), held by {holder}: {status}, {ha} ha.").format(**told)
    since = row["granted_on"] if _known(row["granted_on"]) else row["applied_on"]
    if not _known(since):
        return text
    dated = _("Granted on {date}.") if _known(row["granted_on"]) else _("Applied for on {date}.")
    return f"{text} {dated.format(date=_date(since))}"


def community(row: Row) -> str:
    """Tell a community: its people and kind."""
    people = plain(str(row["people"])) if _known(row["people"]) else _("people not stated")
    return _("**{name}** ({people}; {kind})").format(name=_name(row), people=people, kind=word(row["type"]))


def protected_area(row: Row) -> str:
    """Tell a protected area: its designation and zone."""
    what = plain(str(row["designation"])) if _known(row["designation"]) else word("protected_areas")
    return _("**{name}** ({what})").format(name=_name(row), what=what)


def incident(row: Row) -> str:
    """Tell an attack: when and how far away, as exactly as it is known."""
    told = {
        "title": plain(str(row["title"])),
        "date": _date(row["occurred_on"]) if _known(row["occurred_on"]) else _("date not known"),
        "km": number(row["distance_m"] / M_PER_KM, decimals=1),
        "area": word(row["location_precision"]),
    }
    if row["location_precision"] not in EXACT_ENOUGH:
        near = _("**{title}**, {date}: known only by its {area}, which begins {km} km away")
        return (_("**{title}**, {date}: somewhere in this {area}") if row["distance_m"] == 0 else near).format(**told)
    return _("**{title}**, {date}, {km} km away ({area})").format(**told)


def sms(found: pd.DataFrame, lat: float, lon: float) -> str:
    """Write what is here in at most 160 letters: the place, the holders, the communities, the attacks near it."""
    here = found[found["distance_m"] == 0]
    titles, lands = here[here["layer"] == "concessions"], here[here["layer"] == "communities"]
    attacks = int((found["layer"] == "incidents").sum())
    parts = [
        f"{lat:.4f},{lon:.4f}",
        _("{n} concessions").format(n=len(titles)),
        _("{n} communities").format(n=len(lands)),
        _("{n} attacks near").format(n=attacks),
        *dict.fromkeys(str(holder) for holder in titles["holder"] if _known(holder)),
        *(str(name) for name in lands["name"] if _known(name)),
    ]
    text = ""
    for part in parts:
        longer = f"{text}; {part}" if text else part
        if len(longer) > SMS_LETTERS:
            break
        text = longer
    return text


def _name(row: Row) -> str:
    return plain(str(row["name"])) if _known(row["name"]) else _("without a name")


def _known(value: Any) -> bool:
    return bool(pd.notna(value)) and value != ""


def _date(value: Any) -> str:
    return i18n.date(pd.Timestamp(value).date())
