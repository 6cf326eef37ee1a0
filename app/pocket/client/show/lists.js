/** Everything that the map holds, in lists with a filter; and the pages of one community, one title, one holder. */

import { _, date, filled, ngettext, number, percent, when, word } from "../text/i18n.js";
import { concession } from "../answer/sentences.js";
import { normalised } from "../place/names.js";
import { el, fill, list, sentence, table } from "./dom.js";

const AT_ONCE = 50;

/** Make the lists of all layers, each to be opened, narrowed by a text and, for titles, by state and kind. */
export function lists(pack, open) {
  const columns = {
    communities: [[_("Name"), (row) => row.name], [_("Kind"), (row) => word(row.type)], [_("Under concession"), (row) => shareOf(pack, row)]],
    concessions: [[_("Name"), (row) => row.name], [_("Holder"), (row) => row.holder], [_("Status"), (row) => word(row.status)], [_("Kind"), (row) => word(row.kind)], [_("Hectares"), (row) => hectares(row.area_ha)]],
    protected_areas: [[_("Name"), (row) => row.name], [_("Kind"), (row) => row.designation], [_("Hectares"), (row) => hectares(row.area_ha)]],
    incidents: [[_("When"), (row) => when(row.occurred_on, row.date_precision)], [_("What"), (row) => row.title], [_("Where it is"), (row) => word(row.location_precision)]],
  };
  return Object.entries(columns).map(([layer, shown]) => listOf(pack.layers[layer] || [], layer, shown, open));
}

function listOf(rows, layer, columns, open) {
  const place = el("div");
  const search = el("input", { type: "search", id: `search-${layer}`, autocomplete: "off", input: () => narrow() });
  const choices = layer === "concessions" ? ["status", "kind"].map((column) => chooser(rows, column, () => narrow())) : [];
  let most = AT_ONCE;
  const narrow = () => {
    const wanted = normalised(search.value);
    const kept = rows.filter((row) => {
      const isAlike = !wanted || [row.name, row.code, row.holder, row.title].some((one) => one && normalised(String(one)).includes(wanted));
      return isAlike && choices.every(({ column, select }) => !select.value || row[column] === select.value);
    });
    const seen = kept.slice(0, most).map((row) => columns.map(([, cell], at) => (at === firstLink(layer) ? link(row, cell(row), open) : cell(row) ?? "")));
    const more = kept.length > most && el("button", { type: "button", click: () => { most += AT_ONCE; narrow(); } }, _("Show more"));
    const told = filled(_("{shown} of {all}"), { shown: number(Math.min(most, kept.length)), all: number(rows.length) });
    fill(place, kept.length ? table(word(layer), columns.map(([heading]) => heading), seen) : el("p", {}, _("Nothing on record here.")), el("p", { class: "note" }, told), more);
  };
  narrow();
  const filters = el("p", { class: "filters" }, el("label", { for: `search-${layer}` }, _("Search")), search, ...choices.flatMap(({ label, select }) => [label, select]));
  return el("details", {}, el("summary", {}, `${word(layer)}: ${number(rows.length)}`), filters, place);
}

function firstLink(layer) {
  return layer === "incidents" ? 1 : 0;
}

function chooser(rows, column, changed) {
  const values = [...new Set(rows.map((row) => row[column]).filter(Boolean))].sort();
  const id = `only-${column}`;
  const select = el("select", { id, change: changed }, el("option", { value: "" }, _("all")), ...values.map((one) => el("option", { value: one }, word(one))));
  return { column, select, label: el("label", { for: id }, column === "status" ? _("Status") : _("Kind")) };
}

function link(row, text, open) {
  return el("button", { type: "button", class: "link", click: () => open(row.layer, row.id) }, text || _("without a name"));
}

/** Make the page of one row: a community, a title, a protected area or an attack. */
export function card(pack, layer, id, language, open) {
  const row = (pack.layers[layer] || []).find((one) => one.id === id);
  if (!row) return [];
  const made = { communities: communityCard, concessions: titleCard }[layer] || plainCard;
  return made(pack, row, language, open);
}

function communityCard(pack, row, language, open) {
  const told = pack.told[language].communities[row.id];
  const pairs = pack.overlaps.filter((pair) => pair.right_id === row.id);
  return [
    heading(row),
    sentence("p", told.about),
    pairs.length > 0 && el("h3", {}, _("Titles on its land")),
    pairs.length > 0 && overlapTable(pack, pairs, "left_id", "concessions", open),
    el("h3", {}, _("Was the community asked?")),
    list(told.asked),
  ].filter(Boolean);
}

function titleCard(pack, row, language, open) {
  const pairs = pack.overlaps.filter((pair) => pair.left_id === row.id);
  const code = row.code && row.code !== row.name ? filled(_("Code in the register: {code}"), { code: row.code }) : "";
  return [
    heading(row),
    sentence("p", concession(row)),
    code && el("p", {}, code),
    row.holder && el("p", {}, el("button", { type: "button", class: "link", click: () => open("holder", row.holder) }, filled(_("All titles of {holder}"), { holder: row.holder }))),
    pairs.length > 0 && el("h3", {}, _("Whose land it lies on")),
    pairs.length > 0 && overlapTable(pack, pairs, "right_id", "communities", open),
  ].filter(Boolean);
}

function plainCard(pack, row) {
  const told = [
    row.designation,
    row.zone && word(row.zone),
    row.occurred_on && when(row.occurred_on, row.date_precision),
    row.location_precision && filled(_("known by its {area}"), { area: word(row.location_precision) }),
    row.established_on && date(row.established_on),
    row.area_ha && filled(_("{n} ha"), { n: hectares(row.area_ha) }),
    row.sources,
  ];
  return [heading(row), list(told.filter(Boolean).map((one) => el("span", {}, String(one))))];
}

/** Make the page of a holder, by the name as the register writes it: its titles on this map. */
export function holderCard(pack, holder, open) {
  const titles = (pack.layers.concessions || []).filter((row) => row.holder === holder);
  const ids = new Set(titles.map((row) => row.id));
  const touched = new Set(pack.overlaps.filter((pair) => ids.has(pair.left_id)).map((pair) => pair.right_id));
  const lands = (pack.layers.communities || []).filter((row) => touched.has(row.id));
  const sum = titles.reduce((all, row) => all + (row.area_ha || 0), 0);
  const text = ngettext("{n} concession on this pocket map, {ha} ha added up.", "{n} concessions on this pocket map, {ha} ha added up.", titles.length);
  return [
    el("h2", { tabindex: "-1", id: "card-title" }, holder),
    el("p", {}, filled(text, { n: number(titles.length), ha: hectares(sum) }), " ", _("It may hold others elsewhere, or under another spelling.")),
    table(holder, [_("Name"), _("Status"), _("Hectares")], titles.map((row) => [link(row, row.name, open), word(row.status), hectares(row.area_ha)])),
    lands.length > 0 && el("h3", {}, _("Whose land they lie on")),
    lands.length > 0 && list(lands.map((row) => link(row, row.name, open))),
  ].filter(Boolean);
}

function overlapTable(pack, pairs, side, layer, open) {
  const rows = new Map((pack.layers[layer] || []).map((row) => [row.id, row]));
  const known = pairs.filter((pair) => rows.has(pair[side]));
  const cells = known.map((pair) => {
    const row = rows.get(pair[side]);
    const about = layer === "concessions" ? [row.holder || _("nobody named"), word(row.status)] : [];
    return [link(row, row.name, open), ...about, number(pair.area_ha, 1), word(pair.certainty)];
  });
  const about = layer === "concessions" ? [_("Holder"), _("Status")] : [];
  const beyond = pairs.length - known.length;
  const text = ngettext("{n} more lies beyond this pocket map.", "{n} more lie beyond this pocket map.", beyond);
  const made = table(word(layer), [_("Name"), ...about, _("Hectares shared"), _("How sure")], cells);
  return beyond ? el("div", {}, made, el("p", { class: "note" }, filled(text, { n: number(beyond) }))) : made;
}

function heading(row) {
  return el("h2", { tabindex: "-1", id: "card-title" }, row.name || row.title || _("without a name"));
}

function shareOf(pack, row) {
  const land = pack.lands[row.id];
  if (!land) return "";
  if (land.titles && land.share !== null) return percent(land.share);
  return land.titles ? number(land.titles) : ""; // that nothing is there is said by its page, with what covers it
}

function hectares(value) {
  return value === undefined || value === null ? "?" : number(value);
}
