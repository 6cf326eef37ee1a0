/**
 * The overlaps that a dossier states, beside those that its boundaries give when they are measured anew.
 *
 * @typedef {object} Figures what of `figures.json` is looked at
 * @property {{of: string, figure: string, value: number | null}[]} figures
 * @property {{left_layer: string, left_id: string, right_layer: string, right_id: string, area_ha: number}[]} pairs
 *
 * @typedef {object} Compared
 * @property {number} agree how many areas do
 * @property {{what: string, stated: number | null, measured: number | null}[]} differ hectares; null: it is not there
 */

import { ringsOf } from "./plane.js";
import { sharedGround } from "./shared_ground.js";

/** The two layers of each kind of overlap, in the order in which Lindero lays them over each other. */
const LAID = [["concessions", "concessions", "communities"], ["protected_areas", "communities", "protected_areas"]];
const LAND = "communities";
const M2_PER_HA = 10000;
const LEAST_HA = 0.01; // less is no overlap, but how boundaries were drawn
export const ROUNDING_HA = 0.001;
const RELATIVE = 1e-6;

/**
 * Measure the overlaps of the land with what lies on it.
 * @param {Figures} told
 * @param {{features: {properties: {layer: string, id: string}, geometry: any}[]}} boundaries GeoJSON
 * @returns {Compared}
 */
export function compared(told, boundaries) {
  const [stated, measured] = [statedBy(told), measuredFrom(boundaries)];
  const differ = [...new Set([...stated.keys(), ...measured.keys()])]
    .map((what) => ({ what, stated: stated.get(what) ?? null, measured: measured.get(what) ?? null }))
    .filter((one) => !isSame(one.stated, one.measured));
  return { agree: stated.size - differ.filter((one) => one.stated !== null).length, differ };
}

function statedBy(/** @type {Figures} */ told) {
  const sums = told.figures
    .filter(({ of, figure, value }) => LAID.some(([name]) => name === of) && (figure === "gross_ha" || figure === "footprint_ha") && value)
    .map(({ of, figure, value }) => /** @type {[string, number]} */ ([`${of} ${figure}`, Number(value)]));
  const pairs = told.pairs.map((pair) => /** @type {[string, number]} */ ([called(pair), Number(pair.area_ha)]));
  return new Map([...pairs, ...sums]);
}

function measuredFrom(boundaries) {
  const found = new Map();
  const [land] = boundaries.features.filter(({ properties }) => properties.layer === LAND);
  const meridian = (land.geometry?.coordinates ?? []).flat(Infinity)[0] ?? 0;
  const ground = ringsOf(land.geometry, meridian);
  for (const [name, left, right] of LAID) {
    const others = boundaries.features
      .filter(({ properties }) => properties.layer === name)
      .map(({ properties, geometry }) => ({ id: properties.id, shape: ringsOf(geometry, meridian) }));
    const areas = others.map(({ id, shape }) => ({ id, shape, ha: sharedGround(ground, [shape]) / M2_PER_HA }));
    const shared = areas.filter(({ ha }) => ha >= LEAST_HA);
    for (const { id, ha } of shared) {
      const [left_id, right_id] = left === LAND ? [land.properties.id, id] : [id, land.properties.id];
      found.set(called({ left_layer: left, left_id, right_layer: right, right_id }), ha);
    }
    if (!shared.length) continue;
    found.set(`${name} gross_ha`, shared.reduce((sum, { ha }) => sum + ha, 0));
    found.set(`${name} footprint_ha`, sharedGround(ground, shared.map(({ shape }) => shape)) / M2_PER_HA);
  }
  return found;
}

function called({ left_layer, left_id, right_layer, right_id }) {
  return [left_layer, left_id, right_layer, right_id].join(" ");
}

function isSame(/** @type {number | null} */ stated, /** @type {number | null} */ measured) {
  if (stated === null || measured === null) return false;
  return Math.abs(stated - measured) <= Math.max(ROUNDING_HA, RELATIVE * Math.max(stated, measured));
}
