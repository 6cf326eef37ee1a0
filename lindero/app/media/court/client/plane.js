/**
 * The equal-area plane on which a dossier's overlaps were measured (`geo/geometry/projection.py`): the cylindrical
 * equal-area projection of WGS 84 with true scale at 30°, and corners along edges that a straight line would misplace.
 */

import { A, E2, RAD, direct, inverse } from "../../phone/client/answer/geodesy.js";

const E = Math.sqrt(E2);
const TRUE_SCALE = Math.cos(Math.PI / 6) / Math.sqrt(1 - E2 * Math.sin(Math.PI / 6) ** 2);
const MOST_STRAY_M = 0.02;
const MOST_PIECE_M = 50000;
const TURN = 360;

/**
 * Lay the rings of a polygon or multipolygon of GeoJSON on the plane, in metres.
 * @param {any} geometry
 * @param {number} meridian rings begin within half a turn of it
 * @returns {[number, number][][]} none of what is no ground
 */
export function ringsOf(geometry, meridian) {
  if (geometry?.type !== "Polygon" && geometry?.type !== "MultiPolygon") return [];
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return polygons.flat().map((/** @type {number[][]} */ ring) => laid(ring, meridian));
}

function laid(/** @type {number[][]} */ ring, /** @type {number} */ meridian) {
  /** @type {[number, number][]} */
  const placed = [];
  /** @type {[number, number] | null} */
  let last = null;
  for (const [lon, lat] of ring) {
    /** @type {[number, number]} */
    const corner = [unwrapped(lon, last ? last[0] : meridian), lat];
    if (last) placed.push(...between(last, corner).map(([x, y]) => project(unwrapped(x, corner[0]), y)));
    placed.push(project(...corner));
    last = corner;
  }
  return placed;
}

/** Give a longitude by whole turns so that it lies within half a turn of another. */
function unwrapped(/** @type {number} */ lon, /** @type {number} */ other) {
  return lon - TURN * Math.round((lon - other) / TURN);
}

/** @returns {[number, number]} */
function project(/** @type {number} */ lon, /** @type {number} */ lat) {
  const sine = Math.sin(lat * RAD);
  const q = (1 - E2) * (sine / (1 - E2 * sine * sine) + Math.atanh(E * sine) / E);
  return [lon * A * TRUE_SCALE * RAD, (q * A) / (2 * TRUE_SCALE)];
}

/**
 * Give the corners on the geodesic between two, as many as Lindero puts there.
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function between(from, to) {
  const pieces = piecesOf(from, to);
  if (pieces === 1) return [];
  const { metres, bearing } = inverse(from, to);
  return Array.from({ length: pieces - 1 }, (_none, at) => direct(from, bearing, (metres * (at + 1)) / pieces));
}

/** Count the pieces of an edge so that 2 cm, on the mean, lie between it and its geodesic (`_pieces` has the formula). */
function piecesOf(/** @type {[number, number]} */ from, /** @type {[number, number]} */ to) {
  const wide = Math.abs(to[0] - from[0]) * RAD;
  const east = wide * Math.cos(((from[1] + to[1]) / 2) * RAD) * A;
  const north = Math.abs(to[1] - from[1]) * RAD * A;
  const length = Math.hypot(east, north);
  const turn = Math.sin(Math.max(Math.abs(from[1]), Math.abs(to[1])) * RAD) * wide;
  const stray = (turn * (east ** 2 + 3 * north ** 2)) / (12 * Math.max(length, 1e-9));
  return Math.max(1, Math.ceil(Math.max(Math.sqrt(stray / MOST_STRAY_M), length / MOST_PIECE_M)));
}
