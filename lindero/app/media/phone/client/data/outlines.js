import { direct, inverse } from "../answer/geodesy.js";

/**
 * Outlines, from whole steps of a grid to degrees; their boxes, and whether they hold a place.
 *
 * @typedef {object} Outline
 * @property {number[][][]} areas polygons, each of rings, each flat: longitude, latitude, longitude …
 * @property {number[][]} lines each flat
 * @property {number[][]} points longitude and latitude
 * @property {[number, number, number, number]} box west, south, east, north
 */

const MOST_M = 2000; // a chord that long runs at most 8 cm below the ground
const M_PER_DEGREE = 111700;
const LEAST_M_PER_DEGREE = 110574; // of latitude, at the equator

/**
 * Give an outline in degrees. As written, every place but the first of a path is told by its steps from the one before,
 * and a ring's last corner, which is its first, is left out.
 * @param {{a?: number[][][], l?: number[][], p?: number[][]}} written
 * @param {number[]} frame
 * @param {number} step degrees
 * @param {{isDrawnOnly?: boolean}} [how] what is only drawn needs no more corners along long edges
 * @returns {Outline}
 */
export function outline(written, frame, step, { isDrawnOnly = false } = {}) {
  const path = (steps, isRing) => {
    const degrees = new Array(steps.length);
    let [x, y] = [0, 0];
    for (let at = 0; at < steps.length; at += 2) {
      x += steps[at];
      y += steps[at + 1];
      degrees[at] = frame[0] + x * step;
      degrees[at + 1] = frame[1] + y * step;
    }
    if (isRing) degrees.push(degrees[0], degrees[1]);
    return isDrawnOnly ? degrees : withCorners(degrees);
  };
  const areas = (written.a || []).map((rings) => rings.map((ring) => path(ring, true)));
  const lines = (written.l || []).map((line) => path(line, false));
  const points = (written.p || []).map((point) => path(point, false));
  return { areas, lines, points, box: boxOf([...areas.flat(), ...lines, ...points]) };
}

/** Add corners along long edges, on the geodesic that an edge is: a straight line in degrees would miss it by metres. */
function withCorners(path) {
  const dense = path.slice(0, 2);
  for (let at = 2; at < path.length; at += 2) {
    /** @type {[number, number][]} */
    const [from, to] = [[path[at - 2], path[at - 1]], [path[at], path[at + 1]]];
    const pieces = Math.ceil((Math.hypot(to[0] - from[0], to[1] - from[1]) * M_PER_DEGREE) / MOST_M);
    if (pieces > 1) {
      const { metres, bearing } = inverse(from, to);
      for (let piece = 1; piece < pieces; piece += 1) dense.push(...direct(from, bearing, (metres * piece) / pieces));
    }
    dense.push(to[0], to[1]);
  }
  return dense;
}

/** @returns {[number, number, number, number]} */
export function boxOf(paths) {
  /** @type {[number, number, number, number]} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const path of paths) {
    for (let at = 0; at < path.length; at += 2) {
      if (path[at] < box[0]) box[0] = path[at];
      if (path[at] > box[2]) box[2] = path[at];
      if (path[at + 1] < box[1]) box[1] = path[at + 1];
      if (path[at + 1] > box[3]) box[3] = path[at + 1];
    }
  }
  return box;
}

/** Return the box that holds all within a distance of a place. */
export function boxAround(/** @type {number} */ lat, /** @type {number} */ lon, /** @type {number} */ metres) {
  const high = metres / LEAST_M_PER_DEGREE;
  const wide = high / Math.cos((Math.min(Math.abs(lat) + high, 89) * Math.PI) / 180);
  return [lon - wide, lat - high, lon + wide, lat + high];
}

/** Return whether two boxes meet. */
export function meet(/** @type {number[]} */ [left, low, right, high], /** @type {number[]} */ [west, south, east, north]) {
  return left <= east && right >= west && low <= north && high >= south;
}

/**
 * Tell whether a place lies inside one of the areas of an outline.
 * @param {Outline} shape
 * @param {number} lon
 * @param {number} lat
 */
export function holds(shape, lon, lat) {
  const [west, south, east, north] = shape.box;
  if (lon < west || lon > east || lat < south || lat > north) return false;
  let inside = false;
  for (const rings of shape.areas) {
    for (const ring of rings) {
      for (let at = 0; at + 3 < ring.length; at += 2) {
        const [y, next] = [ring[at + 1], ring[at + 3]];
        if (y > lat === next > lat) continue;
        if (lon < ring[at] + ((lat - y) / (next - y)) * (ring[at + 2] - ring[at])) inside = !inside;
      }
    }
  }
  return inside;
}
