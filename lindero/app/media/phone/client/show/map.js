/** The map, drawn by ourselves on a canvas: layers in their hatchings, waters, names, a scale bar, and the place asked. */

import { _, number } from "../text/i18n.js";
import { penOf } from "./dom.js";
import { hatched, styleOf } from "./hatching.js";
import { OwnBackground } from "./own_background.js";
import { View } from "./view.js";

const ORDER = ["protected_areas", "communities", "mining_scars", "concessions", "incidents"];
const CLICK_PIXELS = 6; // by which a finger may move and still press
const STEP = 0.25; // of the picture, that an arrow moves
const LABELS = 14;
const PALE = 0.3; // of concessions far out, where thousands lie on one another: as on the served map (rules.js)
const PALE_UNTIL = 9; // zoom
const INK = "#1b1b1b";

/** Draw a map into a canvas, and tell which place is pressed. */
export class PocketMap {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import("../data/decode.js").Pack} pack
   * @param {any} store says whether rows or tiles are to be drawn
   * @param {(lat: number, lon: number) => void} onPress
   */
  constructor(canvas, pack, store, onPress) {
    this.canvas = canvas;
    this.pack = pack;
    this.store = store;
    this.onPress = onPress;
    /** @type {Set<string>} */
    this.hidden = new Set();
    /** @type {[number, number] | null} */
    this.place = null;
    /** @type {Map<number, {x: number, y: number, moved: number}>} */
    this.pointers = new Map();
    this.isMoved = false;
    this.isDue = false;
    this.view = new View(pack.frame);
    this.own = pack.background ? new OwnBackground(pack.background, () => this.draw()) : null;
    this.isOwn = false;
    this.patterns = new Map(pack.styles.map((style) => [style.code, hatched(style)]));
    this.listen();
    // A canvas that gets another size is empty: on paper, too, where no frame follows.
    new ResizeObserver(() => this.resize() && this.paint()).observe(canvas);
    this.resize();
    this.home();
  }

  home() {
    const own = (this.pack.layers.communities || []).find((row) => row.id === this.pack.id);
    this.view.show(own && own.shape ? widened(own.shape.box) : this.pack.opening || this.pack.frame);
    this.draw();
  }

  /** Show a place, and mark it. */
  mark(lat, lon, box = null) {
    this.isMoved = true;
    this.place = [lon, lat];
    if (box) this.view.show(widened(box));
    else if (!this.view.meets([lon, lat, lon, lat])) this.view.middle = [lon, lat];
    this.draw();
  }

  toggle(code, isShown) {
    if (isShown) this.hidden.delete(code);
    else this.hidden.add(code);
    this.draw();
  }

  /** Draw the operator's own background, or the one of Lindero alone. */
  choose(/** @type {boolean} */ isOwn) {
    this.isOwn = isOwn;
    this.draw();
  }

  zoom(factor) {
    this.isMoved = true;
    this.view.zoom(factor);
    this.draw();
  }

  /** Take the size that the page gives; tells whether it is another one. */
  resize() {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const [wide, high] = [Math.floor(width * scale), Math.floor(height * scale)];
    if (!width || !height || (wide === this.canvas.width && high === this.canvas.height)) return false;
    [this.canvas.width, this.canvas.height] = [wide, high];
    this.view.resize(width, height);
    return true;
  }

  /** Draw, once for all that changes until the browser next paints. */
  draw() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      this.paint();
    });
  }

  paint() {
    const pen = penOf(this.canvas);
    const scale = window.devicePixelRatio || 1;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.drawGround(pen);
    const { tiles } = this.store.sight(this.view.box(), this.view.level(), !this.isMoved);
    if (tiles) for (const tile of tiles) this.drawTile(pen, tile);
    else for (const layer of ORDER) for (const row of this.pack.layers[layer] || []) this.drawRow(pen, row);
    this.drawEdge(pen);
    this.drawNames(pen, !tiles);
    this.drawPlace(pen);
    this.drawScale(pen);
  }

  drawGround(pen) {
    const { land, lakes, rivers, borders } = this.pack.basemap;
    pen.fillStyle = "#cfe0ea";
    pen.fillRect(0, 0, this.view.width, this.view.height);
    if (land) this.fill(pen, land, "#f6f3ea");
    if (lakes) this.fill(pen, lakes, "#cfe0ea");
    if (rivers) this.stroke(pen, rivers, "#8fb4c9", 1.2);
    if (borders) this.stroke(pen, borders, "#8a8a8a", 1, [6, 4]);
    if (this.own && this.isOwn) this.own.draw(pen, this);
  }

  drawRow(pen, row) {
    const style = styleOf(this.pack.styles, row);
    if (!row.shape || !style || this.hidden.has(style.code) || !this.view.meets(row.shape.box)) return;
    const isPale = this.pack.parts && row.layer === "concessions" && this.view.level() < PALE_UNTIL;
    if (isPale) pen.globalAlpha = PALE;
    if (row.layer === "incidents") this.stroke(pen, row.shape, style.color, 2, [3, 3]);
    else if (isPale) this.stroke(pen, row.shape, style.color, 0.6);
    else {
      this.fill(pen, row.shape, this.patterns.get(style.code));
      this.add(pen, row.shape.lines); // to the path that was filled: each outline is walked once
      this.ink(pen, style.color, row.id === this.pack.id ? 3 : 1.2);
    }
    for (const [lon, lat] of row.shape.points) this.dot(pen, lon, lat, style.color, isPale ? 1.5 : 5);
    pen.globalAlpha = 1;
  }

  /** Draw a tile within its box: features, or far out how many there are in each of its cells. */
  drawTile(pen, { tile, features }) {
    const [west, south, east, north] = tile.box;
    pen.save();
    pen.beginPath();
    pen.rect(this.view.x(west), this.view.y(north), this.view.x(east) - this.view.x(west), this.view.y(south) - this.view.y(north));
    pen.clip();
    for (const layer of ORDER) {
      for (const feature of features) if (feature.layer === layer) this.drawRow(pen, { ...feature.told, layer, shape: feature.shape });
    }
    pen.restore();
    for (const feature of features) if (feature.layer === "counts") this.drawCount(pen, feature);
  }

  /** Draw a disc for what lies in a cell, in the colour of the class that most of it is of. */
  drawCount(pen, { told, shape }) {
    const shown = this.pack.styles.filter((style) => told[style.code] && !this.hidden.has(style.code));
    if (!shown.length || !this.view.meets(shape.box)) return;
    const most = shown.reduce((one, other) => (told[other.code] > told[one.code] ? other : one));
    const sum = shown.reduce((all, style) => all + told[style.code], 0);
    const [west, south, east, north] = shape.box;
    const half = (this.view.x(east) - this.view.x(west)) / 2;
    pen.beginPath();
    pen.arc(this.view.x((west + east) / 2), this.view.y((south + north) / 2), Math.min(half, half * (0.35 + 0.2 * Math.log10(sum))), 0, 2 * Math.PI);
    Object.assign(pen, { fillStyle: most.color, globalAlpha: 0.75 });
    pen.fill();
    pen.globalAlpha = 1;
  }

  /** Add paths to the one that is begun. */
  add(pen, paths) {
    for (const path of paths) {
      for (let at = 0; at < path.length; at += 2) {
        const x = this.view.x(path[at]);
        const y = this.view.y(path[at + 1]);
        if (at) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
    }
  }

  fill(pen, shape, paint) {
    pen.beginPath();
    this.add(pen, shape.areas.flat());
    pen.fillStyle = paint;
    pen.fill("evenodd");
  }

  stroke(pen, shape, color, width, dash = []) {
    pen.beginPath();
    this.add(pen, [...shape.areas.flat(), ...shape.lines]);
    this.ink(pen, color, width, dash);
  }

  ink(pen, color, width, dash = []) {
    Object.assign(pen, { strokeStyle: color, lineWidth: width });
    pen.setLineDash(dash);
    pen.stroke();
    pen.setLineDash([]);
  }

  dot(pen, lon, lat, color, radius) {
    pen.beginPath();
    pen.arc(this.view.x(lon), this.view.y(lat), radius, 0, 2 * Math.PI);
    pen.fillStyle = color;
    pen.fill();
  }

  /** Shade what lies beyond the frame, of which the map knows nothing. */
  drawEdge(pen) {
    const [west, south, east, north] = this.pack.frame;
    const [x1, y1, x2, y2] = [this.view.x(west), this.view.y(north), this.view.x(east), this.view.y(south)];
    pen.beginPath();
    pen.rect(0, 0, this.view.width, this.view.height);
    pen.rect(x1, y1, x2 - x1, y2 - y1);
    pen.fillStyle = "rgba(90, 90, 90, 0.45)";
    pen.fill("evenodd");
    Object.assign(pen, { strokeStyle: INK, lineWidth: 1 });
    pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
  }

  /** Write names: of communities first, then of the largest places; none over another. */
  drawNames(pen, isNear) {
    const own = !isNear ? [] : (this.pack.layers.communities || []).filter((row) => row.name && !this.hidden.has("communities"));
    const places = (this.own && this.isOwn && this.own.names(this.view, document.documentElement.lang)) || this.pack.places;
    const labels = [
      ...own.map((row) => ({ name: row.name, at: row.at, font: "bold 13px system-ui, sans-serif" })),
      ...places.map((place) => ({ name: place.name, at: place.at, font: "12px system-ui, sans-serif" })),
    ];
    const taken = [];
    pen.textAlign = "center";
    for (const { name, at, font } of labels) {
      if (taken.length >= LABELS) break;
      const [x, y] = [this.view.x(at[0]), this.view.y(at[1])];
      pen.font = font;
      const half = pen.measureText(name).width / 2 + 4;
      const isFree = taken.every(([left, top, right, bottom]) => x + half < left || x - half > right || y + 9 < top || y - 9 > bottom);
      if (x - half < 0 || x + half > this.view.width || y < 12 || y > this.view.height - 30 || !isFree) continue;
      taken.push([x - half, y - 9, x + half, y + 9]);
      this.write(pen, name, x, y + 4);
    }
  }

  write(pen, text, x, y) {
    Object.assign(pen, { lineWidth: 3, strokeStyle: "#ffffff", fillStyle: INK, lineJoin: "round" });
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }

  drawPlace(pen) {
    if (!this.place) return;
    const [x, y] = [this.view.x(this.place[0]), this.view.y(this.place[1])];
    this.trace(pen, `M${x + 9},${y}a9,9 0 1 1 -18,0a9,9 0 1 1 18,0M${x - 15},${y}h30M${x},${y - 15}v30`, 6, 2.5);
  }

  /** Draw a line on a white edge. */
  trace(pen, path, wide, narrow) {
    for (const [strokeStyle, lineWidth] of [["#ffffff", wide], [INK, narrow]]) {
      Object.assign(pen, { strokeStyle, lineWidth });
      pen.stroke(new Path2D(path));
    }
  }

  drawScale(pen) {
    const { km, pixels } = this.view.bar();
    const y = this.view.height - 12;
    this.trace(pen, `M12,${y - 5}v5h${pixels}v-5`, 5, 2);
    pen.font = "12px system-ui, sans-serif";
    pen.textAlign = "left";
    this.write(pen, `${number(km, km < 1 ? 1 : 0)} km`, 18, y - 5);
    pen.textAlign = "right";
    const north = _("N");
    this.write(pen, `${north} ↑`, this.view.width - 10, 20);
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY, moved: 0 });
    });
    canvas.addEventListener("pointermove", (event) => this.dragged(event));
    canvas.addEventListener("pointerup", (event) => this.released(event));
    canvas.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.typed(event));
  }

  dragged(event) {
    if (this.pointers.size) this.isMoved = true;
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.offsetX - pointer.x, event.offsetY - pointer.y];
    const before = this.spread();
    Object.assign(pointer, { x: event.offsetX, y: event.offsetY, moved: pointer.moved + Math.abs(dx) + Math.abs(dy) });
    if (this.pointers.size === 2) {
      const after = this.spread();
      this.view.move(dx / 2, dy / 2);
      if (before.size) this.view.zoom(after.size / before.size, after.x, after.y);
    } else if (event.pointerType === "mouse" && pointer.moved > CLICK_PIXELS) this.view.move(dx, dy);
    this.draw();
  }

  spread() {
    const [one, other = one] = [...this.pointers.values()];
    return { size: Math.hypot(one.x - other.x, one.y - other.y), x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  }

  released(event) {
    const pointer = this.pointers.get(event.pointerId);
    const isAlone = this.pointers.size === 1;
    this.pointers.delete(event.pointerId);
    if (pointer && isAlone && pointer.moved <= CLICK_PIXELS) this.press(event.offsetX, event.offsetY);
  }

  press(x, y) {
    const [lon, lat] = this.view.degrees(x, y);
    this.onPress(lat, lon);
  }

  /** Zoom by the wheel only while a key says so: else the page is scrolled. */
  wheeled(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.isMoved = true;
    this.view.zoom(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX, event.offsetY);
    this.draw();
  }

  typed(event) {
    this.isMoved = true;
    const steps = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key in steps) {
      const [dx, dy] = steps[event.key];
      this.view.move(dx * STEP * this.view.width, dy * STEP * this.view.height);
    } else if (event.key === "+" || event.key === "=") this.view.zoom(1.5);
    else if (event.key === "-") this.view.zoom(1 / 1.5);
    else if (event.key === "Enter") this.press(this.view.width / 2, this.view.height / 2);
    else return;
    event.preventDefault();
    this.draw();
  }
}

/** @returns {[number, number, number, number]} */
function widened([west, south, east, north]) {
  const [wide, high] = [(east - west) * 0.15 + 0.005, (north - south) * 0.15 + 0.005];
  return [west - wide, south - high, east + wide, north + high];
}
