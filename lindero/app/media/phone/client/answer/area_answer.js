/** The answer for an area that was asked for by name: all of it is meant, and distances are from its boundary. */

import { _, filled, listed, ngettext, number, percent } from "../text/i18n.js";
import { plain } from "../text/markup.js";
import { joined } from "../text/sms.js";
import { around, at, isCovered, isWhole } from "./coverage.js";
import { by, none } from "./coverage_text.js";
import { nearArea } from "./near.js";
import { attacks, incidentsIn, news } from "./place_answer.js";
import { COUNT_ROOM, concession, incidentParts, invented, namePart, protectedArea, sourcePart, together } from "./sentences.js";

export const AREA_KM = 25; // as `app.answers.defaults.NEAR_KM`: what a pack says of an area is measured within it
export const LISTED = 4; // concessions
const NAMED = 3; // lands in a sentence
const SMALL_HA = 10; // below which hectares are written with a decimal

/**
 * Answer for the area that a place means as a whole; null for a position, a town, or land that is known by a point.
 * @param {import("../data/decode.js").Pack} pack
 * @param {Record<string, any>} spot
 * @param {string} language
 */
export function areaAnswer(pack, spot, language) {
  const row = (pack.layers[spot.layer] || []).find((one) => one.id === spot.id);
  const told = (pack.told[language].areas || {})[`${spot.layer}:${spot.id}`];
  const isConcession = spot.layer === "concessions" && row && row.shape && row.shape.areas.length > 0;
  if (!told && !isConcession) return null;
  const { titles, lands, count } = rowsOn(pack, spot, row);
  const own = told || concessionTexts(pack, row, lands, count);
  const communities = spot.layer === "communities" ? [row] : lands.map((land) => land.row);
  const ofCommunity = (/** @type {any} */ one) => pack.told[language].communities[one.id];
  const shape = row && row.shape;
  const shown = titles.slice(0, LISTED);
  const more = spot.layer === "concessions" ? 0 : count - shown.length; // some may lie beyond the pack
  return {
    ...own,
    titles: shown.map((one) => ({ row: one, said: concession(one) })),
    lands: communities.map((one) => ({ row: one, said: ofCommunity(one).about, asked: ofCommunity(one).asked })),
    areas: spot.layer === "protected_areas" ? [{ row, said: protectedArea(row) }] : [],
    more: more > 0 ? filled(ngettext("And {n} more.", "And {n} more.", more), { n: number(more) }) : "",
    others: [],
    news: shape ? news(pack, { ...middle(spot), km: AREA_KM }, language, (rows) => nearArea(rows, shape, AREA_KM)) : [],
  };
}

function middle(spot) {
  return { lat: spot.latitude, lon: spot.longitude };
}

/** Give the concessions on an area, or the lands under a concession, the largest overlap first, and how many there are. */
function rowsOn(pack, spot, row) {
  const isTitle = spot.layer === "concessions";
  const [own, other] = isTitle ? ["left_id", "right_id"] : ["right_id", "left_id"];
  const rows = new Map((pack.layers[isTitle ? "communities" : "concessions"] || []).map((one) => [one.id, one]));
  const pairs = pack.overlaps.filter((pair) => pair[own] === spot.id).sort((one, two) => two.area_ha - one.area_ha);
  const found = pairs.filter((pair) => rows.has(pair[other])).map((pair) => ({ row: rows.get(pair[other]), ha: pair.area_ha }));
  return isTitle ? { titles: [row], lands: found, count: pairs.length } : { titles: found.map((one) => one.row), lands: [], count: pairs.length };
}

/** Say how large a concession is and on whose land, and what is near; as `app.answers.place.area_text`. */
function concessionTexts(pack, row, lands, count) {
  const [lon, lat] = row.at;
  const answer = at(pack, "communities", lat, lon);
  const size = filled(_("{name} is a concession of {ha} ha"), { name: plain(row.name || row.code || row.id), ha: hectares(row.area_ha || 0) });
  const named = lands.slice(0, NAMED).map(({ row: land, ha }) => {
    const whole = (pack.lands[land.id] || {}).area_ha;
    const values = { name: plain(land.name || land.id), ha: hectares(ha), share: whole ? percent(Math.min(ha / whole, 1)) : "" };
    return filled(whole ? _("{name} ({ha} ha, {share} of its land)") : _("{name} ({ha} ha)"), values);
  });
  const more = count - named.length;
  if (more) named.push(filled(ngettext("{n} more", "{n} more", more), { n: number(more) }));
  const whose = named.length
    ? filled(_("It is on the land of {lands}"), { lands: listed(named) })
    : isWhole(answer) ? _("It is not on the land of a recorded community") : none(answer);
  const found = incidentsIn(nearArea(pack.layers.incidents || [], row.shape, AREA_KM), row.shape, AREA_KM);
  const near = around(pack, "incidents", lat, lon, AREA_KM);
  const sources = isCovered(answer) ? by(answer) : "";
  return {
    verdict: together(size, whose),
    besides: sources && filled(_("Sources: {sources}."), { sources }),
    message: joined([
      { text: invented(pack), room: COUNT_ROOM },
      namePart(row.name || row.code || row.id),
      { text: filled(_("{ha} ha"), { ha: hectares(row.area_ha || 0) }), room: COUNT_ROOM },
      ...lands.slice(0, NAMED).filter(({ row: land }) => land.name).map(({ row: land }) => namePart(land.name)),
      ...incidentParts(found, near, AREA_KM),
      sourcePart(at(pack, "concessions", lat, lon)),
    ]),
    attacks: attacks(pack, found, { lat, lon, km: AREA_KM }),
  };
}

function hectares(value) {
  return number(value, value > 0 && value < SMALL_HA ? 1 : 0);
}
