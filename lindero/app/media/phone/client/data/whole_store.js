/** Where the page gets rows from, in a pack: all are there. What a site reads part by part (`site_store.js`) goes by the same names. */

import { topicsIn } from "../place/topics.js";

/**
 * @typedef {object} Listing rows of a layer in the order of its list, as far as they are read
 * @property {any[]} rows
 * @property {number} all how many there are
 * @property {() => boolean} isWhole
 * @property {() => Promise<void>} more reads the next ones
 * @property {(column: string) => string[]} values that a column holds
 */

export class WholeStore {
  /** @param {import("./decode.js").Pack} pack */
  constructor(pack) {
    this.pack = pack;
    this.places = [...rowsByName(pack), ...pack.places];
  }

  /** Read all that lies within a distance of a place. */
  async around() {}

  /** Read the largest concessions on an area. */
  async area() {}

  /** Say what the map draws: rows, or tiles. */
  sight() {
    return { tiles: null };
  }

  /** Give what a text may name. */
  async names() {
    return this.places;
  }

  /** Find the holders and cases that a text may mean. */
  async topics(/** @type {string} */ text) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const { holder } of this.pack.layers.concessions || []) if (holder) counts.set(holder, (counts.get(holder) || 0) + 1);
    return topicsIn(text, { holders: [...counts], incidents: this.pack.layers.incidents || [], forms: this.pack.forms });
  }

  /** Give a holder's titles, and whose land they lie on. */
  async holder(/** @type {string} */ name) {
    const titles = (this.pack.layers.concessions || []).filter((row) => row.holder === name);
    const ids = new Set(titles.map((row) => row.id));
    const touched = new Set(this.pack.overlaps.filter((pair) => ids.has(pair.left_id)).map((pair) => pair.right_id));
    return { titles, lands: (this.pack.layers.communities || []).filter((row) => touched.has(row.id)) };
  }

  /** Give a row. */
  async row(/** @type {string} */ layer, /** @type {string} */ id) {
    return (this.pack.layers[layer] || []).find((row) => row.id === id);
  }

  /** Tell whether a class of features is on the map. */
  has(/** @type {{code: string, layer: string, by: string}} */ style) {
    const rows = this.pack.layers[style.layer] || [];
    const isNamed = (/** @type {any} */ row) => this.pack.styles.some((one) => one.by && one.code === row[style.by]);
    return rows.some((row) => !style.by || row[style.by] === style.code || (style.code === "other" && !isNamed(row)));
  }

  /** @returns {Listing} */
  list(/** @type {string} */ layer) {
    const rows = this.pack.layers[layer] || [];
    const values = (/** @type {string} */ column) => [...new Set(rows.map((row) => row[column]).filter(Boolean))].sort();
    return { rows, all: rows.length, isWhole: () => true, more: async () => {}, values };
  }
}

/** Give what the map holds by name, for the search. */
function rowsByName(pack) {
  const kind = { communities: (row) => row.type || "communities", protected_areas: () => "protected_area", concessions: () => "concession" };
  return Object.entries(kind).flatMap(([layer, kindOf]) =>
    (pack.layers[layer] || []).filter((row) => row.name).map((row) => ({ name: row.name, kind: kindOf(row), around: "", layer, code: row.code || "", id: row.id, at: row.at, box: row.shape.box })),
  );
}
