/** Vector tiles (Mapbox's specification 2.1), read as features in degrees. */

import { PbfReader } from "../vendor/pbf/index.mjs";
import { VectorTile } from "../vendor/vector-tile/index.mjs";
import { boxOf } from "./outlines.js";
import { latitude, longitude } from "./tile_numbers.js";

const POINTS = 1;
const LINES = 2;

/**
 * @typedef {{layer: string, told: Record<string, any>, shape: import("./outlines.js").Outline}} TileFeature
 */

/**
 * Read the features of a tile; of a damaged tile, those before the damage.
 * @param {Uint8Array} bytes
 * @param {{z: number, x: number, y: number}} tile
 */
export function tileFeatures(bytes, tile) {
  /** @type {TileFeature[]} */
  const found = [];
  try {
    for (const layer of Object.values(new VectorTile(new PbfReader(bytes)).layers)) {
      for (let at = 0; at < layer.length; at += 1) {
        const feature = layer.feature(at);
        found.push({ layer: layer.name, told: feature.properties, shape: shapeOf(feature, tile) });
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return found;
}

/**
 * @param {import("../vendor/vector-tile/index.mjs").Feature} feature
 * @param {{z: number, x: number, y: number}} tile
 * @returns {import("./outlines.js").Outline}
 */
function shapeOf(feature, { z, x, y }) {
  const { extent, type } = feature;
  const whole = extent * 2 ** z;
  const place = (/** @type {{x: number, y: number}} */ corner) => [longitude((x * extent + corner.x) / whole), latitude((y * extent + corner.y) / whole)];
  const paths = feature.loadGeometry().map((path) => path.map(place));
  const flat = paths.map((path) => path.flat());
  return { areas: type > LINES ? [flat] : [], lines: type === LINES ? flat : [], points: type === POINTS ? paths.flat() : [], box: boxOf(flat) };
}
