/** Geodesics on the ellipsoid of WGS 84: metres and bearings as `geo.near` gives them. Degrees in, metres out. */

export const A = 6378137;
export const F = 1 / 298.257223563;
const B = A * (1 - F);
export const E2 = F * (2 - F);
export const RAD = Math.PI / 180;
const ENOUGH = 1e-13; // radians: far less than a millimetre
const MOST_STEPS = 50;

/**
 * Place a longitude and latitude in space, in metres from the centre of the Earth.
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number, number]}
 */
export function geocentric(lon, lat) {
  const sine = Math.sin(lat * RAD);
  const normal = A / Math.sqrt(1 - E2 * sine * sine);
  const flat = normal * Math.cos(lat * RAD);
  return [flat * Math.cos(lon * RAD), flat * Math.sin(lon * RAD), normal * (1 - E2) * sine];
}

/**
 * Give longitude and latitude of a place in space that lies centimetres from the ground.
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @returns {[number, number]}
 */
export function above(x, y, z) {
  return [Math.atan2(y, x) / RAD, Math.atan2(z, (1 - E2) * Math.hypot(x, y)) / RAD];
}

/**
 * Measure from one place to another: metres, and the bearing at the first, clockwise from north (Vincenty 1975,
 * *Direct and inverse solutions of geodesics on the ellipsoid*, Survey Review 23). Not for antipodes.
 * @param {[number, number]} from longitude, latitude
 * @param {[number, number]} to
 * @returns {{metres: number, bearing: number}}
 */
export function inverse(from, to) {
  const wide = (to[0] - from[0]) * RAD;
  const u1 = Math.atan((1 - F) * Math.tan(from[1] * RAD));
  const u2 = Math.atan((1 - F) * Math.tan(to[1] * RAD));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = wide;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sine = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sine === 0) return { metres: 0, bearing: 0 };
    const cosine = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sine, cosine);
    const alpha = (c1 * c2 * sl) / sine;
    const cos2 = 1 - alpha * alpha;
    const middle = cos2 > 0 ? cosine - (2 * s1 * s2) / cos2 : 0;
    const c = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2));
    const last = lambda;
    const wave = middle + c * cosine * (2 * middle * middle - 1);
    lambda = wide + (1 - c) * F * alpha * (sigma + c * sine * wave);
    if (Math.abs(lambda - last) < ENOUGH) {
      const bearing = Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda)) / RAD;
      return { metres: along(cos2, sigma, sine, cosine, middle), bearing: (bearing + 360) % 360 };
    }
  }
  return { metres: NaN, bearing: NaN };
}

/** Give metres of an arc `sigma` on the auxiliary sphere. */
function along(cos2, sigma, sine, cosine, middle) {
  const [big, small] = series(cos2);
  return B * big * (sigma - bend(small, sine, cosine, middle));
}

function series(cos2) {
  const u2 = (cos2 * (A * A - B * B)) / (B * B);
  const big = 1 + (u2 / 16384) * (4096 + u2 * (u2 * (320 - 175 * u2) - 768));
  const small = (u2 / 1024) * (256 + u2 * (u2 * (74 - 47 * u2) - 128));
  return [big, small];
}

function bend(small, sine, cosine, middle) {
  const two = 2 * middle * middle - 1;
  const four = (small / 6) * middle * (4 * sine * sine - 3) * (4 * middle * middle - 3);
  return small * sine * (middle + (small / 4) * (cosine * two - four));
}

/**
 * Give the place that lies at a bearing and a distance from another (Vincenty 1975).
 * @param {[number, number]} from longitude, latitude
 * @param {number} bearing degrees clockwise from north
 * @param {number} metres
 * @returns {[number, number]}
 */
export function direct(from, bearing, metres) {
  const u1 = Math.atan((1 - F) * Math.tan(from[1] * RAD));
  const [s1, c1] = [Math.sin(u1), Math.cos(u1)];
  const [sa, ca] = [Math.sin(bearing * RAD), Math.cos(bearing * RAD)];
  const sigma1 = Math.atan2(Math.tan(u1), ca);
  const alpha = c1 * sa;
  const cos2 = 1 - alpha * alpha;
  const [big, small] = series(cos2);
  let sigma = metres / (B * big);
  let [sine, cosine, middle] = [0, 0, 0];
  for (let step = 0, last = NaN; step < MOST_STEPS && !(Math.abs(sigma - last) < ENOUGH); step += 1) {
    [sine, cosine, middle] = [Math.sin(sigma), Math.cos(sigma), Math.cos(2 * sigma1 + sigma)];
    last = sigma;
    sigma = metres / (B * big) + bend(small, sine, cosine, middle);
  }
  [sine, cosine, middle] = [Math.sin(sigma), Math.cos(sigma), Math.cos(2 * sigma1 + sigma)];
  const down = s1 * sine - c1 * cosine * ca;
  const lat = Math.atan2(s1 * cosine + c1 * sine * ca, (1 - F) * Math.hypot(alpha, down));
  const lambda = Math.atan2(sine * sa, c1 * cosine - s1 * sine * ca);
  const c = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2));
  const wave = middle + c * cosine * (2 * middle * middle - 1);
  const wide = lambda - (1 - c) * F * alpha * (sigma + c * sine * wave);
  return [from[0] + wide / RAD, lat / RAD];
}
