/** Tiles: their numbers along Hilbert's curve, as PMTiles counts them, and the degrees that they show. */

/**
 * @param {number} z
 * @param {number} x
 * @param {number} y
 */
export function tileNumber(z, x, y) {
  let number = (4 ** z - 1) / 3;
  let [column, row] = [x, y];
  for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
    const [right, low] = [(column & side) > 0 ? 1 : 0, (row & side) > 0 ? 1 : 0];
    number += side * side * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) [column, row] = [side - 1 - column, side - 1 - row];
      [column, row] = [row, column];
    }
  }
  return number;
}

/**
 * Give the tiles of a zoom that a box meets.
 * @param {number[]} box west, south, east, north
 * @param {number} z
 * @returns {{z: number, x: number, y: number, number: number, box: [number, number, number, number]}[]}
 */
export function tilesOf([west, south, east, north], z) {
  const side = 2 ** z;
  const held = (/** @type {number} */ at) => Math.min(Math.max(Math.floor(at), 0), side - 1);
  const [left, right] = [held(columnOf(west) * side), held(columnOf(east) * side)];
  const [top, bottom] = [held(rowOf(north) * side), held(rowOf(south) * side)];
  const found = [];
  for (let x = left; x <= right; x += 1) {
    for (let y = top; y <= bottom; y += 1) {
      found.push(tileAt(z, x, y));
    }
  }
  return found;
}

/** Give the four tiles of the next zoom that a tile holds. */
export function within(/** @type {{z: number, x: number, y: number}} */ { z, x, y }) {
  return [[0, 0], [1, 0], [0, 1], [1, 1]].map(([right, down]) => tileAt(z + 1, 2 * x + right, 2 * y + down));
}

/**
 * @param {number} z
 * @param {number} x
 * @param {number} y
 */
function tileAt(z, x, y) {
  return { z, x, y, number: tileNumber(z, x, y), box: boxOfTile({ z, x, y }) };
}

/**
 * @param {{z: number, x: number, y: number}} tile
 * @returns {[number, number, number, number]}
 */
export function boxOfTile({ z, x, y }) {
  const side = 2 ** z;
  return [longitude(x / side), latitude((y + 1) / side), longitude((x + 1) / side), latitude(y / side)];
}

function columnOf(/** @type {number} */ lon) {
  return (lon + 180) / 360;
}

function rowOf(/** @type {number} */ lat) {
  const within = Math.min(Math.max(lat, -85), 85);
  return (1 - Math.asinh(Math.tan((within * Math.PI) / 180)) / Math.PI) / 2;
}

/** Give the longitude of a part (0 to 1) of the way from west to east. */
export function longitude(/** @type {number} */ part) {
  return part * 360 - 180;
}

/** Give the latitude of a part (0 to 1) of the way from north to south, as Web Mercator draws it. */
export function latitude(/** @type {number} */ part) {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * part))) * 180) / Math.PI;
}
