/** Where the page gets rows from, in a site: parts, each read when it is first needed, and added to the pack. */

import { LISTED } from "../answer/area_answer.js";
import { heard, key, normalised } from "../place/names.js";
import { topicsIn } from "../place/topics.js";
import { loadPart } from "./load_part.js";
import { MapTiles } from "./map_tiles.js";
import { boxAround, meet, outline } from "./outlines.js";

const AT_FIRST = 2; // leaves that the map reads before anybody moved it
const AT_ONCE = 8; // leaves that the map draws; of more it draws tiles
const MOST_BLOCKS = 8; // of names, for one text
const BEGINNING = 3; // letters by which names are alike enough to be compared
const LAST_LETTER = "\uffff";

export class SiteStore {
  /**
   * @param {any} pack
   * @param {() => void} onRead
   */
  constructor(pack, onRead) {
    this.pack = pack;
    this.onRead = onRead;
    this.index = pack.parts;
    this.tiles = new MapTiles(pack.parts, onRead);
    /** @type {Map<number, Promise<void>>} */
    this.leaves = new Map();
    /** @type {Set<number>} */
    this.read = new Set();
    /** @type {Map<string, {layer: string, id: string, part: number | null}>} */
    this.known = new Map();
    this.pairs = new Set();
    pack.known = this.known;
  }

  /** Read all that lies within a distance of a place. */
  async around(/** @type {number} */ lat, /** @type {number} */ lon, /** @type {number} */ km) {
    await Promise.all(this.leavesOf(boxAround(lat, lon, km * 1000)).map((one) => this.leaf(one)));
  }

  /** Give the numbers of the leaves that a box meets. */
  leavesOf(/** @type {number[]} */ seen) {
    const boxes = /** @type {number[][]} */ (this.index.leaves);
    return boxes.flatMap((box, at) => (meet(box, seen) ? [at] : []));
  }

  /** Read a leaf, once. */
  leaf(/** @type {number} */ number) {
    let reading = this.leaves.get(number);
    if (!reading) {
      reading = loadPart(`leaf-${number}`).then((told) => this.add(told, number));
      reading.catch(() => this.leaves.delete(number));
      this.leaves.set(number, reading);
    }
    return reading;
  }

  /** Say what the map draws: rows where they are few, else tiles; and read what is missing. */
  sight(/** @type {number[]} */ box, /** @type {number} */ zoom, /** @type {boolean} */ isFirst) {
    const wanted = this.leavesOf(box);
    if (wanted.length > (isFirst ? AT_FIRST : AT_ONCE)) return { tiles: this.tiles.of(box, zoom) };
    for (const one of wanted) if (!this.read.has(one)) this.leaf(one).then(this.onRead, () => {});
    return { tiles: null };
  }

  /** Add what a leaf holds to the pack. */
  add(/** @type {Record<string, any[]>} */ told, /** @type {number} */ number) {
    const { pack } = this;
    for (const [kind, rows] of Object.entries(told)) {
      if (kind === "places") this.addPlaces(rows);
      else if (kind === "coverage") pack.coverage.push(...rows.map((row) => this.drawn(row, true)));
      else if (kind === "unplaced") pack.unplaced.push(...rows.map((row) => this.drawn(row, true)));
      else if (kind === "ground") for (const row of rows) pack.ground[row.layer] = joined(pack.ground[row.layer], this.drawn(row, true).shape);
      else if (kind === "changed") for (const row of rows) pack.changes[row.report].rows.push(this.drawn(row));
      else if (kind === "changed_ground") for (const row of rows) this.addChangedGround(pack.changes[row.report], this.drawn(row, true).shape);
      else this.addRows(kind, rows, number);
    }
    this.read.add(number);
  }

  /** Ground was cut along straight lines in degrees: it needs no more corners on them. */
  drawn(/** @type {any} */ { g, ...row }, isCut = false) {
    return { ...row, shape: g ? outline(g, this.pack.frame, this.pack.step, { isDrawnOnly: isCut }) : null };
  }

  addRows(/** @type {string} */ layer, /** @type {any[]} */ rows, /** @type {number} */ part) {
    const { pack } = this;
    for (const { land, told, area, pairs, ...row } of rows) {
      if (land) pack.lands[row.id] = land;
      for (const [language, said] of Object.entries(area || {})) pack.told[language].areas[`${layer}:${row.id}`] = said;
      for (const [language, said] of Object.entries(told || {})) pack.told[language].communities[row.id] = said;
      for (const pair of pairs || []) this.addPair(layer, row.id, pair);
      this.known.set(row.id, { ...row, layer, part });
    }
    const own = rows.map(({ land, told, area, pairs, ...row }) => ({ ...this.drawn(row), layer }));
    const every = [...(pack.layers[layer] || []).filter((row) => !own.some((one) => one.id === row.id)), ...own];
    pack.layers[layer] = every.sort((one, other) => (one.id < other.id ? -1 : 1)); // as a pack has them
  }

  addPair(/** @type {string} */ layer, /** @type {string} */ id, /** @type {any} */ pair) {
    const isTitle = layer === "concessions";
    const [left, right] = isTitle ? [id, pair.id] : [pair.id, id];
    const { area_ha, certainty, ...other } = pair;
    if (!this.known.has(pair.id)) this.known.set(pair.id, { ...other, layer: isTitle ? "communities" : "concessions" });
    if (this.pairs.has(left + right)) return;
    this.pairs.add(left + right);
    this.pack.overlaps.push({ left_id: left, right_id: right, area_ha, certainty });
  }

  /** Add towns; the largest first. */
  addPlaces(/** @type {any[]} */ rows) {
    const known = new Set(this.pack.places.map((/** @type {any} */ one) => one.name + one.at));
    const added = rows.filter((one) => !known.has(one.name + one.at)).map((one) => ({ ...one, longitude: one.at[0], latitude: one.at[1] }));
    this.pack.places = [...this.pack.places, ...added].sort((one, other) => other.size - one.size);
  }

  addChangedGround(/** @type {any} */ report, /** @type {any} */ shape) {
    report.ground = joined(report.ground, shape);
    report.covered = [{ layer: report.layer, source_id: "", extent: "covered", shape: report.ground }];
  }

  /** Give what a text may name: what begins to sound as one of its words, and what has it as its code. */
  async names(/** @type {string} */ text) {
    const wanted = heard(text);
    const blocks = wanted.flatMap((word) => blocksOf(this.index.names, word));
    const alike = wanted.flatMap((word) => blocksOf(this.index.names, word.slice(0, BEGINNING)));
    const few = [...new Set([...blocksOf(this.index.names, key(text)), ...blocks, ...alike])].slice(0, MOST_BLOCKS);
    const read = await Promise.all(few.map((one) => loadPart(`names-${one}`)));
    const found = new Map();
    for (const [, row] of read.flat()) found.set(row.id || row.name + row.at, { around: "", layer: "", code: "", ...row });
    for (const row of found.values()) if (row.id && !this.known.has(row.id)) this.known.set(row.id, row);
    return [...found.values()];
  }

  /** Read the holders whose names lie where one that begins with a text would. */
  async holders(/** @type {string} */ text) {
    return (await Promise.all(blocksOf(this.index.holders, text).map((one) => loadPart(`holders-${one}`)))).flat();
  }

  /** Find the holders that a text may mean: those whose name begins so. */
  async topics(/** @type {string} */ text) {
    const wanted = normalised(text);
    /** @type {[string, number][]} */
    const holders = (await this.holders(wanted)).filter(([first]) => first.startsWith(wanted)).map(([, row]) => [row.name, row.titles.length]);
    return topicsIn(text, { holders, incidents: [], forms: this.pack.forms });
  }

  /** Give a holder's titles, and whose land they lie on. */
  async holder(/** @type {string} */ name) {
    const [, entry] = (await this.holders(normalised(name))).find(([, row]) => row.name === name) || [null, { titles: [] }];
    const titles = entry.titles.map((/** @type {any} */ row) => ({ ...row, layer: "concessions" }));
    const lands = new Map(titles.flatMap((/** @type {any} */ row) => row.lands).map((/** @type {any} */ row) => [row.id, { ...row, layer: "communities" }]));
    for (const row of [...titles, ...lands.values()]) if (!this.known.has(row.id)) this.known.set(row.id, row);
    return { titles, lands: [...lands.values()] };
  }

  /** Give a row, and read the leaf that holds it. */
  async row(/** @type {string} */ layer, /** @type {string} */ id) {
    const known = this.known.get(id);
    if (known && typeof known.part === "number") await this.leaf(known.part);
    return (this.pack.layers[layer] || []).find((/** @type {any} */ row) => row.id === id) || (known && { ...known, shape: null });
  }

  /** Read the largest concessions on an area, which its answer lists; its row lies near its place and was read. */
  async area(/** @type {string | undefined} */ id) {
    const pairs = this.pack.overlaps.filter((/** @type {any} */ pair) => pair.right_id === id);
    const largest = pairs.sort((/** @type {any} */ one, /** @type {any} */ other) => other.area_ha - one.area_ha).slice(0, LISTED);
    const parts = largest.map((/** @type {any} */ pair) => (this.known.get(pair.left_id) || { part: null }).part);
    await Promise.all(parts.filter((/** @type {any} */ part) => typeof part === "number").map((/** @type {number} */ part) => this.leaf(part)));
  }

  /** Tell whether a class of features is on the map. */
  has(/** @type {{code: string, layer: string, by: string}} */ { code, layer, by }) {
    const list = this.index.lists[layer];
    if (!list || !list.rows || !by) return Boolean(list && list.rows);
    const named = new Set(this.pack.styles.filter((/** @type {any} */ one) => one.by).map((/** @type {any} */ one) => one.code));
    const values = list.values[by] || [];
    return values.includes(code) || (code === "other" && values.some((/** @type {string} */ one) => !named.has(one)));
  }

  /** @returns {import("./whole_store.js").Listing} */
  list(/** @type {string} */ layer) {
    const { rows: all, blocks, values } = this.index.lists[layer] || { rows: 0, blocks: 0, values: {} };
    /** @type {any[]} */
    const rows = [];
    let next = 0;
    const more = async () => {
      const number = next;
      if (number >= blocks) return;
      next += 1;
      for (const [, row] of await loadPart(`list_${layer}-${number}`)) rows.push(this.listed(layer, row));
    };
    return { rows, all, isWhole: () => next >= blocks, more, values: (column) => (values && values[column]) || [] };
  }

  listed(/** @type {string} */ layer, /** @type {any} */ { land, told, ...row }) {
    if (land && !this.pack.lands[row.id]) this.pack.lands[row.id] = land;
    for (const [language, said] of Object.entries(told || {})) this.pack.told[language].communities[row.id] = said;
    if (row.id && !this.known.has(row.id)) this.known.set(row.id, { ...row, layer });
    return { ...row, layer };
  }
}

/** Give the numbers of the blocks that may hold what begins with a text; `firsts` are their first keys, in order. */
export function blocksOf(/** @type {string[]} */ firsts, /** @type {string} */ text) {
  if (!text) return [];
  return firsts.flatMap((first, at) => {
    const next = firsts[at + 1];
    return first <= text + LAST_LETTER && (next === undefined || next >= text) ? [at] : [];
  });
}

/** Put two outlines of areas together. */
function joined(/** @type {any} */ one, /** @type {any} */ other) {
  if (!one) return other;
  const box = [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(one.box[side], other.box[side]));
  return { areas: [...one.areas, ...other.areas], lines: [], points: [], box };
}
