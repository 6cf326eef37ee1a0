/**
 * The place that somebody means: a name of this map or of its surroundings, or a position that lies on it.
 *
 * As `app.answers.place`: what fits exactly comes before what is alike; what is alike, or one of several, is asked and
 * never taken; a position is taken where it lies on this map as it is written, else asked.
 */

import { inverse } from "../answer/geodesy.js";
import { placeInLink } from "./map_link.js";
import { EXACT, fit, key } from "./names.js";
import { plain, readings } from "./notation.js";
import { completed, findCode, isShort } from "./plus_code.js";
import { PositionError } from "./reading.js";

const MOST = 8; // choices that are shown at once
const SAME_KM = 5; // two towns of one name that are closer are one, told by two registers
const MARGIN_DEGREES = 0.05; // round the map, within which a position is taken for one on it
const HARMLESS = new Set(["zone", "hemisphere", "order", "tile"]);

/**
 * @typedef {object} Place
 * @property {string} name
 * @property {string} kind a code
 * @property {string} around what it lies in
 * @property {string} layer of the map, if the map holds it
 * @property {string} code of the register, for concessions
 * @property {string[]} [also] other names
 * @property {number} latitude
 * @property {number} longitude
 *
 * @typedef {object} Meant
 * @property {"found" | "asked" | "unknown"} is
 * @property {(Place | import("./reading.js").Reading)[]} choices one if found
 * @property {"alike" | "several" | "doubtful" | "elsewhere" | ""} why
 * @property {PositionError | null} reason
 */

/**
 * Find the place that a text means.
 * @param {string} text
 * @param {{places: Place[], frame: [number, number, number, number]}} pack
 * @returns {Meant}
 */
export function findPlace(text, pack) {
  try {
    const wanted = placeInLink(text) || text;
    if (pack.places.some((place) => place.code && place.code === wanted.trim())) return ofName(wanted, pack.places);
    return ofCode(wanted, pack) || ofPosition(wanted, pack.frame) || ofName(wanted, pack.places);
  } catch (error) {
    if (error instanceof PositionError) return { is: "unknown", choices: [], why: "", reason: error };
    throw error;
  }
}

/** @returns {Meant | null} */
function ofPosition(text, frame) {
  const zones = zonesOf(frame);
  const found = readings(text, { zones });
  return found.length ? judged(found, frame) : null;
}

/**
 * Read a short plus code by the place that is written beside it, or by the middle of this map.
 * @returns {Meant | null}
 */
function ofCode(text, { places, frame }) {
  const code = findCode(plain(text));
  if (!code || !isShort(code.code)) return null;
  const middle = { latitude: (frame[1] + frame[3]) / 2, longitude: (frame[0] + frame[2]) / 2 };
  const near = code.beside ? ofName(code.beside, places).choices : [middle];
  const found = near.map((place) => completed(code.code, [place.latitude, place.longitude]));
  return found.length ? judged(found, frame) : { is: "unknown", choices: [], why: "", reason: null };
}

/**
 * Take the reading that is certain, else ask with all that are possible.
 * @returns {Meant}
 */
function judged(found, frame) {
  const home = found.filter((one) => isOn(frame, one));
  const isSure = home.length && (!home[0].doubts.length || (home.length === 1 && home[0].doubts.every((doubt) => HARMLESS.has(doubt))));
  if (isSure) return { is: "found", choices: [home[0]], why: "", reason: null };
  const asWritten = found.filter((one) => !one.doubts.length);
  const others = asWritten.length ? asWritten : home.length ? [] : found;
  const choices = [...new Set([...home, ...others])].slice(0, MOST);
  return { is: "asked", choices, why: home.length ? "doubtful" : "elsewhere", reason: null };
}

/** Tell whether a place lies on this map, or close to its edge. */
export function isOn([west, south, east, north], { latitude, longitude }) {
  const isWide = longitude >= west - MARGIN_DEGREES && longitude <= east + MARGIN_DEGREES;
  return isWide && latitude >= south - MARGIN_DEGREES && latitude <= north + MARGIN_DEGREES;
}

/** Give the UTM zones of a box, from west to east. */
function zonesOf([west, , east]) {
  const zone = (lon) => Math.floor((lon + 180) / 6) + 1;
  return Array.from({ length: zone(east) - zone(west) + 1 }, (_, at) => zone(west) + at);
}

/** @returns {Meant} */
function ofName(text, places) {
  const [name, ...within] = text.split(/[,;/()]|\s-\s/).map(key).filter(Boolean);
  const whole = key(text);
  const wanted = name || whole;
  const asWritten = places.filter((place) => namesOf(place).some((one) => key(one) === whole));
  const scored = (asWritten.length ? asWritten : places)
    .filter((place) => asWritten.length || within.every((part) => key(place.around).includes(part)))
    .map((place) => ({ place, score: Math.max(...namesOf(place).map((one) => fit(asWritten.length ? whole : wanted, key(one))), place.code && key(place.code) === wanted ? EXACT : 0) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || isTitle(one.place) - isTitle(other.place));
  const exact = apart(scored.filter(({ score }) => score === EXACT).map(({ place }) => place));
  const spots = exact.filter((place) => place.layer !== "concessions");
  const named = spots.length ? spots : exact;
  if (named.length === 1) return { is: "found", choices: named, why: "", reason: null };
  if (named.length) return { is: "asked", choices: named.slice(0, MOST), why: "several", reason: null };
  const alike = apart(scored.map(({ place }) => place)).slice(0, MOST);
  return alike.length
    ? { is: "asked", choices: alike, why: "alike", reason: null }
    : { is: "unknown", choices: [], why: "", reason: null };
}

/** Give the names of a place: some projects have several. */
function namesOf(/** @type {Place} */ place) {
  return [place.name, ...(place.also || [])];
}

/** Give 1 for a concession, which comes after land and towns that fit as well: its name is often theirs. */
function isTitle(/** @type {Place} */ place) {
  return place.layer === "concessions" ? 1 : 0;
}

/** Leave out what another register tells of the same place. */
function apart(places) {
  const kept = [];
  for (const place of places) {
    if (!kept.some((other) => isSame(place, other))) kept.push(place);
  }
  return kept;
}

function isSame(place, other) {
  if (place.kind !== other.kind || key(place.name) !== key(other.name) || (place.layer && place.layer === other.layer)) return false;
  const { metres } = inverse([place.longitude, place.latitude], [other.longitude, other.latitude]);
  return metres <= SAME_KM * 1000;
}
