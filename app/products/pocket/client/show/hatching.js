/** How classes of features are drawn: a colour, and a hatching that survives a black-and-white copier. */

import { penOf } from "./dom.js";

const SIZE = 8;

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
  pen.beginPath();
  for (const [x1, y1, x2, y2] of linesOf(style.hatching)) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
  if (style.hatching === "dotted") pen.fillRect(3, 3, 2, 2);
  return /** @type {CanvasPattern} */ (pen.createPattern(tile, "repeat"));
}

function linesOf(hatching) {
  const rising = [[-1, SIZE + 1, SIZE + 1, -1], [-1, 1, 1, -1], [SIZE - 1, SIZE + 1, SIZE + 1, SIZE - 1]];
  const falling = rising.map(([x1, y1, x2, y2]) => [SIZE - x1, y1, SIZE - x2, y2]);
  const level = [[0, SIZE / 2, SIZE, SIZE / 2]];
  const upright = [[SIZE / 2, 0, SIZE / 2, SIZE]];
  return { rising, falling, crossed: [...rising, ...falling], level, upright }[hatching] || [];
}
