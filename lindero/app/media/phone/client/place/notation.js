/**
 * Positions as people, receivers and messengers write them; as `geo.positions.notation`, held by the same tests.
 *
 * A text that can be read in several ways has several readings, that as written first; which is meant is for others to
 * judge, by where they lie.
 */

import { gridReadings } from "./grid.js";
import { codeReadings } from "./plus_code.js";
import { onEarth, PositionError } from "./reading.js";

const SIGNS = { "°": "º˚", "'": "′’‘´`ʹ", '"': "″“”ʺ", "-": "−–—‐‑", " ": "\u00a0\u202f\u2009" };
const ONE_SIGN = new Map(Object.entries(SIGNS).flatMap(([sign, written]) => [...written].map((each) => [each, sign])));
const WORD = new Map(
  [
    ["LAT", "LAT LATITUD LATITUDE"],
    ["LON", "LON LONG LNG LONGITUD LONGITUDE"],
    ["S", "S SUR SOUTH SUL"],
    ["N", "N NORTE NORTH"],
    ["E", "E ESTE EAST LESTE"],
    ["W", "W O OESTE WEST"], // O is oeste
    ["°", "GRADOS GRADO GRAUS DEGREES DEG D G"],
    ["'", "MINUTOS MINUTO MINUTES MIN M"],
    ['"', "SEGUNDOS SEGUNDO SECONDS SEG SEC"],
    [",", "Y AND EN AT"],
    ["", "COORDENADAS COORDENADA COORDINATES COORDS UBICACION POSICION POSITION LOCATION GPS PUNTO POINT DATUM WGS MI GEO"],
  ].flatMap(([means, words]) => words.split(" ").map((word) => [word, means])),
);
const DATUM = /\bWGS[ -]?84\b/g;
const DASHED = /(?<![\d.,-])(\d{1,3})-(\d{1,2})(?:-(\d{1,2}(?:[.,]\d+)?))?(?=\s*[NSEWO])/g;
const TOKEN = /[A-Z]+|\d+(?:[.,]\d+)?|\.\d+|[-+°'"]|[^\sA-Z0-9]/gu;
const POINTS_ONLY = /[A-Z]+|\d+(?:\.\d+)?|\.\d+|[-+°'"]|[^\sA-Z0-9]/gu;
const SEPARATORS = new Set(",;/|");
const IGNORED = new Set("()[]{}:=<>*!");
const SIDES = new Set("NSEW");
const AXIS = { N: "LAT", S: "LAT", E: "LON", W: "LON" };
const KNOWN = new Set([..."NSEW-+°'\".,;/|", "LAT", "LON"]);
const PER_DEGREE = [1, 60, 3600];

/** Write a text in capitals without accents, with one sign each for degrees, minutes, seconds, minus and blank. */
export function plain(text) {
  const signed = [...text].map((sign) => ONE_SIGN.get(sign) ?? sign).join("").replace(/''/g, '"');
  return signed.normalize("NFKD").replace(/\p{M}/gu, "").toUpperCase().split(/\s+/).filter(Boolean).join(" ");
}

/**
 * Read a position in all ways that it allows, as written first; none if the text is no position.
 * @param {string} text
 * @param {{zones?: number[], near?: [number, number]}} [known] UTM zones to try where none is stated; latitude and
 *   longitude by which a short plus code is completed
 * @returns {import("./reading.js").Reading[]}
 */
export function readings(text, { zones = [], near } = {}) {
  const written = plain(text);
  const codes = codeReadings(written, near);
  if (codes.length) return codes;
  const undated = written.replace(DATUM, " ");
  const grid = gridReadings(undated, zones);
  return grid.length ? grid : inDegrees(undated);
}

function inDegrees(written) {
  const tokens = tokensOf(written);
  if (!tokens || tokens.filter(isNumber).length < 2) return [];
  const halves = halvesOf(tokens);
  if (!halves) throw new PositionError("no_position", { text: written });
  let [first, second] = halves.map((half) => angleOf(half, written));
  if (first.axis && first.axis === second.axis) throw new PositionError("two_latitudes", { text: written });
  if (first.axis === "LON" || second.axis === "LAT") [first, second] = [second, first];
  return onEarth(variants(first, second), written);
}

/** Give the position as written, then with signs that may be missing, then with axes that may be swapped. */
function variants(latitude, longitude) {
  const orders = [{ axes: /** @type {string[]} */ ([]), north: latitude, east: longitude }];
  if (!latitude.axis && !longitude.axis) orders.push({ axes: ["axes"], north: longitude, east: latitude });
  const found = [];
  for (const { axes, north, east } of orders) {
    for (const [flipNorth, flipEast] of [[false, false], [false, true], [true, false], [true, true]]) {
      if ((flipNorth && north.isSigned) || (flipEast && east.isSigned)) continue;
      const signs = [...(flipNorth ? ["latitude_sign"] : []), ...(flipEast ? ["longitude_sign"] : [])];
      found.push({
        latitude: flipNorth ? -north.degrees : north.degrees,
        longitude: flipEast ? -east.degrees : east.degrees,
        doubts: [...axes, ...signs],
        zone: "",
      });
    }
  }
  return found;
}

/** Split a text into numbers, signs, sides and separators; null if it holds a word that belongs to no position. */
function tokensOf(written) {
  const undashed = written.replace(DASHED, (_, d, m, s) => [d, m, s].filter(Boolean).join(" "));
  let tokens = undashed.match(/\d\.\d/) ? undashed.match(POINTS_ONLY) : undashed.match(TOKEN);
  if ((tokens || []).filter(isNumber).length < 2) tokens = undashed.match(POINTS_ONLY);
  const found = [];
  for (const token of tokens || []) {
    if (/^\p{L}+$/u.test(token)) {
      if (!WORD.has(token)) return null;
      found.push(WORD.get(token));
    } else if (!IGNORED.has(token)) {
      found.push(token);
    }
  }
  const said = found.filter(Boolean);
  return said.every((token) => isNumber(token) || KNOWN.has(token)) ? said : null;
}

function isNumber(token) {
  return /[0-9]$/.test(token);
}

/** Cut tokens between latitude and longitude: by what is named, the sides, the degree signs, or in the middle. */
function halvesOf(tokens) {
  const numbers = positionsOf(tokens, isNumber);
  const cut = cutOf(tokens, numbers);
  return cut && numbers[0] < cut && cut <= numbers[numbers.length - 1] ? [tokens.slice(0, cut), tokens.slice(cut)] : null;
}

function cutOf(tokens, numbers) {
  const names = positionsOf(tokens, (token) => token === "LAT" || token === "LON");
  const sides = positionsOf(tokens, (token) => SIDES.has(token));
  const degrees = positionsOf(tokens, (token) => token === "°");
  for (const marks of [names, sides]) {
    if (marks.length === 2) return marks[0] < numbers[0] ? marks[1] : marks[0] + 1;
  }
  if (degrees.length === 2) return begin(tokens, Math.max(...numbers.filter((at) => at < degrees[1])));
  const last = numbers[numbers.length - 1];
  const between = positionsOf(tokens, (token) => SEPARATORS.has(token)).filter((at) => numbers[0] < at && at < last);
  if (between.length === 1) return between[0];
  return numbers.length % 2 === 0 ? begin(tokens, numbers[numbers.length / 2]) : null;
}

/** Give where the angle of the number at `at` begins: at its sign, if it has one before it. */
function begin(tokens, at) {
  return tokens[at - 1] === "-" || tokens[at - 1] === "+" ? at - 1 : at;
}

function positionsOf(tokens, wanted) {
  return tokens.flatMap((token, at) => (wanted(token) ? [at] : []));
}

/** Read one angle as written: `axis` is LAT or LON where that is said; `isSigned`, if its half of the Earth is. */
function angleOf(tokens, text) {
  const numbers = tokens.filter(isNumber).map((token) => Number(token.replace(",", ".")));
  const sides = tokens.filter((token) => SIDES.has(token));
  const axes = [...new Set([...tokens.filter((each) => each === "LAT" || each === "LON"), ...sides.map((side) => AXIS[side])])];
  const signs = tokens.filter((token) => token === "-" || token === "+");
  const isFormed = numbers.length >= 1 && numbers.length <= 3 && Math.max(sides.length, axes.length, signs.length) <= 1;
  if (!isFormed || numbers.slice(0, -1).some((number) => number % 1) || !isInOrder(tokens)) {
    throw new PositionError("no_position", { text });
  }
  if (numbers.slice(1).some((part) => part >= 60)) throw new PositionError("beyond_59", { text });
  const size = numbers.reduce((sum, number, at) => sum + number / PER_DEGREE[at], 0);
  const isNegative = [...sides, ...signs].some((sign) => "SW-".includes(sign));
  return { degrees: isNegative ? -size : size, axis: axes[0] || "", isSigned: Boolean(sides.length || signs.length) };
}

/** Tell whether degrees come before minutes, and these before seconds; each sign after a number. */
function isInOrder(tokens) {
  const order = ["°", "'", '"'];
  const marks = tokens.filter((token) => order.includes(token)).map((token) => order.indexOf(token));
  const first = tokens.findIndex(isNumber);
  const signsFirst = tokens.every((token, at) => (token !== "-" && token !== "+") || at < first);
  return signsFirst && marks.every((mark, at) => at === 0 || mark > marks[at - 1]);
}
