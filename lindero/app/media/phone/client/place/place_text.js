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
  if (topics.length && !choices.length) return filled(_("No place called {text} was found, but this map has …"), { text });
  if (topics.length && why === "several") return filled(_("{text} may mean several things. Which one?"), { text });
  const texts = {
    alike: _("No place called {text} was found. Did you mean …?"),
    several: _("There are several places called {text}. Which one?"),
    doubtful: _("{text} may mean more than one place. Which one?"),
    elsewhere: _("{text} is not on this pocket map. Did you mean this place?"),
  };
  return filled(texts[why], { text });
}

/** Say that nothing was found, and what to do. */
export function unknown(reason, text) {
  if (!reason) {
    return filled(_("No place called {text} was found. Write its position, or the name of a place near it."), { text });
  }
  const texts = {
    no_zone: _("{text}: UTM zone {zone} does not exist; zones are 1 to 60"),
    zone_missing: _("{text} has no UTM zone: write the zone first, for example 18S"),
    in_no_zone: _("{text} is not in any UTM zone: check the numbers"),
    no_square: _("{text} is not a square of the military grid (MGRS)"),
    short_link: _("{link} is a short link: open it, and copy the numbers or the name here"),
    empty_link: _("{link} does not contain a place; write the coordinates or the name"),
    no_position: _("{text} is not a position; write it like -12.05, -77.04"),
    two_latitudes: _("{text} has two latitudes or two longitudes"),
    beyond_59: _("{text} has minutes or seconds above 59"),
    short_code: _("{text} is a short plus code; write the town after it"),
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
    axes: _("with longitude and latitude swapped"),
    latitude_sign: _("as a southern latitude"),
    longitude_sign: _("as a western longitude"),
    zone: _("in UTM zone {zone} (the zone was not stated)"),
    hemisphere: _("in UTM zone {zone} (north or south was not stated)"),
    band: _("in UTM zone {zone} (its letter does not fit the place)"),
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
