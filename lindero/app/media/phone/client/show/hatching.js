/** How classes of features are drawn: a colour, and a hatching that survives a black-and-white copier. */

import { penOf } from "./dom.js";

const SIZE = 8;
const LINES = {
  rising: "M-1,9L9,-1M-1,1L1,-1M7,9L9,7",
  falling: "M9,9L-1,-1M9,1L7,-1M1,9L-1,7",
  crossed: "M-1,9L9,-1M-1,1L1,-1M7,9L9,7M9,9L-1,-1M9,1L7,-1M1,9L-1,7",
  level: "M0,4L8,4",
  upright: "M4,0L4,8",
  dotted: "M3,3.5L5,3.5M3,4.5L5,4.5",
};

/** Give the style of a feature. */
export function styleOf(styles, row) {
  const own = styles.filter((style) => style.layer === row.layer);
  return own.find((style) => style.by && style.code === row[style.by]) || own.find((style) => !style.by || style.code === "other");
}

/**
 * Give the hatching of a style, for a canvas to fill with.
 * @param {{color: string, hatching: string}} style
 */
export function hatched(style) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = SIZE;
  const pen = penOf(tile);
  pen.fillStyle = style.color;
  pen.globalAlpha = 0.18;
  pen.fillRect(0, 0, SIZE, SIZE);
  pen.globalAlpha = 0.75;
  pen.strokeStyle = style.color;
  if (style.hatching in LINES) pen.stroke(new Path2D(LINES[style.hatching]));
  return /** @type {CanvasPattern} */ (pen.createPattern(tile, "repeat"));
}
