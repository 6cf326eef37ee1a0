/** Tiles of a PMTiles archive (version 3) by range requests, where a server answers them. */

import { inflate } from "./decode.js";

const HEADER = 16384; // bytes in which header and root directory lie
const GZIP = 2;
const GZIP_HEADER = 10;
const GZIP_TRAILER = 8;

/** @typedef {{number: number, run: number, offset: number, size: number}} Entry */

/**
 * Open an archive; null where the server gives no part of a file, or there is none.
 * @param {string} address
 * @returns {Promise<((number: number) => Promise<Uint8Array | null>) | null>}
 */
export async function openTiles(address) {
  const begun = await range(address, 0, HEADER);
  if (!begun || new TextDecoder().decode(begun.subarray(0, 7)) !== "PMTiles" || begun[7] !== 3) return null;
  const view = new DataView(begun.buffer, begun.byteOffset);
  const at = (/** @type {number} */ place) => Number(view.getBigUint64(place, true));
  if (view.getUint8(97) !== GZIP || view.getUint8(98) !== GZIP) return null;
  const root = directory(unzipped(begun.subarray(at(8), at(8) + at(16))));
  const [leaves, data] = [at(40), at(56)];
  return async (number) => {
    let found = entryOf(root, number);
    for (let depth = 0; found && found.run === 0 && depth < 3; depth += 1) {
      found = entryOf(directory(unzipped(await sure(address, leaves + found.offset, found.size))), number);
    }
    return found ? unzipped(await sure(address, data + found.offset, found.size)) : null;
  };
}

/** Ask for a part of a file; null if the server gives something else. */
async function range(/** @type {string} */ address, /** @type {number} */ from, /** @type {number} */ size) {
  const stop = new AbortController();
  const answer = await fetch(address, { headers: { Range: `bytes=${from}-${from + size - 1}` }, signal: stop.signal, credentials: "omit" });
  if (answer.status !== 206) {
    stop.abort(); // it would send the whole archive
    return null;
  }
  return new Uint8Array(await answer.arrayBuffer());
}

async function sure(/** @type {string} */ address, /** @type {number} */ from, /** @type {number} */ size) {
  const found = await range(address, from, size);
  if (!found || found.length < size) throw new Error("damaged");
  return found;
}

function unzipped(/** @type {Uint8Array} */ packed) {
  if (packed[0] !== 31 || packed[1] !== 139 || packed[3] !== 0) throw new Error("damaged");
  const size = new DataView(packed.buffer, packed.byteOffset + packed.length - 4, 4).getUint32(0, true);
  return inflate(packed.subarray(GZIP_HEADER, packed.length - GZIP_TRAILER), size);
}

/** Read a directory: its entries in the order of their numbers. */
function directory(/** @type {Uint8Array} */ bytes) {
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  const count = varint();
  const column = () => Array.from({ length: count }, varint);
  const [steps, runs, sizes, offsets] = [column(), column(), column(), column()];
  /** @type {Entry[]} */
  const entries = [];
  steps.forEach((step, one) => {
    const last = entries[one - 1];
    const offset = offsets[one] === 0 && last ? last.offset + last.size : offsets[one] - 1;
    entries.push({ number: (last ? last.number : 0) + step, run: runs[one], offset, size: sizes[one] });
  });
  return entries;
}

/** Find the entry that holds a tile, or the directory that may. */
function entryOf(/** @type {Entry[]} */ entries, /** @type {number} */ number) {
  let [low, high] = [0, entries.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (entries[middle].number <= number) low = middle + 1;
    else high = middle - 1;
  }
  const found = entries[high];
  return found && (found.run === 0 || number < found.number + found.run) ? found : null;
}
