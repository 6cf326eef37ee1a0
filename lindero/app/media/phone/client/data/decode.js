/** What a pack holds, read from the text in which it is written. */

import { inflateSync } from "../vendor/fflate/inflate.mjs";
import { outline } from "./outlines.js";

/**
 * @typedef {import("./outlines.js").Outline} Outline
 * @typedef {Record<string, any> & {layer: string, id: string, shape: Outline | null}} Feature
 *
 * @typedef {object} Pack
 * @property {string} kind community or region
 * @property {string} id of what it is about
 * @property {string} name of what it is about
 * @property {string} made_on ISO 8601
 * @property {[number, number, number, number]} frame west, south, east, north: it says nothing of what lies beyond
 * @property {[number, number, number, number]} [opening] what a site shows at first
 * @property {any} [parts] of a site: the index of what is read part by part
 * @property {Record<string, Feature[]>} layers
 * @property {Record<string, any>[]} sources
 * @property {{layer: string, source_id: string, basis: string, extent: string, name: string, shape: Outline}[]} coverage
 * @property {{known_by: string, name: Record<string, string>, attacks: number, killings: number, conflicts: number, shape: Outline | null}[]} unplaced
 *   how many records name a region or a country alone, or neither
 * @property {string[]} kinds of incidents, which are answered one by one
 * @property {Record<string, Outline>} ground where each layer is covered, counted once
 * @property {Record<string, any>[]} changes of each register between its last two snapshots
 * @property {Record<string, any>[]} overlaps of titles and land: ids, hectares, how sure
 * @property {Record<string, any>} lands what lies on each community's land, by its id
 * @property {string[]} forms words of companies' legal forms, which a name may lack
 * @property {Record<string, any>[]} places towns and provinces, the largest first
 * @property {{code: string, layer: string, by: string, color: string, hatching: string}[]} styles
 * @property {Record<string, Outline | null>} basemap land, borders, rivers and lakes
 * @property {{title: string, attribution: string, form: string, first: number, last: number, is_cut: boolean, tiles: Record<string, [number, string]>}} [background]
 *   one of the operator's own: each tile by its number, its size in bytes, and its bytes deflated, in base64
 * @property {Record<string, any>} told sentences by language
 * @property {string[]} silent layers that the map holds, and of which no source says where it has data
 * @property {Record<string, any>} words by language
 */

/**
 * Read a pack.
 * @param {string} text base64 of the deflated JSON
 * @param {number} size of the JSON in bytes
 * @returns {Pack}
 */
export function packOf(text, size) {
  return shaped(toldIn(text, size));
}

/** Read JSON that was deflated, from base64. */
export function toldIn(text, size) {
  return JSON.parse(new TextDecoder().decode(inflated(text, size)));
}

/** Read bytes that were deflated, from base64. */
export function inflated(text, size) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) packed[at] = letters.charCodeAt(at);
  return inflate(packed, size);
}

/**
 * Inflate bytes (RFC 1951), to `size` bytes exactly.
 * @param {Uint8Array} packed
 * @param {number} size
 */
export function inflate(packed, size) {
  const bytes = inflateSync(packed, { out: new Uint8Array(size + 1) }); // fflate drops what does not fit: one byte more shows it
  if (bytes.length !== size) throw new Error("damaged");
  return bytes;
}

/** Give a pack as it is used: each outline in degrees, each row with the layer that it is of. */
export function shaped(written) {
  const { step, frame } = written;
  const drawn = (g) => (g ? outline(g, frame, step) : null);
  const layers = {};
  for (const [layer, rows] of Object.entries(written.layers)) {
    layers[layer] = rows.map(({ g, ...row }) => ({ ...row, layer, shape: drawn(g) }));
  }
  const coverage = written.coverage.map(({ g, ...row }) => ({ ...row, shape: drawn(g) }));
  const ground = Object.fromEntries(Object.entries(written.ground).map(([layer, g]) => [layer, drawn(g)]));
  const basemap = Object.fromEntries(Object.entries(written.basemap).map(([name, g]) => [name, g && outline(g, frame, written.base_step, { isDrawnOnly: true })]));
  const unplaced = written.unplaced.map(({ g, ...row }) => ({ ...row, shape: drawn(g) }));
  const changes = written.changes.map((report) => shapedChanges(report, drawn));
  return { ...written, layers, coverage, ground, unplaced, basemap, changes };
}

/** Give a register's changes with their outlines, and where both snapshots have data as coverage of their own. */
function shapedChanges(report, drawn) {
  const rows = report.rows.map(({ g, ...row }) => ({ ...row, shape: drawn(g) }));
  const shape = drawn(report.ground);
  const covered = shape ? [{ layer: report.layer, source_id: "", extent: "covered", shape }] : [];
  return { ...report, rows, ground: shape, covered };
}
