/** Vector tiles (Mapbox's specification 2.1), read as features in degrees. */

import { boxOf } from "./outlines.js";
import { latitude, longitude } from "./tile_numbers.js";

const POINTS = 1;
const LINES = 2;

/**
 * @typedef {{layer: string, told: Record<string, any>, shape: import("./outlines.js").Outline}} TileFeature
 */

/** What is read, and where. */
class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
  }

  varint() {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  /**
   * Read all fields: `read` is told the number of each, and skips what it does not know by `skip`.
   * @param {(field: number, wire: number) => void} read
   */
  fields(read) {
    while (this.at < this.end) {
      const tag = this.varint();
      read(Math.floor(tag / 8), tag & 7);
    }
  }

  inner() {
    const size = this.varint();
    const inside = new Reader(this.bytes.subarray(this.at, this.at + size));
    this.at += size;
    return inside;
  }

  text() {
    return new TextDecoder().decode(this.inner().bytes);
  }

  packed() {
    const inside = this.inner();
    const numbers = [];
    while (inside.at < inside.end) numbers.push(inside.varint());
    return numbers;
  }

  fixed(/** @type {number} */ size) {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, size);
    this.at += size;
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }

  skip(/** @type {number} */ wire) {
    if (wire === 0) this.varint();
    else if (wire === 1) this.at += 8;
    else if (wire === 2) this.inner();
    else this.at += 4;
  }
}

/**
 * Read a tile.
 * @param {Uint8Array} bytes
 * @param {{z: number, x: number, y: number}} tile
 * @returns {TileFeature[]}
 */
export function tileFeatures(bytes, tile) {
  /** @type {TileFeature[]} */
  const found = [];
  const reader = new Reader(bytes);
  reader.fields((field, wire) => {
    if (field === 3) found.push(...layerOf(reader.inner(), tile));
    else reader.skip(wire);
  });
  return found;
}

/** @param {Reader} reader @param {{z: number, x: number, y: number}} tile */
function layerOf(reader, tile) {
  let [name, extent] = ["", 4096];
  /** @type {string[]} */
  const keys = [];
  /** @type {any[]} */
  const values = [];
  /** @type {Reader[]} */
  const features = [];
  reader.fields((field, wire) => {
    if (field === 1) name = reader.text();
    else if (field === 2) features.push(reader.inner());
    else if (field === 3) keys.push(reader.text());
    else if (field === 4) values.push(valueOf(reader.inner()));
    else if (field === 5) extent = reader.varint();
    else reader.skip(wire);
  });
  return features.map((feature) => ({ layer: name, ...featureOf(feature, keys, values, { ...tile, extent }) }));
}

/** @param {Reader} reader */
function valueOf(reader) {
  /** @type {any} */
  let value = null;
  reader.fields((field, wire) => {
    if (field === 1) value = reader.text();
    else if (field === 2 || field === 3) value = reader.fixed(field === 2 ? 4 : 8);
    else if (field === 6) value = signed(reader.varint());
    else if (field === 4 || field === 5) value = reader.varint();
    else if (field === 7) value = reader.varint() === 1;
    else reader.skip(wire);
  });
  return value;
}

/** @param {Reader} reader @param {string[]} keys @param {any[]} values @param {{z: number, x: number, y: number, extent: number}} tile */
function featureOf(reader, keys, values, tile) {
  /** @type {Record<string, any>} */
  const told = {};
  let kind = 0;
  /** @type {number[]} */
  let commands = [];
  reader.fields((field, wire) => {
    if (field === 2) {
      const tags = reader.packed();
      for (let at = 0; at + 1 < tags.length; at += 2) told[keys[tags[at]]] = values[tags[at + 1]];
    } else if (field === 3) kind = reader.varint();
    else if (field === 4) commands = reader.packed();
    else reader.skip(wire);
  });
  const paths = pathsOf(commands, tile);
  const shape = {
    areas: kind > LINES ? [paths] : [],
    lines: kind === LINES ? paths : [],
    points: kind === POINTS ? paths.flatMap(pairs) : [],
    box: boxOf(paths),
  };
  return { told, shape };
}

/** Walk the commands: move, line, close. */
function pathsOf(/** @type {number[]} */ commands, /** @type {{z: number, x: number, y: number, extent: number}} */ { z, x, y, extent }) {
  const whole = extent * 2 ** z;
  /** @type {number[][]} */
  const paths = [];
  /** @type {number[]} */
  let path = [];
  let [column, row] = [x * extent, y * extent];
  for (let at = 0; at < commands.length; ) {
    const [command, count] = [commands[at] & 7, Math.floor(commands[at] / 8)];
    at += 1;
    if (command === 7) {
      path.push(path[0], path[1]);
      continue;
    }
    for (let one = 0; one < count; one += 1) {
      column += signed(commands[at]);
      row += signed(commands[at + 1]);
      at += 2;
      if (command === 1) paths.push((path = []));
      path.push(longitude(column / whole), latitude(row / whole));
    }
  }
  return paths;
}

/** Read a number of which the last bit tells the sign. */
function signed(/** @type {number} */ value) {
  return value % 2 ? -(value + 1) / 2 : value / 2;
}

function pairs(/** @type {number[]} */ path) {
  return Array.from({ length: path.length / 2 }, (_, at) => path.slice(2 * at, 2 * at + 2));
}
