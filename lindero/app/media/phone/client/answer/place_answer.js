/** All that a pack says of a place, in the order in which it is read: sentences, and the rows that they are of. */

import { _, date, filled, ngettext, number } from "../text/i18n.js";
import { plain } from "../text/markup.js";
import { around, isCovered, ofPlace } from "./coverage.js";
import { kinds, none, partly } from "./coverage_text.js";
import { inverse } from "./geodesy.js";
import { near, verticesOf } from "./near.js";
import { KNOWN_PLACE, atDistance, concession, ground, incident, invented, message, nearSummary, protectedArea } from "./sentences.js";

export const LAYERS = ["concessions", "communities", "protected_areas"];
const CELLED = new Set(["exact", "locality", "district", "province"]); // places that are published as a cell of a grid
const NEAREST = 5;
const NEW = 10;

/** Give everything near a place, nearest first, as `lindero near` does. */
export function nearby(pack, lat, lon, km) {
  const every = [...LAYERS, "incidents"].flatMap((layer) => pack.layers[layer] || []);
  const found = near(every, lat, lon, km);
  const incidents = incidentsIn(found.filter((row) => row.layer === "incidents"), null, km, [[lon, lat]]);
  const byId = new Map(incidents.map((row) => [row.id, row]));
  return found.filter((row) => row.layer !== "incidents" || byId.has(row.id)).map((row) => byId.get(row.id) || row);
}

/**
 * Return the incidents that are known well enough to be near, each with its nearness to an area, or to `vertices`.
 * @param {Record<string, any>[]} rows
 * @param {import("../data/outlines.js").Outline | null} area
 * @param {number} km
 * @param {[number, number][]} [vertices]
 * @returns {any[]}
 */
export function incidentsIn(rows, area, km, vertices = area ? verticesOf(area) : []) {
  return rows.filter((row) => CELLED.has(row.location_precision)).map((row) => ({ ...row, ...nearness(row, vertices, km) }));
}

/**
 * Return how far the area of an incident reaches, and whether all of it is within a distance; as `near_incidents`.
 * @param {Record<string, any>} row
 * @param {[number, number][]} vertices of the place that was asked about
 * @param {number} km
 */
function nearness(row, vertices, km) {
  const away = (corner) => Math.min(...vertices.map((vertex) => inverse(vertex, corner).metres));
  const farthest = Math.max(...verticesOf(row.shape).map(away));
  const isCertain = (row.area_name || KNOWN_PLACE.has(row.location_precision)) && farthest <= km * 1000;
  return { area_far_m: farthest, nearness: isCertain ? "certain" : "possible" };
}

/**
 * Answer for a place.
 * @param {import("../data/decode.js").Pack} pack
 * @param {{name: string, latitude: number, longitude: number}} spot `name` as a message is to tell it
 * @param {number} km
 * @param {string} language
 */
export function answer(pack, spot, km, language) {
  const { latitude: lat, longitude: lon } = spot;
  const found = nearby(pack, lat, lon, km);
  const here = found.filter((row) => row.distance_m === 0);
  const told = pack.told[language];
  const answers = ofPlace(pack, here, LAYERS, lat, lon);
  const { finding: verdict, besides } = ground(found, pack.lands, answers);
  const of = (layer) => here.filter((row) => row.layer === layer);
  return {
    verdict,
    besides,
    message: message(found, spot.name, pack.lands, { ...answers, incidents: around(pack, "incidents", lat, lon, km) }, invented(pack), km),
    titles: of("concessions").map((row) => ({ row, said: concession(row) })),
    lands: of("communities").map((row) => ({ row, said: told.communities[row.id].about, asked: told.communities[row.id].asked })),
    areas: of("protected_areas").map((row) => ({ row, said: protectedArea(row) })),
    others: LAYERS.map((layer) => others(pack, found, layer, { lat, lon, km })),
    news: news(pack, { lat, lon, km }, language),
    attacks: attacks(pack, found, { lat, lon, km }),
  };
}

/** Name the nearest of a layer, with distance and direction, or say that there is none. */
function others(pack, found, layer, { lat, lon, km }) {
  const rows = found.filter((row) => row.layer === layer && row.distance_m > 0);
  if (!rows.length) return none(around(pack, layer, lat, lon, km));
  const names = rows.slice(0, NEAREST).map(atDistance).join("; ");
  const more = rows.length - NEAREST;
  const rest = more > 0 ? filled(ngettext("And {n} more.", "And {n} more.", more), { n: number(more) }) : "";
  return [filled(_("Nearest {kinds}: {names}."), { kinds: kinds(layer), names }), rest].filter(Boolean).join(" ");
}

export function attacks(pack, found, { lat, lon, km }) {
  const rows = found.filter((row) => row.layer === "incidents");
  const answered = around(pack, "incidents", lat, lon, km);
  if (rows.length) return [nearSummary(rows, km), ...rows.map(incident), partly(answered)].filter(Boolean);
  const proof = _("Attacks or conflicts may have happened without being recorded.");
  return [`${none(answered)} ${proof}`];
}

/**
 * Say what changed near a place between the last two snapshots of each register, as far as both have data there;
 * `nearOf` finds the rows that are near.
 */
export function news(pack, { lat, lon, km }, language, nearOf = (rows) => near(rows, lat, lon, km)) {
  if (!pack.changes.length) return [_("Changes cannot be shown: the map does not have two snapshots of any register.")];
  return pack.changes.flatMap((report) => {
    const days = { title: plain(report.title), since: date(report.since), until: date(report.until) };
    const rows = nearOf(report.rows);
    const own = { ...pack, ground: { [report.layer]: report.ground }, coverage: report.covered, silent: report.silent };
    const answered = around(own, report.layer, lat, lon, km);
    if (!rows.length) {
      if (!isCovered(answered)) return [`${days.title}: ${none(answered)}`];
      const text = filled(_("{title}: no changes within {km} km between {since} and {until}."), { ...days, km });
      return [[text, partly(answered)].filter(Boolean).join(" ")];
    }
    const head = [filled(_("{title}, between {since} and {until}:"), days), partly(answered)].filter(Boolean).join(" ");
    const lines = rows.slice(0, NEW).map((row) =>
      filled(_("**{name}**: {change}"), { name: row.name ? plain(row.name) : _("without a name"), change: plain(row.line[language]) }),
    );
    const more = rows.length - NEW;
    const rest = more > 0 ? [filled(ngettext("{n} more change", "{n} more changes", more), { n: number(more) })] : [];
    return [head, ...lines, ...rest];
  });
}
