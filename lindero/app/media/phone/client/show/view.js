/** Where the map looks: between degrees and the picture's pixels, north up, true to shape in the middle. */

const KM_PER_DEGREE = 111.2;
const CLOSEST_KM = 0.5; // across the picture
const RAD = Math.PI / 180;

/** A view of a frame (west, south, east, north), which it never leaves. */
export class View {
  /** @param {[number, number, number, number]} frame */
  constructor(frame) {
    this.frame = frame;
    this.middle = [(frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2];
    this.perDegree = 1;
    this.squeeze = Math.cos(((frame[1] + frame[3]) / 2) * RAD);
    this.width = 300;
    this.height = 300;
    this.show(frame);
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
    this.hold();
  }

  /** Show a box, with some room round it. */
  show([west, south, east, north]) {
    this.middle = [(west + east) / 2, (south + north) / 2];
    const wide = Math.max((east - west) * this.squeeze, 0.01) * 1.08;
    const high = Math.max(north - south, 0.01) * 1.08;
    this.perDegree = Math.min(this.width / wide, this.height / high);
    this.hold();
  }

  hold() {
    const [west, south, east, north] = this.frame;
    const least = Math.min(this.width / ((east - west) * this.squeeze), this.height / (north - south)) * 0.9;
    const most = (this.width / CLOSEST_KM) * KM_PER_DEGREE;
    this.perDegree = Math.min(Math.max(this.perDegree, least), most);
    this.middle = [Math.min(Math.max(this.middle[0], west), east), Math.min(Math.max(this.middle[1], south), north)];
  }

  /** Come closer by a factor, so that what lies under a pixel stays there. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const [lon, lat] = this.degrees(x, y);
    this.perDegree *= factor;
    this.hold();
    const [newLon, newLat] = this.degrees(x, y);
    this.middle = [this.middle[0] + lon - newLon, this.middle[1] + lat - newLat];
    this.hold();
  }

  move(dx, dy) {
    this.middle = [this.middle[0] - dx / (this.perDegree * this.squeeze), this.middle[1] + dy / this.perDegree];
    this.hold();
  }

  x(lon) {
    return this.width / 2 + (lon - this.middle[0]) * this.perDegree * this.squeeze;
  }

  y(lat) {
    return this.height / 2 - (lat - this.middle[1]) * this.perDegree;
  }

  /** @returns {[number, number]} longitude and latitude */
  degrees(x, y) {
    const lon = this.middle[0] + (x - this.width / 2) / (this.perDegree * this.squeeze);
    return [lon, this.middle[1] - (y - this.height / 2) / this.perDegree];
  }

  /**
   * Give what is seen: west, south, east, north.
   * @returns {[number, number, number, number]}
   */
  box() {
    const [[west, north], [east, south]] = [this.degrees(0, 0), this.degrees(this.width, this.height)];
    return [west, south, east, north];
  }

  /** Give the zoom of tiles, of 512 pixels, that are as large as they are seen. */
  level() {
    return Math.log2((this.perDegree * this.squeeze * 360) / 512);
  }

  /** Tell whether a box meets what is seen. */
  meets([west, south, east, north]) {
    return this.x(east) >= 0 && this.x(west) <= this.width && this.y(south) >= 0 && this.y(north) <= this.height;
  }

  /** Give a round length and how many pixels it takes: the scale bar. */
  bar() {
    const kmPerPixel = KM_PER_DEGREE / this.perDegree;
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
    const km = [...steps].reverse().find((one) => one / kmPerPixel <= this.width / 3) || steps[0];
    return { km, pixels: km / kmPerPixel };
  }
}
