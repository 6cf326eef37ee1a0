/** What lies near a place, by geodesic distance to its edge; as `geo.near`. */

import { boxAround, holds, meet } from "../data/outlines.js";
import { above, geocentric, inverse } from "./geodesy.js";

const SLACK_M = 1; // by which chords may lie farther away than the edges
const EXACT_M = 0.01;
const DIRECTIONS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"];

/** @type {WeakMap<object, Float64Array[]>} */
const chords = new WeakMap();

/**
 * List the features within a distance of a place, nearest first; equally near ones in the order of layers and ids.
 * @param {import("../data/decode.js").Feature[]} features
 * @param {number} lat
 * @param {number} lon
 * @param {number} km
 * @returns {(import("../data/decode.js").Feature & {distance_m: number, bearing: number | null, direction: string})[]}
 */
export function near(features, lat, lon, km) {
  const [within, from, box] = [km * 1000, geocentric(lon, lat), boxAround(lat, lon, km * 1000)];
  const found = [];
  for (const feature of features) {
    if (!feature.shape || !meet(feature.shape.box, box)) continue;
    const { metres, bearing } = distanceTo(feature.shape, lat, lon, from, within);
    if (metres <= within) found.push({ ...feature, distance_m: metres, bearing, direction: directionOf(bearing) });
  }
  return found.sort((one, other) => one.distance_m - other.distance_m);
}

/**
 * List the features within a distance of an area, nearest first: to some metres, as its vertices stand for its boundary.
 * @param {import("../data/decode.js").Feature[]} features
 * @param {import("../data/outlines.js").Outline} area
 * @param {number} km
 */
export function nearArea(features, area, km) {
  /** @type {Map<any, ReturnType<typeof near>[number]>} by outline: changes have no id */
  const nearest = new Map();
  for (const [lon, lat] of verticesOf(area)) {
    for (const row of near(features, lat, lon, km)) {
      const before = nearest.get(row.shape);
      if (!before || row.distance_m < before.distance_m) nearest.set(row.shape, row);
    }
  }
  for (const row of features) {
    const isInside = row.shape && verticesOf(row.shape).some(([lon, lat]) => holds(area, lon, lat));
    if (isInside) nearest.set(row.shape, { ...row, distance_m: 0, bearing: null, direction: "here" });
  }
  return [...nearest.values()].sort((one, other) => one.distance_m - other.distance_m);
}

/**
 * Give the vertices of an outline.
 * @param {import("../data/outlines.js").Outline} shape
 * @returns {[number, number][]}
 */
export function verticesOf(shape) {
  const paths = [...shape.areas.flat(), ...shape.lines, ...shape.points];
  return paths.flatMap((path) => Array.from({ length: path.length / 2 }, (_, at) => /** @type {[number, number]} */ ([path[2 * at], path[2 * at + 1]])));
}

function distanceTo(shape, lat, lon, from, within) {
  const here = { metres: 0, bearing: null };
  if (holds(shape, lon, lat)) return here;
  const foot = nearestFoot(pathsOf(shape), from, within + SLACK_M);
  if (!foot) return { metres: Infinity, bearing: null };
  const { metres, bearing } = inverse([lon, lat], above(foot[0] + from[0], foot[1] + from[1], foot[2] + from[2]));
  return metres < EXACT_M ? here : { metres, bearing };
}

/** Give the edges of an outline as chords through the Earth, short enough to be as good as the edges. */
function pathsOf(shape) {
  let paths = chords.get(shape);
  if (!paths) {
    paths = [...shape.areas.flat(), ...shape.lines, ...shape.points].map(inSpace);
    chords.set(shape, paths);
  }
  return paths;
}

function inSpace(path) {
  const places = [];
  for (let at = 0; at < path.length; at += 2) {
    places.push(...geocentric(path[at], path[at + 1]));
  }
  if (path.length === 2) places.push(...places); // a point is an edge without length
  return Float64Array.from(places);
}

/** Give the place on the chords that is nearest to a point in space, relative to it; null if none is within reach. */
function nearestFoot(paths, [px, py, pz], within) {
  let best = within * within;
  let foot = null;
  for (const path of paths) {
    for (let at = 0; at + 5 < path.length; at += 3) {
      const [ax, ay, az] = [path[at] - px, path[at + 1] - py, path[at + 2] - pz];
      const [dx, dy, dz] = [path[at + 3] - px - ax, path[at + 4] - py - ay, path[at + 5] - pz - az];
      const length2 = dx * dx + dy * dy + dz * dz;
      const along = length2 > 0 ? Math.min(Math.max(-(ax * dx + ay * dy + az * dz) / length2, 0), 1) : 0;
      const [x, y, z] = [ax + along * dx, ay + along * dy, az + along * dz];
      const away2 = x * x + y * y + z * z;
      if (away2 <= best) {
        best = away2;
        foot = [x, y, z];
      }
    }
  }
  return foot;
}

function directionOf(bearing) {
  return bearing === null ? "here" : DIRECTIONS[Math.round(bearing / 45) % 8];
}
