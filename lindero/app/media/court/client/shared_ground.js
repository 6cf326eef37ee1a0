/**
 * How much ground one shape shares with others, counted once: the plane is cut into bands in which no two edges cross,
 * and what lies between two edges of a band is a trapezoid.
 *
 * @typedef {[number, number][][]} Shape rings in metres, each closed; what an odd number of them surrounds is inside
 * @typedef {object} Edge
 * @property {number} low its southern end
 * @property {number} high its northern end
 * @property {number} x of its southern end
 * @property {number} slope metres east by metres north
 * @property {number} of position of its shape
 */

/**
 * Give the square metres that a shape shares with at least one of others.
 * @param {Shape} own
 * @param {Shape[]} others
 */
export function sharedGround(own, others) {
  const near = others.filter((other) => meet(boxOf(own), boxOf(other)));
  const edges = [own, ...near].flatMap(edgesOf).sort((a, b) => a.low - b.low);
  const levels = levelsOf(edges);
  let [area, next] = [0, 0];
  /** @type {Edge[]} */
  let active = [];
  for (let at = 0; at + 1 < levels.length; at += 1) {
    const [low, high] = [levels[at], levels[at + 1]];
    active = active.filter((edge) => edge.high > low);
    for (; next < edges.length && edges[next].low <= low; next += 1) active.push(edges[next]);
    area += widthShared(active, (low + high) / 2) * (high - low);
  }
  return area;
}

/** Give the metres along a line from west to east that are inside the first shape and one of the others. */
function widthShared(/** @type {Edge[]} */ edges, /** @type {number} */ y) {
  const crossed = edges.map((edge) => ({ x: crossing(edge, y), of: edge.of })).sort((a, b) => a.x - b.x);
  const inside = new Set();
  let [width, from] = [0, 0];
  for (const { x, of } of crossed) {
    if (inside.has(0) && inside.size > 1) width += x - from;
    from = x;
    if (!inside.delete(of)) inside.add(of);
  }
  return width;
}

/** List, from south to north, where edges begin, end or cross each other. */
function levelsOf(/** @type {Edge[]} */ edges) {
  const levels = new Set(edges.flatMap(({ low, high }) => [low, high]));
  /** @type {Edge[]} */
  let active = [];
  for (const edge of edges) {
    active = active.filter(({ high }) => high > edge.low);
    for (const other of active) {
      const y = edge.low + (edge.x - crossing(other, edge.low)) / (other.slope - edge.slope);
      if (y > edge.low && y < edge.high && y < other.high) levels.add(y);
    }
    active.push(edge);
  }
  return [...levels].sort((a, b) => a - b);
}

function crossing(/** @type {Edge} */ edge, /** @type {number} */ y) {
  return edge.x + (y - edge.low) * edge.slope;
}

/** @returns {Edge[]} the edges of a shape, but for those that run along a line from west to east */
function edgesOf(/** @type {Shape} */ shape, /** @type {number} */ of) {
  return shape.flatMap((ring) =>
    ring.slice(1).flatMap((end, at) => {
      const [[x, low], [x2, high]] = ring[at][1] < end[1] ? [ring[at], end] : [end, ring[at]];
      return low === high ? [] : [{ low, high, x, slope: (x2 - x) / (high - low), of }];
    }),
  );
}

/** Give the west, south, east and north of a shape. */
function boxOf(/** @type {Shape} */ shape) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of shape.flat()) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

function meet(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  return one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];
}
