/** The place of an answer in words: its name, what tells it from others, and how a position was read; as `place_text`. */

import { inverse } from "../answer/geodesy.js";
import { _, filled, number, word } from "../text/i18n.js";

const SECTORS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];
const IN_TOWN_KM = 0.5;

/** Name a place: `Sorochuco (locality; Celendín, Cajamarca)`, or a position by the nearest town. */
export function named(place, pack) {
  if (!place.name) return whereabouts(place, pack);
  const about = [word(place.kind), place.around].filter(Boolean).join("; ");
  return filled(_("{name} ({about})"), { name: place.name, about });
}

/** Name one of several places, with the code of a concession, and the position where one was written. */
export function choice(place, pack) {
  if (place.name) return named(place.layer === "concessions" ? { ...place, around: place.code } : place, pack);
  return [`${position(place)}: ${whereabouts(place, pack)}`, ...supposed(place)].join("; ");
}

/** Say what has to be known of how a position was read. */
export function notes(place) {
  return supposed(place).map((how) => filled(_("How the position was read: {how}."), { how }));
}

/** Ask what is meant, and say why it has to be asked. */
export function question({ why, choices, topics }, text) {
  if (topics.length && !choices.length) return filled(_("No place is called {text}, but on this map there is …"), { text });
  if (topics.length && why === "several") return filled(_("{text} may mean several things. Which one?"), { text });
  const texts = {
    alike: _("No place is called {text}. Did you mean …?"),
    several: _("There are several places called {text}. Which one?"),
    doubtful: _("{text} may mean more than one place. Which one?"),
    elsewhere: _("{text} does not lie on this pocket map. Is this place meant?"),
  };
  return filled(texts[why], { text });
}

/** Say that nothing was found, and what to do. */
export function unknown(reason, text) {
  if (!reason) {
    return filled(_("No place called {text} is known here. Write its position, or the name of a place near it."), { text });
  }
  const texts = {
    no_zone: _("{text}: there is no UTM zone {zone}"),
    zone_missing: _("{text} states no UTM zone: write it before, as in 18S"),
    in_no_zone: _("{text} lies in no UTM zone"),
    no_square: _("{text} is no square of the military grid"),
    short_link: _("{link} is a short link: open it, and copy the numbers or the name here"),
    empty_link: _("{link} says nothing of a place"),
    no_position: _("{text} is not a position"),
    two_latitudes: _("{text} states two latitudes or two longitudes"),
    beyond_59: _("{text} has minutes or seconds beyond 59"),
    short_code: _("{text} is a short plus code: write the town behind it"),
    not_on_earth: _("{text} is not on Earth"),
  };
  return filled(texts[reason.code], reason.told);
}

/** Write a position so that it can be read out and typed again. */
export function position({ latitude, longitude }, decimals = 4) {
  return `${latitude.toFixed(decimals)}, ${longitude.toFixed(decimals)}`;
}

function supposed(place) {
  const texts = {
    axes: _("with longitude and latitude exchanged"),
    latitude_sign: _("with latitude in the south"),
    longitude_sign: _("with longitude in the west"),
    zone: _("in UTM zone {zone}, which was not stated"),
    hemisphere: _("in UTM zone {zone}, of which north or south was not stated"),
    band: _("in UTM zone {zone}, whose letter does not fit the place"),
    order: _("with the northing first"),
    tile: _("with the short code completed"),
  };
  const doubts = (place.doubts || []).filter((doubt) => doubt !== "hemisphere" || !place.doubts.includes("zone"));
  return doubts.map((doubt) => filled(texts[doubt], { zone: place.zone }));
}

/** Tell a position by the nearest town of this map: how far from it, and in which direction. */
function whereabouts(place, pack) {
  let best = null;
  for (const town of pack.places.filter((one) => one.kind === "locality")) {
    const found = inverse(town.at, [place.longitude, place.latitude]);
    if (!best || found.metres < best.metres) best = { ...found, town: town.name };
  }
  if (!best) return position(place);
  const km = best.metres / 1000;
  const told = { km: number(km, 1), direction: word(SECTORS[Math.round(best.bearing / 45) % 8]), town: best.town };
  return filled(km < IN_TOWN_KM ? _("in {town}") : _("{km} km to the {direction} of {town}"), told);
}
