/** The tiles of a site: by range requests where its server answers them, else as scripts. */

import { loadPart } from "./load_part.js";
import { openTiles } from "./pmtiles.js";
import { tilesOf } from "./tile_numbers.js";
import { tileFeatures } from "./vector_tile.js";

const MOST = 60; // tiles kept, the latest

/** @typedef {{z: number, x: number, y: number, number: number, box: [number, number, number, number]}} Tile */
/** @typedef {{tile: Tile, features: import("./vector_tile.js").TileFeature[] | null}} Read */

export class MapTiles {
  /**
   * @param {{tiles: number[], deepest: number}} index the first number of each block of tiles
   * @param {() => void} onRead
   */
  constructor({ tiles, deepest }, onRead) {
    this.firsts = tiles;
    this.deepest = deepest;
    this.onRead = onRead;
    /** @type {Map<number, Read>} */
    this.kept = new Map();
    /** @type {Promise<((number: number) => Promise<Uint8Array | null>) | null> | null} */
    this.archive = null;
  }

  /**
   * Give the tiles of a box that are read, and begin to read the others.
   * @param {number[]} box
   * @param {number} zoom
   */
  of(box, zoom) {
    const z = Math.min(Math.max(Math.floor(zoom), 0), this.deepest);
    const wanted = z < 0 ? [] : tilesOf(box, z);
    for (const tile of wanted) if (!this.kept.has(tile.number)) this.begin(tile);
    return wanted.map((tile) => this.kept.get(tile.number)).filter((one) => one && one.features);
  }

  /** @param {Tile} tile */
  begin(tile) {
    for (const number of this.kept.keys()) if (this.kept.size >= MOST) this.kept.delete(number);
    /** @type {Read} */
    const slot = { tile, features: null };
    this.kept.set(tile.number, slot);
    this.read(tile.number).then(
      (bytes) => {
        slot.features = bytes ? tileFeatures(bytes, tile) : [];
        this.onRead();
      },
      () => this.kept.delete(tile.number),
    );
  }

  /** @param {number} number */
  async read(number) {
    if (!this.archive) this.archive = asksForRanges() ? openTiles("map.pmtiles").catch(() => null) : Promise.resolve(null);
    const archive = await this.archive;
    if (!archive) return this.ofScript(number);
    return archive(number).catch(() => this.ofScript(number));
  }

  /** @param {number} number */
  async ofScript(number) {
    let block = this.firsts.length - 1;
    while (block >= 0 && this.firsts[block] > number) block -= 1;
    if (block < 0) return null;
    const text = (await loadPart(`tiles-${block}`))[String(number)];
    return text ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : null;
  }
}

/** Tell whether the page may ask its server at all: not from a USB stick, nor in a frame without an origin. */
function asksForRanges() {
  return location.protocol.startsWith("http") && window.origin !== "null";
}
