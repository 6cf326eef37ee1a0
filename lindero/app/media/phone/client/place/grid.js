/** Positions on the grids of maps and receivers: UTM as it is written in Latin America, and MGRS; as `geo.positions.grid_reference`. */

import { onEarth, PositionError } from "./reading.js";
import { toDegrees } from "./transverse_mercator.js";

const BANDS = "CDEFGHJKLMNPQRSTUVWX"; // of 8° of latitude from 80°S
const NEAR_DEGREES = 0.5; // by which a place near the edge of a band may be taken for one in the next
const EASTINGS = [100000, 900000];
const NORTHINGS = { south: [1000000, 10000000], north: [0, 9400000] };
const HUNDRED_KM = 100000;
const CYCLE = 2000000; // metres after which the letters of MGRS begin again

/** @type {[RegExp, string][]} */
const WORDS = [
  [/\b(?:SUR|SOUTH|SUL)\b/g, "S"],
  [/\b(?:NORTE|NORTH|NORTHING)\b/g, "N"],
  [/\b(?:ESTE|EAST|LESTE|EASTING)\b/g, "E"],
  [/\b(?:UTM|ZONA|ZONE|HUSO|FUSO|COORDENADAS?|COORDINATES?|EPSG|MGRS|GPS|UBICACION|DATUM)\b/g, " "],
];
const METRE_WORDS = /(?<=\d)\s*(?:METROS|MTS|M)\b\.?/g;
const PSAD = /\bPSAD[ -]?(?:19)?56\b/g;
const EPSG = /\b32([67])(\d\d)\b|\b248(7[789])\b/g;
const GROUPED = /(?<![\d.,-])(?:([1-9]\d\d)([.,' ])(\d{3})|(\d{1,2})([.,' ])(\d{3})\5(\d{3}))(?![\d.,'])/g;
const METRES = /(?<![\d.,-])\d{4,8}(?:[.,]\d+)?(?!\d|[.,]\d)/g;
const ZONE = /(?<![\d.,-])(\d{1,2})\s*°?\s*([A-Z])?(?![A-Z\d]|[.,]\d|[°'"])/;
const MGRS = /^(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d{1,5})\s*(\d{0,5})$/;
const LABELS = /[ENXYSM]/g;

/**
 * Read a position on a grid, in all ways that it allows; none if the text (of `notation.plain`) is none.
 * @param {string} written
 * @param {number[]} zones to try where none is stated
 * @returns {import("./reading.js").Reading[]}
 */
export function gridReadings(written, zones) {
  const square = MGRS.exec(written.replace(/^MGRS/, "").trim());
  if (square) return [ofSquare(square, written)];
  let text = WORDS.reduce((said, [pattern, word]) => said.replace(pattern, word), written);
  const named = text;
  text = text.replace(PSAD, " ");
  const old = text !== named;
  text = text.replace(EPSG, (_, side, zone, older) =>
    older ? ` ${Number(older) - 60}S PSAD56 ` : ` ${Number(zone)}${side === "7" ? "S" : "N"} `,
  );
  if ((text.match(METRES) || []).length < 2) {
    text = text.replace(GROUPED, (...part) => [1, 3, 4, 6, 7].map((at) => part[at] || "").join(""));
  }
  if ((text.match(METRES) || []).length !== 2) return [];
  return utm(text.replace(METRE_WORDS, " "), named, zones, old);
}

function utm(text, written, zones, old) {
  const stated = ZONE.exec(text);
  if (stated && !(Number(stated[1]) >= 1 && Number(stated[1]) <= 60)) {
    throw new PositionError("no_zone", { text: written, zone: stated[1] });
  }
  let rest = stated ? text.slice(0, stated.index) + text.slice(stated.index + stated[0].length) : text;
  let letter = (stated && stated[2]) || "";
  if (letter === "E") [rest, letter] = [`E ${rest.trim()}`, ""]; // UTM 17 E 803000 N 9235000: the easting's
  const [first, second] = (rest.match(METRES) || []).map((one) => Number(one.replace(",", ".")));
  const bare = rest.replace(METRES, "#");
  const labels = bare.match(LABELS) || [];
  if (bare.replace(LABELS, "").replace(/[\s,;:=/()[\]#.|-]/g, "")) return [];
  if (!stated && !zones.length) throw new PositionError("zone_missing", { text: written });
  const half = letter || (labels.includes("S") ? "S" : "");
  const doubts = stated ? [] : ["zone"];
  const found = orders(first, second, labels).flatMap((order) =>
    (stated ? [Number(stated[1])] : zones).flatMap((zone) => inZone(zone, half, order, doubts, old)),
  );
  if (!found.length) throw new PositionError("in_no_zone", { text: written });
  return onEarth(found.sort((one, other) => one.doubts.length - other.doubts.length), written);
}

/**
 * Give easting and northing as labelled, else as written and, where that can be, the other way round.
 * @returns {{pair: [number, number], doubts: string[]}[]}
 */
function orders(first, second, labels) {
  const named = labels.filter((label) => "ENXY".includes(label));
  if (named.length) {
    return [{ pair: "NY".includes(named[0]) ? [second, first] : [first, second], doubts: [] }];
  }
  /** @type {{pair: [number, number], doubts: string[]}[]} */
  const either = [
    { pair: [first, second], doubts: [] },
    { pair: [second, first], doubts: ["order"] },
  ];
  return either.filter(({ pair }) => pair[0] >= EASTINGS[0] && pair[0] <= EASTINGS[1]);
}

/** Read an easting and northing in a zone: in the half that its letter names, else in both. */
function inZone(zone, letter, { pair: [east, north], doubts: more }, doubts, old) {
  const found = [];
  for (const [south, doubt] of halves(letter)) {
    const [low, high] = south ? NORTHINGS.south : NORTHINGS.north;
    if (!(east >= EASTINGS[0] && east <= EASTINGS[1] && north >= low && north <= high)) continue;
    const [latitude, longitude] = toDegrees(zone, east, north, { south, old });
    const outside = isOutside(letter, latitude, south);
    if (doubt === "band" && outside) continue; // as a band the letter would contradict the northing
    const told = [...doubts, ...more, ...(doubt ? [doubt] : []), ...(outside ? ["band"] : [])];
    found.push({ latitude, longitude, doubts: [...new Set(told)], zone: `${zone}${south ? "S" : "N"}` });
  }
  return found;
}

/**
 * Give the halves of the Earth that the letter of a zone may mean, and what is doubtful about each: S is a band of the
 * north, and what everybody in Latin America writes for the south; N is north either way.
 * @returns {[boolean, string][]}
 */
function halves(letter) {
  if (!letter) return [[true, "hemisphere"], [false, "hemisphere"]];
  if (letter === "S") return [[true, ""], [false, "band"]];
  return [[letter < "N", ""]];
}

function isOutside(letter, latitude, south) {
  if (!letter || !BANDS.includes(letter) || letter === "N" || (letter === "S" && south)) return false;
  const low = -80 + 8 * BANDS.indexOf(letter);
  const high = letter === "X" ? 84 : low + 8;
  return !(latitude >= low - NEAR_DEGREES && latitude <= high + NEAR_DEGREES);
}

/**
 * Read a position of the Military Grid Reference System, to the middle of the square that it names (National
 * Geospatial-Intelligence Agency 2014, NGA.SIG.0012).
 */
function ofSquare(match, written) {
  const [zone, band, digits] = [Number(match[1]), match[2], match[5] + match[6]];
  const columns = ["STUVWXYZ", "ABCDEFGH", "JKLMNPQR"][zone % 3];
  if (!(zone >= 1 && zone <= 60) || !columns.includes(match[3]) || digits.length % 2) {
    throw new PositionError("no_square", { text: written });
  }
  const half = digits.length / 2;
  const step = 10 ** (5 - half);
  const east = (columns.indexOf(match[3]) + 1) * HUNDRED_KM + Number(digits.slice(0, half)) * step + step / 2;
  const row = ("ABCDEFGHJKLMNPQRSTUV".indexOf(match[4]) - (zone % 2 ? 0 : 5) + 20) % 20;
  const north = row * HUNDRED_KM + Number(digits.slice(half)) * step + step / 2;
  const south = band < "N";
  for (let cycle = 0; cycle < 5; cycle += 1) {
    const at = north + cycle * CYCLE;
    if (at > (south ? NORTHINGS.south : NORTHINGS.north)[1]) break;
    const [latitude, longitude] = toDegrees(zone, east, at, { south, old: false });
    const low = -80 + 8 * BANDS.indexOf(band);
    if (latitude >= low - 1 && latitude <= low + 9 + (band === "X" ? 4 : 0)) {
      return { latitude, longitude, doubts: [], zone: `${zone}${south ? "S" : "N"}` };
    }
  }
  throw new PositionError("no_square", { text: written });
}
