/** A background of the operator's own, cut out into the page: images, or vector tiles drawn in a few plain colours. */

import { inflated } from "../data/decode.js";
import { tilesOf, within } from "../data/tile_numbers.js";
import { tileFeatures } from "../data/vector_tile.js";

const MOST = 400; // tiles kept, the latest: more than are seen at once
const LEAST_PIXELS = 64; // of a tile on the screen: smaller ones show nothing
const VEIL = "rgba(255, 255, 255, 0.35)"; // over images, for lines and hatchings to be told on dark ground
const GREEN = "#dfe8cf";
const TOWN = "#e6e1d8";
const KINDS = { forest: GREEN, wood: GREEN, grassland: GREEN, scrub: GREEN, park: GREEN, nature_reserve: GREEN, glacier: "#f4f8fa", urban_area: TOWN, residential: TOWN };
const PAINTS = { earth: "#f6f3ea", water: "#cfe0ea", buildings: "#d3ccc0" };
/** @type {Record<string, [string, number, number[]?]>} colour, width, dashes */
const LINES = { water: ["#8fb4c9", 1.2], boundaries: ["#8a8a8a", 1, [6, 4]] };
/** @type {Record<string, [string, number, number[]?]>} */
const ROADS = { highway: ["#b9772e", 2.6], major_road: ["#b98f4e", 1.8], path: ["#8d8065", 0.9, [3, 3]] };
/** @type {[string, number]} */
const ROAD = ["#a39a86", 1.1];
const ORDER = ["earth", "landcover", "landuse", "water", "buildings", "boundaries", "roads"];

/** @typedef {import("../data/map_tiles.js").Tile} Tile */

export class OwnBackground {
  /**
   * @param {{form: string, first: number, last: number, tiles: Record<string, [number, string]>}} told
   * @param {() => void} onRead
   */
  constructor({ form, first, last, tiles }, onRead) {
    this.form = form;
    this.isImages = form !== "mvt";
    this.first = first;
    this.last = last;
    this.tiles = tiles;
    this.onRead = onRead;
    /** @type {Map<number, any>} */
    this.kept = new Map();
  }

  /**
   * Draw what a map looks at.
   * @param {CanvasRenderingContext2D} pen
   * @param {any} map
   */
  draw(pen, map) {
    for (const tile of this.seen(map.view)) this.drawTile(pen, map, tile);
    if (!this.isImages) return;
    pen.fillStyle = VEIL;
    pen.fillRect(0, 0, map.view.width, map.view.height);
  }

  /** Give the names of places that vector tiles tell, the largest first; null of images, which tell none. */
  names(/** @type {any} */ view, /** @type {string} */ language) {
    if (this.isImages) return null;
    const found = new Map();
    for (const tile of this.seen(view)) {
      for (const { layer, told, shape } of this.read(tile) || []) {
        const name = told[`name:${language}`] || told.name;
        if (layer === "places" && name && shape.points.length) found.set(name, { name, at: shape.points[0], size: told.population_rank || 0 });
      }
    }
    return [...found.values()].sort((one, other) => other.size - one.size);
  }

  /** Give the tiles that are to be drawn, one after the other: not those of which the four within are drawn in their place. */
  seen(/** @type {any} */ view) {
    const deepest = Math.min(Math.ceil(view.level()) + (this.isImages ? 1 : 0), this.last);
    /** @type {Tile[]} */
    const found = [];
    const look = (/** @type {Tile} */ tile) => {
      if (!view.meets(tile.box)) return;
      const inner = tile.z < deepest ? within(tile).filter((one) => this.tiles[one.number]) : [];
      const isHidden = inner.length === 4 && inner.every((one) => !view.meets(one.box) || this.read(one));
      if (!isHidden) found.push(tile);
      inner.forEach(look);
    };
    const firsts = tilesOf(view.box(), this.first);
    const [west, , east] = firsts[0].box;
    if (view.x(east) - view.x(west) >= LEAST_PIXELS) firsts.forEach(look);
    return found;
  }

  drawTile(/** @type {CanvasRenderingContext2D} */ pen, /** @type {any} */ map, /** @type {Tile} */ tile) {
    const read = this.read(tile);
    if (!read) return;
    const [west, south, east, north] = tile.box;
    const [left, top] = [Math.floor(map.view.x(west)), Math.floor(map.view.y(north))];
    const [wide, high] = [Math.ceil(map.view.x(east)) - left, Math.ceil(map.view.y(south)) - top];
    if (this.isImages) {
      pen.drawImage(read, left, top, wide, high);
      return;
    }
    pen.save();
    pen.beginPath();
    pen.rect(left, top, wide, high);
    pen.clip();
    for (const layer of ORDER) for (const feature of read) if (feature.layer === layer) drawFeature(pen, map, feature);
    pen.restore();
  }

  /** Give a tile that is read: an image or features; null of one that is not there, or not read yet. */
  read(/** @type {Tile} */ { number, z, x, y }) {
    if (!this.tiles[number]) return null;
    if (!this.kept.has(number)) {
      for (const other of this.kept.keys()) if (this.kept.size >= MOST) this.kept.delete(other);
      const [size, text] = this.tiles[number];
      const bytes = inflated(text, size);
      this.kept.set(number, this.isImages ? this.image(bytes) : tileFeatures(bytes, { z, x, y }));
    }
    const found = this.kept.get(number);
    return this.isImages && !(found.complete && found.naturalWidth) ? null : found;
  }

  image(/** @type {Uint8Array} */ bytes) {
    const image = new Image();
    image.addEventListener("load", this.onRead);
    let letters = "";
    for (const byte of bytes) letters += String.fromCharCode(byte);
    image.src = `data:image/${this.form};base64,${btoa(letters)}`;
    return image;
  }
}

/** Paint a feature of a vector tile by its layer, as Protomaps names them, and its kind. */
function drawFeature(/** @type {CanvasRenderingContext2D} */ pen, /** @type {any} */ map, /** @type {import("../data/vector_tile.js").TileFeature} */ { layer, told, shape }) {
  const paint = PAINTS[layer] || KINDS[told.kind];
  if (shape.areas.length && paint) map.fill(pen, shape, paint);
  const line = layer === "roads" ? ROADS[told.kind] || ROAD : LINES[layer];
  if (shape.lines.length && line) map.stroke(pen, shape, ...line);
}
