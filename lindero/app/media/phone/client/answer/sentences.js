/** What is on record at a place, in sentences that can be read aloud, and in one that an SMS holds; as `app.answers.place.place_report`. */

import { _, date, distance, filled, listed, ngettext, number, percent, substances, titled, when, word } from "../text/i18n.js";
import { plain } from "../text/markup.js";
import { joined } from "../text/sms.js";
import { isCovered, isWhole } from "./coverage.js";
import { by, kinds, unanswered, unplacedRegions } from "./coverage_text.js";

const NAMED = 3;
export const COUNT_ROOM = 24; // letters reserved in an SMS in every language, beside names; as `place_report`
const PHRASE_ROOM = 38;
const GAP_ROOM = 80;
export const KNOWN_PLACE = new Set(["exact", "locality"]);
const GROUND = ["concessions", "communities", "protected_areas"];

/**
 * Say in one sentence how many concessions lie at a place and on whose land; then who holds them, and by which sources.
 *
 * That the map cannot say whether there are concessions or whose land it is, is part of the finding: it is no "none".
 * @param {Record<string, any>[]} found what `near` found
 * @param {Record<string, {titles: number, share: number | null}>} lands of communities by id
 * @param {Record<string, import("./coverage.js").Answer>} answers
 * @returns {{finding: string, besides: string}}
 */
export function ground(found, lands, answers) {
  const here = found.filter((row) => row.distance_m === 0);
  const [titles, communities, areas] = GROUND.map((layer) => here.filter((row) => row.layer === layer));
  const asked = GROUND.map((layer) => answers[layer]);
  const whose = isCovered(answers.communities) ? land(communities, lands) : "";
  const inside = isCovered(answers.protected_areas) ? area(areas) : "";
  const count = isCovered(answers.concessions) ? title(titles) : "";
  const isOne = titles.length && communities.length && count && whose;
  const said = isOne ? `${count}, ${whose}` : together(count, lies(whose));
  const sources = by(...asked.filter(isCovered));
  const according = sources && filled(_("Sources: {sources}."), { sources });
  return {
    finding: together(said, unanswered(asked.slice(0, 2))),
    besides: together(holders(titles), inside, according, unanswered(asked.slice(2))),
  };
}

function lies(rest) {
  return rest && filled(_("This place is {rest}"), { rest });
}

/** Join sentences, each with its full stop, which a name at its end may bring along. */
export function together(...sentences) {
  return sentences.filter(Boolean).map((said) => (said.endsWith(".") ? said : `${said}.`)).join(" ");
}

function title(titles) {
  if (!titles.length) return _("No concession is recorded here");
  const text = ngettext("{n} concession covers this place", "{n} concessions cover this place", titles.length);
  return filled(text, { n: number(titles.length) });
}

function holders(titles) {
  const known = [...new Set(titles.map((row) => row.holder).filter(Boolean))];
  return known.length ? filled(ngettext("Holder: {names}", "Holders: {names}", known.length), { names: names(known) }) : "";
}

function land(communities, lands) {
  if (!communities.length) return _("outside all recorded community land");
  const named = names(communities.map((row) => row.name)) || _("a community without a name");
  const text = filled(ngettext("on the land of {names}", "on the lands of {names}", communities.length), { names: named });
  const own = communities.length === 1 ? lands[communities[0].id] : undefined;
  if (!own || !own.titles || own.share === null) return text;
  return filled(_("{land} ({share} of that land is under concession)"), { land: text, share: percent(own.share, 0) });
}

function area(areas) {
  if (!areas.length) return _("This place is not in a recorded protected area");
  const named = names(areas.map((row) => row.name)) || _("without a name");
  const text = ngettext("This place is in the protected area {names}", "This place is in the protected areas {names}", areas.length);
  return filled(text, { names: named });
}

/** Name at most `NAMED`, and say how many more there are. */
function names(every) {
  const known = [...new Set(every.filter(Boolean).map(plain))];
  const more = known.length - NAMED;
  const rest = more > 0 ? [filled(ngettext("{n} more", "{n} more", more), { n: number(more) })] : [];
  return listed([...known.slice(0, NAMED), ...rest]);
}

/** Tell a concession: who holds it, for what, in what state, since when. */
export function concession(row) {
  const told = {
    name: nameOf(row),
    holder: row.holder ? plain(row.holder) : _("name not recorded"),
    kind: word(row.kind),
    substance: row.substance ? plain(substances(row.substance)) : _("substance not recorded"),
    status: row.status === "unknown" ? _("status not known") : word(row.status),
    ha: isKnown(row.area_ha) ? number(row.area_ha) : "?",
  };
  const text = filled(_("**{name}** ({kind}; {substance}), holder: {holder}; {status}, {ha} ha."), told);
  if (!row.granted_on && !row.applied_on) return text;
  const dated = row.granted_on ? _("Granted on {date}.") : _("Applied for on {date}.");
  return `${text} ${filled(dated, { date: date(row.granted_on || row.applied_on) })}`;
}

/** Tell a protected area: its designation and zone. */
export function protectedArea(row) {
  const what = row.designation ? plain(row.designation) : word("protected_areas");
  return filled(_("**{name}** ({what})"), { name: nameOf(row), what });
}

/** Name what lies near a place, with its distance and direction. */
export function atDistance(row) {
  const far = distance(row.distance_m, row.boundary_accuracy_m);
  const told = { name: nameOf(row), distance: far, where: word(row.direction) };
  return filled(_("**{name}** {distance} ({where})"), told);
}

/** Say how many of a list of incidents are within a distance for certain, and how many may be; as `near_incidents`. */
export function nearSummary(rows, km) {
  const certain = rows.filter((row) => row.nearness === "certain").length;
  const told = { certain: number(certain), possible: number(rows.length - certain), km };
  if (certain === rows.length) return filled(_("{certain} certainly within {km} km."), told);
  const text = certain
    ? _("{certain} certainly within {km} km; {possible} possibly: only an area is known or published of them, and not all of it is within that distance.")
    : _("{possible} possibly within {km} km: only an area is known or published of them, and not all of it is within that distance.");
  return filled(text, told);
}

/** Describe an attack or a conflict: title, date and place, as precisely as they are published; as `format_incident`. */
export function incident(row) {
  const told = { title: plain(titled(row.title)), date: when(row.occurred_on, row.date_precision) };
  if (KNOWN_PLACE.has(row.location_precision)) {
    const area = word(row.location_precision);
    return filled(_("**{title}**, {date}, {distance} away ({area})"), { ...told, distance: distance(row.distance_m), area });
  }
  return filled(_("**{title}**, {date}: {where}"), { ...told, where: plain(incidentArea(row)) });
}

function areaName(row) {
  const text = row.location_precision === "district" ? _("in the district of {name}") : _("in the province of {name}");
  return filled(text, { name: row.area_name });
}

/** Describe the district or province that an incident is known by; as `incident_area_text`. */
function incidentArea(row) {
  const ends = { near: distance(row.distance_m), far: distance(row.area_far_m) };
  const isDistrict = row.location_precision === "district";
  if (row.area_name) {
    const where = areaName(row);
    return filled(row.distance_m > 0 ? _("{where}, between {near} and {far} away") : _("{where}, which reaches here"), { where, ...ends });
  }
  const text = isDistrict
    ? _("the centre of its district is {distance}; the extent of the district is not on this map")
    : _("the centre of its province is {distance}; the extent of the province is not on this map");
  return filled(text, { distance: filled(row.distance_m > 0 ? _("between {near} and {far} away") : _("up to {far} away"), ends) });
}

/**
 * Write what is here for one SMS: the place by its name, what lies on it, who holds it, whose land, by whom; as `format_sms`.
 *
 * What the map has no data of is said so, and never as 0.
 */
export function message(found, place, lands, answers, mark, km) {
  const here = found.filter((row) => row.distance_m === 0);
  const of = (layer) => here.filter((row) => row.layer === layer);
  const [titles, communities] = [of("concessions"), of("communities")];
  const holders = [...new Set(titles.map((row) => row.holder).filter(Boolean))].slice(0, NAMED);
  return joined([
    { text: mark, room: COUNT_ROOM },
    namePart(place),
    countPart(ngettext("{n} concession", "{n} concessions", titles.length), titles.length, answers.concessions),
    ...holders.map(namePart),
    countPart(ngettext("{n} community", "{n} communities", communities.length), communities.length, answers.communities),
    ...communities.filter((row) => row.name).map((row) => namePart(withShare(row, lands[row.id]))),
    ...incidentParts(found.filter((row) => row.layer === "incidents"), answers.incidents, km),
    sourcePart(answers.concessions),
  ]);
}

/** Return the mark of invented data, which comes first in an SMS; as `app.answers.invented`. */
export function invented(pack) {
  return pack.invented ? _("Invented data") : "";
}

/** Return a name as a part of an SMS: its text, and the letters reserved for it in every language. */
export function namePart(text) {
  return { text, room: [...text].length };
}

/** Return the recorded attacks, then the conflicts, as parts of an SMS; as `incident_parts`. */
export function incidentParts(rows, answer, km) {
  const regions = unplacedRegions(answer.unplaced);
  if (!rows.length && !regions.length) {
    const text = _("{n} attacks or conflicts within {km} km").replace("{km}", number(km));
    return [{ text: counted(text, 0, answer), room: isWhole(answer) ? PHRASE_ROOM : GAP_ROOM }];
  }
  return [...countIncidents(rows, km), ...regions].map(({ text, size }) => ({ text, room: PHRASE_ROOM + size }));
}

/** Count attacks, then conflicts, by what is known of their distance; as `count_incidents`. */
function countIncidents(rows, km) {
  return [true, false].flatMap((isAttack) => {
    const kind = rows.filter((row) => Boolean(row.acts) === isAttack);
    const unnamed = (nearness) => kind.filter((row) => !row.area_name && row.nearness === nearness);
    const told = (text, some) => (some.length ? [{ text: filled(text, { count: kindCount(some.length, isAttack), km: number(km) }), size: 0 }] : []);
    /** @type {Map<string, any[]>} */
    const areas = new Map();
    for (const row of kind.filter((one) => one.area_name)) {
      const where = areaName(row);
      areas.set(where, [...(areas.get(where) || []), row]);
    }
    return [
      ...told(_("{count} within {km} km"), unnamed("certain")),
      ...[...areas].map(([where, some]) => ({ text: `${kindCount(some.length, isAttack)} ${where}`, size: [...some[0].area_name].length })),
      ...told(_("perhaps {count} within {km} km"), unnamed("possible")),
    ];
  });
}

function kindCount(count, isAttack) {
  const text = isAttack ? ngettext("{n} attack", "{n} attacks", count) : ngettext("{n} conflict", "{n} conflicts", count);
  return filled(text, { n: number(count) });
}

/** Return the register and the date of its data as a part of an SMS; as `source_part`. */
export function sourcePart(answer) {
  if (!isCovered(answer) || !answer.sources.length) return { text: "", room: 0 };
  const latest = answer.sources.reduce((one, other) => (other.snapshot_on > one.snapshot_on ? other : one));
  return namePart([latest.publisher || latest.title || latest.source_id, latest.as_of].filter(Boolean).join(" "));
}

function countPart(text, count, answer) {
  return { text: counted(text, count, answer), room: count || isWhole(answer) ? COUNT_ROOM : GAP_ROOM };
}

function withShare(row, own) {
  return own && own.share !== null ? `${row.name} ${percent(own.share, 0)}` : row.name;
}

/** Give a count; where there is none and the map cannot know that, say so instead of 0. */
function counted(text, count, answer) {
  if (count || isWhole(answer)) return filled(text, { n: count });
  const told = { kinds: kinds(answer.layer), share: percent(answer.share, 0) };
  if (isCovered(answer)) return filled(_("{kinds}: none recorded in {share}, no data on the rest"), told);
  return filled(answer.verdict === "no_data" ? _("{kinds}: no data here") : _("{kinds}: not known here"), told);
}

function nameOf(row) {
  return row.name ? plain(row.name) : _("without a name");
}

function isKnown(value) {
  return value !== null && value !== undefined && value !== "";
}
