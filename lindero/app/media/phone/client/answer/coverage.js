/**
 * The three answers about what a map does not show: none on record here, no data of this here, not known.
 *
 * As `app.answers.coverage.coverage`. A pack says nothing of what lies beyond its frame: there is no data there.
 */

import { holds } from "../data/outlines.js";
import { direct } from "./geodesy.js";

const CORNERS = 48;
const WHOLE = 0.98; // as `layers.database.coverage`: two drawings of one boundary differ by as much

/**
 * @typedef {object} Answer
 * @property {string} layer
 * @property {"covered" | "no_data" | "not_known"} verdict
 * @property {Record<string, any>[]} sources
 * @property {number} share 0 to 1, of the area that was asked about
 * @property {Answer[]} [parts] of incidents: an answer for each kind, of which the sources alone decide
 * @property {Record<string, any>[]} [unplaced] of incidents: records that name a region or a country alone, and may lie there
 */

const INCIDENTS = "incidents";

/** Whether all of it is covered, so that a zero may stand for all of it. */
export function isWhole(answer) {
  return answer.verdict === "covered" && answer.share >= WHOLE;
}

/** Whether some of it is covered. */
export function isCovered(answer) {
  return answer.verdict === "covered";
}

/** @returns {Answer} what can be said of a layer at a place */
export function at(pack, layer, lat, lon) {
  const met = pack.coverage.filter((row) => row.layer === layer && holds(row.shape, lon, lat));
  const sure = met.filter((row) => row.extent === "covered");
  return sure.length ? answered(pack, layer, "covered", sure, 1) : unsure(pack, layer, met);
}

/** @returns {Answer} what can be said of a layer within a distance of a place; of incidents kind by kind */
export function around(pack, layer, lat, lon, km) {
  const disc = discOf(lat, lon, km * 1000);
  if (layer !== INCIDENTS) return over(pack, layer, disc);
  return fromParts(pack.kinds.map((kind) => over(pack, kind, disc)), unplacedIn(pack, disc));
}

/** Whether records of a kind without an exact place are among some. */
export function mayLieHere(unplaced, kind) {
  return unplaced.some((row) => row[kind] > 0);
}

/** Give the answer for several kinds of incidents: covered only if each is, and none may lie there unseen. */
function fromParts(parts, unplaced) {
  const verdicts = new Set(parts.map((part) => (mayLieHere(unplaced, part.layer) ? "not_known" : part.verdict)));
  const sources = new Map(parts.flatMap((part) => part.sources).map((source) => [source.source_id, source]));
  return {
    layer: INCIDENTS,
    verdict: verdicts.size === 1 ? [...verdicts][0] : "not_known",
    sources: [...sources.values()],
    share: Math.min(...parts.map((part) => part.share)),
    parts,
    unplaced,
  };
}

/** Give the records without an exact place that may lie in an area, each place once. */
function unplacedIn(pack, disc) {
  const met = pack.unplaced.filter((row) => !row.shape || sharedArea(row.shape, disc) > 0);
  return [...new Map(met.map((row) => [row.known_by + row.name.en, row])).values()];
}

function over(pack, layer, disc) {
  const met = pack.coverage.filter((row) => row.layer === layer && sharedArea(row.shape, disc) > 0);
  const ground = pack.ground[layer];
  const share = ground ? Math.min(sharedArea(ground, disc) / areaOf(disc), 1) : 0;
  if (share > 0) return answered(pack, layer, "covered", met.filter((row) => row.extent === "covered"), share);
  return unsure(pack, layer, met);
}

/**
 * Give the answer for each layer at a place, of which something may have been found there: what is found is on record.
 * @returns {Record<string, Answer>}
 */
export function ofPlace(pack, here, layers, lat, lon) {
  /** @type {Record<string, Answer>} */
  const answers = {};
  for (const layer of layers) {
    const found = new Set(here.filter((row) => row.layer === layer).map((row) => row.source_id));
    const answer = at(pack, layer, lat, lon);
    if (!found.size) {
      answers[layer] = answer;
      continue;
    }
    if (isCovered(answer)) answer.sources.forEach((source) => found.add(source.source_id));
    const sources = pack.sources.filter((source) => found.has(source.source_id));
    answers[layer] = { layer, verdict: "covered", sources, share: 1 };
  }
  return answers;
}

function unsure(pack, layer, met) {
  if (met.length || pack.silent.includes(layer)) return answered(pack, layer, "not_known", met, 0);
  return { layer, verdict: "no_data", sources: [], share: 0 };
}

function answered(pack, layer, verdict, rows, share) {
  const ids = new Set(rows.map((row) => row.source_id));
  return { layer, verdict, sources: pack.sources.filter((source) => ids.has(source.source_id)), share };
}

/** Draw all that lies within a distance of a place: corners, counterclockwise. */
function discOf(lat, lon, metres) {
  const corners = Array.from({ length: CORNERS }, (_, at) => direct([lon, lat], (360 * at) / CORNERS, metres));
  return corners.reverse();
}

/** Give the area, in square degrees, that the areas of an outline share with a convex one: cut side by side, ring by ring. */
function sharedArea(shape, convex) {
  const [west, south, east, north] = shape.box;
  if (convex.every(([x]) => x < west) || convex.every(([x]) => x > east)) return 0;
  if (convex.every(([, y]) => y < south) || convex.every(([, y]) => y > north)) return 0;
  let sum = 0;
  for (const rings of shape.areas) {
    rings.forEach((ring, at) => {
      const corners = [];
      for (let one = 0; one + 3 < ring.length; one += 2) corners.push([ring[one], ring[one + 1]]);
      sum += (at === 0 ? 1 : -1) * areaOf(cut(corners, convex)); // the first ring is the outer one
    });
  }
  return sum;
}

/** Cut a ring by each side of a convex outline (Sutherland and Hodgman 1974, Communications of the ACM 17). */
function cut(ring, convex) {
  let kept = ring;
  for (let at = 0; at < convex.length && kept.length; at += 1) {
    const [ax, ay] = convex[at];
    const [bx, by] = convex[(at + 1) % convex.length];
    const side = ([x, y]) => (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    const left = [];
    kept.forEach((corner, one) => {
      const next = kept[(one + 1) % kept.length];
      const [here, there] = [side(corner), side(next)];
      if (here >= 0) left.push(corner);
      if (here >= 0 !== there >= 0) {
        const part = here / (here - there);
        left.push([corner[0] + part * (next[0] - corner[0]), corner[1] + part * (next[1] - corner[1])]);
      }
    });
    kept = left;
  }
  return kept;
}

function areaOf(ring) {
  if (ring.length < 3) return 0;
  let sum = 0;
  ring.forEach(([x, y], at) => {
    const [nextX, nextY] = ring[(at + 1) % ring.length];
    sum += (x - ring[0][0]) * (nextY - ring[0][1]) - (nextX - ring[0][0]) * (y - ring[0][1]);
  });
  return Math.abs(sum / 2);
}
