/**
 * From eastings and northings of UTM to degrees on WGS 84.
 *
 * Krüger's series to the sixth order (Karney 2011, *Transverse Mercator with an accuracy of a few nanometers*, Journal
 * of Geodesy 85); of PSAD56 by three shifts (EPSG 1208, "PSAD56 to WGS 84 (8)", good to some 16 m).
 */

import { A, F, RAD } from "../answer/geodesy.js";

const SCALE = 0.9996;
const FALSE_EAST = 500000;
const FALSE_NORTH = 10000000;
const WGS84 = { a: A, f: F };
const INTERNATIONAL = { a: 6378388, f: 1 / 297 };
const SHIFT = [-279, 175, -379]; // metres, of PSAD56
const PSAD_ZONES = [17, 18, 19];

/**
 * Give latitude and longitude of a place in a zone.
 * @param {number} zone 1 to 60
 * @param {number} east metres
 * @param {number} north metres
 * @param {{south: boolean, old: boolean}} `old`: whether it is on the datum of 1956
 * @returns {[number, number]}
 */
export function toDegrees(zone, east, north, { south, old }) {
  const isOld = old && south && PSAD_ZONES.includes(zone);
  const shape = isOld ? INTERNATIONAL : WGS84;
  const [lat, lon] = unprojected(shape, east - FALSE_EAST, south ? north - FALSE_NORTH : north);
  const meridian = zone * 6 - 183;
  return isOld ? shifted(lat, lon + meridian) : [lat, lon + meridian];
}

function unprojected({ a, f }, x, y) {
  const n = f / (2 - f);
  const radius = (a / (1 + n)) * (1 + (n * n) / 4 + n ** 4 / 64 + n ** 6 / 256);
  const [xi, eta] = [y / (SCALE * radius), x / (SCALE * radius)];
  let [xi2, eta2] = [xi, eta];
  backwards(n).forEach((beta, at) => {
    const j = 2 * (at + 1);
    xi2 -= beta * Math.sin(j * xi) * Math.cosh(j * eta);
    eta2 -= beta * Math.cos(j * xi) * Math.sinh(j * eta);
  });
  const tau2 = Math.sin(xi2) / Math.hypot(Math.sinh(eta2), Math.cos(xi2));
  const lon = Math.atan2(Math.sinh(eta2), Math.cos(xi2)) / RAD;
  return [Math.atan(tangent(tau2, Math.sqrt(f * (2 - f)))) / RAD, lon];
}

function backwards(n) {
  return [
    n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3 - n ** 4 / 360 - (81 / 512) * n ** 5,
    n ** 2 / 48 + n ** 3 / 15 - (437 / 1440) * n ** 4 + (46 / 105) * n ** 5,
    (17 / 480) * n ** 3 - (37 / 840) * n ** 4 - (209 / 4480) * n ** 5,
    (4397 / 161280) * n ** 4 - (11 / 504) * n ** 5,
    (4583 / 161280) * n ** 5,
  ];
}

/** Give the tangent of the latitude from that of the conformal latitude, by Newton's method. */
function tangent(wanted, e) {
  let tau = wanted;
  for (let step = 0; step < 6; step += 1) {
    const sigma = Math.sinh(e * Math.atanh((e * tau) / Math.hypot(1, tau)));
    const found = tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
    const slope = (Math.hypot(1, found) * (1 - e * e) * Math.hypot(1, tau)) / (1 + (1 - e * e) * tau * tau);
    tau += (wanted - found) / slope;
  }
  return tau;
}

/** @returns {[number, number]} */
function shifted(lat, lon) {
  const e2 = INTERNATIONAL.f * (2 - INTERNATIONAL.f);
  const sine = Math.sin(lat * RAD);
  const normal = INTERNATIONAL.a / Math.sqrt(1 - e2 * sine * sine);
  const flat = normal * Math.cos(lat * RAD);
  const [x, y, z] = [
    flat * Math.cos(lon * RAD) + SHIFT[0],
    flat * Math.sin(lon * RAD) + SHIFT[1],
    normal * (1 - e2) * sine + SHIFT[2],
  ];
  return [latitudeOf(Math.hypot(x, y), z) / RAD, Math.atan2(y, x) / RAD];
}

/** Give the latitude of a place that lies at most a few kilometres above or below the ellipsoid. */
function latitudeOf(flat, z) {
  const e2 = WGS84.f * (2 - WGS84.f);
  let lat = Math.atan2(z, flat * (1 - e2));
  for (let step = 0; step < 5; step += 1) {
    const normal = WGS84.a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
    lat = Math.atan2(z + e2 * normal * Math.sin(lat), flat);
  }
  return lat;
}
