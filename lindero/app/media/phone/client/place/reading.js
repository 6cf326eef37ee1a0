/**
 * What a written position may mean; as `geo.positions.position`.
 *
 * @typedef {object} Reading
 * @property {number} latitude degrees on WGS 84
 * @property {number} longitude
 * @property {string[]} doubts what had to be supposed: axes, latitude_sign, longitude_sign, zone, hemisphere, band,
 *   order, tile
 * @property {string} zone of UTM, such as 17S
 */

/** A text is not a position, or one that is nowhere on Earth: `code` names the sentence that says so. */
export class PositionError extends Error {
  constructor(code, told) {
    super(code);
    this.code = code;
    this.told = told;
  }
}

/**
 * Keep the readings that are places on Earth.
 * @param {Reading[]} readings
 * @param {string} text
 * @returns {Reading[]}
 */
export function onEarth(readings, text) {
  const kept = readings.filter((one) => Math.abs(one.latitude) <= 90 && Math.abs(one.longitude) <= 180);
  if (readings.length && !kept.length) throw new PositionError("not_on_earth", { text });
  return kept;
}
