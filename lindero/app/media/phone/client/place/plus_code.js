/** Plus codes, which name a place by a grid of degrees (Open Location Code 2.0); as `geo.positions.plus_code`. */

import { PositionError } from "./reading.js";

const DIGITS = "23456789CFGHJMPQRVWX";
const CODE = new RegExp(`(?<![A-Z0-9])([${DIGITS}0]{2,8})\\+([${DIGITS}]{0,7})(?![A-Z0-9+])`);
const FULL = 8; // digits before the plus
const PAIRS = [20, 1, 0.05, 0.0025, 0.000125]; // degrees
const COLUMNS = 4;
const ROWS = 5;

/**
 * Find a plus code in a text in capitals: the code, and what else the text says.
 * @param {string} written
 * @returns {{code: string, beside: string} | null}
 */
export function findCode(written) {
  const match = CODE.exec(written);
  if (!match || match[1].length % 2 || match[2].length === 1) return null;
  const rest = written.slice(0, match.index) + written.slice(match.index + match[0].length);
  return { code: match[0], beside: rest.replace(/^[ ,;]+|[ ,;]+$/g, "") };
}

/** Tell whether a code needs a place near by. */
export function isShort(code) {
  return code.indexOf("+") < FULL;
}

/** Read a plus code with nothing beside it: the middle of its square; none if the text is none. */
export function codeReadings(written, near) {
  const found = findCode(written);
  if (!found || found.beside) return [];
  if (isShort(found.code)) {
    if (!near) throw new PositionError("short_code", { text: written });
    return [completed(found.code, near)];
  }
  const [latitude, longitude] = middle(found.code, written);
  return [{ latitude, longitude, doubts: [], zone: "" }];
}

/** Complete a short code: of all places that it names, the one nearest to a place (latitude and longitude). */
export function completed(code, near) {
  const missing = FULL - code.indexOf("+");
  const step = PAIRS[missing / 2 - 1];
  const [lat, lon] = middle(prefix(near, missing) + code, code);
  return {
    latitude: lat + step * Math.round((near[0] - lat) / step),
    longitude: lon + step * Math.round((near[1] - lon) / step),
    doubts: ["tile"],
    zone: "",
  };
}

function prefix(near, digits) {
  const [lat, lon] = [near[0] + 90, near[1] + 180];
  return PAIRS.slice(0, digits / 2)
    .map((size) => DIGITS[Math.floor(lat / size) % 20] + DIGITS[Math.floor(lon / size) % 20])
    .join("");
}

function middle(code, written) {
  const digits = code.replace("+", "").replace(/0+$/, "");
  let [lat, lon, height, width] = [-90, -180, 0, 0];
  PAIRS.slice(0, Math.floor(digits.length / 2)).forEach((size, at) => {
    lat += DIGITS.indexOf(digits[2 * at]) * size;
    lon += DIGITS.indexOf(digits[2 * at + 1]) * size;
    height = width = size;
  });
  for (const digit of digits.slice(2 * PAIRS.length)) {
    height /= ROWS;
    width /= COLUMNS;
    lat += Math.floor(DIGITS.indexOf(digit) / COLUMNS) * height;
    lon += (DIGITS.indexOf(digit) % COLUMNS) * width;
  }
  if (!(lat < 90 && lon < 180)) throw new PositionError("not_on_earth", { text: written });
  return [lat + height / 2, lon + width / 2];
}
