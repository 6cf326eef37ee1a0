/** What a map says where it shows nothing of a layer; as `app.answers.coverage.coverage_text`. */

import { _, asOf, current, filled, listed, ngettext, number, percent } from "../text/i18n.js";
import { plain } from "../text/markup.js";
import { isCovered, isWhole, mayLieHere } from "./coverage.js";

const NAMED = 4; // publishers in a sentence

/** Name what a layer holds, many of them, in the middle of a sentence. */
export function kinds(layer) {
  const names = {
    concessions: _("concessions"),
    communities: _("community lands"),
    protected_areas: _("protected areas"),
    incidents: _("attacks or conflicts"),
    attacks: _("attacks"),
    conflicts: _("conflicts"),
  };
  return names[layer] || layer;
}

/** Name the sources of some answers, each with the day that it stands for. */
export function by(...answers) {
  return named(answers.flatMap((answer) => answer.sources));
}

function named(sources) {
  const latest = new Map();
  const inOrder = [...sources].sort((one, other) => (one.snapshot_on < other.snapshot_on ? -1 : one.snapshot_on > other.snapshot_on ? 1 : 0));
  for (const source of inOrder) latest.set(source.publisher || source.title || source.source_id, source);
  const told = [...latest].map(([name, source]) => `${plain(name)}, ${asOf(source.as_of)}`);
  const more = told.length - NAMED;
  const rest = more > 0 ? [filled(ngettext("{n} more", "{n} more", more), { n: number(more) })] : [];
  return [...told.slice(0, NAMED), ...rest].join("; ");
}

/** Say of which layers a place has no data, and of which it is not known; nothing if all are covered. */
export function unanswered(answers) {
  const texts = [
    ["no_data", _("This map has no data on {kinds} here.")],
    ["not_known", _("It is not known whether there are {kinds} here: no source states that it covers this place.")],
  ];
  const told = [];
  const every = answers.flatMap((answer) => answer.parts || [answer]);
  for (const [verdict, text] of texts) {
    const layers = every.filter((answer) => answer.verdict === verdict).map((answer) => kinds(answer.layer));
    if (layers.length) told.push(filled(text, { kinds: listed(layers, "disjunction") }));
  }
  return told.join(" ");
}

/**
 * Say that nothing of a layer was found, as far as that can be said; of incidents kind by kind, and never of a kind of
 * which records without an exact place may lie there: how many these are is said after it.
 */
export function none(answer) {
  if (answer.parts) {
    const covered = answer.parts.filter(isCovered);
    const said = covered.map((part) => (mayLieHere(answer.unplaced, part.layer) ? partly(part) : none(part)));
    const open = unanswered(answer.parts.filter((part) => !isCovered(part)));
    return [open, ...said, unplacedText(answer.unplaced)].filter(Boolean).join(" ");
  }
  if (!isCovered(answer)) return unanswered([answer]);
  const told = { kinds: kinds(answer.layer), source: by(answer), share: percent(answer.share, 0) };
  if (isWhole(answer)) return filled(_("No {kinds} on record here ({source})."), told);
  return filled(
    _("This map has data on {share} of this area ({source}), with no {kinds} on record there. It has no data on the rest."),
    told,
  );
}

/** Say how many records without an exact place may lie in an area; nothing if there are none. */
export function unplacedText(unplaced) {
  const records = unplacedParts(unplaced);
  if (!records.length) return "";
  return filled(_("Recorded without an exact place; they may have happened here: {records}."), { records: records.join("; ") });
}

/** Return the records known only by their region for an SMS, each with the length of the names in it. */
export function unplacedRegions(unplaced) {
  const place = placeNames(unplaced, "region").join(" / ");
  const texts = unplacedOf(unplaced, "region").map((records) => filled(_("{records} somewhere in {place}"), { records, place }));
  return texts.map((text) => ({ text, size: place.length }));
}

function placeNames(unplaced, known) {
  return unplaced.filter((row) => row.known_by === known).map((row) => row.name[current()]);
}

function unplacedOf(unplaced, known) {
  const rows = unplaced.filter((row) => row.known_by === known);
  const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
  return recordsOf(sum("attacks"), sum("killings"), sum("conflicts"));
}

function unplacedParts(unplaced) {
  const texts = [
    ["region", _("{records} somewhere in {place}")],
    ["country", _("{records} in {place}, region not known")],
    ["nowhere", _("{records}, place not known")],
  ];
  return texts.flatMap(([known, text]) => {
    const place = listed(placeNames(unplaced, known), "disjunction");
    return unplacedOf(unplaced, known).map((records) => filled(text, { records, place }));
  });
}

function recordsOf(attacks, killings, conflicts) {
  const told = [];
  if (attacks && attacks === killings) told.push(filled(ngettext("{n} killing", "{n} killings", attacks), { n: number(attacks) }));
  else if (attacks) told.push(filled(ngettext("{n} attack", "{n} attacks", attacks), { n: number(attacks) }));
  if (conflicts) told.push(filled(ngettext("{n} conflict", "{n} conflicts", conflicts), { n: number(conflicts) }));
  return told;
}

/** Say beside what was found that only a part of an area is covered, or none, and what may lie there; nothing if it is whole. */
export function partly(answer) {
  if (answer.parts) return [...answer.parts.map(partly), unplacedText(answer.unplaced)].filter(Boolean).join(" ");
  if (isWhole(answer)) return "";
  const told = { kinds: kinds(answer.layer), share: percent(answer.share, 0) };
  if (!isCovered(answer)) return filled(_("It is not known whether there are more {kinds} here: no source states that it covers this place."), told);
  return filled(_("This map has data on {kinds} for only {share} of this area."), told);
}
