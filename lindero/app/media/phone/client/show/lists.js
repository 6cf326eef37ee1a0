/** Everything that the map holds, in lists with a filter; and the pages of one community, one title, one holder. */

import { _, date, filled, listed, ngettext, number, percent, titled, when, word } from "../text/i18n.js";
import { concession } from "../answer/sentences.js";
import { normalised } from "../place/names.js";
import { el, fill, list, sentence, table } from "./dom.js";

const AT_ONCE = 50;

/** Make the lists of all layers, each to be opened, narrowed by a text and, for titles, by state and kind. */
export function lists(pack, store, open) {
  const columns = {
    communities: [[_("Name"), (row) => row.name], [_("Kind"), (row) => word(row.type)], [_("Under concession"), (row) => shareOf(pack, row)]],
    concessions: [[_("Name"), (row) => row.name], [_("Holder"), (row) => row.holder], [_("Status"), (row) => word(row.status)], [_("Kind"), (row) => word(row.kind)], [_("Hectares"), (row) => hectares(row.area_ha)]],
    protected_areas: [[_("Name"), (row) => row.name], [_("Kind"), (row) => row.designation], [_("Hectares"), (row) => hectares(row.area_ha)]],
    mining_scars: [[_("When"), (row) => date(row.observed_on)], [_("Hectares"), (row) => hectares(row.mined_ha)]],
    incidents: [[_("When"), (row) => when(row.occurred_on, row.date_precision)], [_("What"), (row) => titled(row.title)], [_("Place precision"), (row) => word(row.location_precision)]],
  };
  return Object.entries(columns)
    .map(([layer, shown]) => ({ layer, shown, listing: store.list(layer) }))
    .filter(({ layer, listing }) => layer !== "mining_scars" || listing.all)
    .map(({ layer, shown, listing }) => listOf(listing, layer, shown, open));
}

function listOf(listing, layer, columns, open) {
  const place = el("div");
  const search = el("input", { type: "search", id: `search-${layer}`, autocomplete: "off", input: () => narrow() });
  const choices = layer === "concessions" ? ["status", "kind"].map((column) => chooser(listing, column, () => narrow())) : [];
  let most = AT_ONCE;
  const narrow = () => {
    const wanted = normalised(search.value);
    const isNarrowed = Boolean(wanted) || choices.some(({ select }) => select.value);
    const kept = listing.rows.filter((row) => {
      const isAlike = !wanted || [row.name, row.code, row.holder, row.title].some((one) => one && normalised(String(one)).includes(wanted));
      return isAlike && choices.every(({ column, select }) => !select.value || row[column] === select.value);
    });
    const seen = kept.slice(0, most).map((row) => columns.map(([, cell], at) => (at === firstLink(layer) ? link(row, cell(row), open) : cell(row) ?? "")));
    const more = kept.length > most ? () => narrow() : !listing.isWhole() && !isNarrowed && (() => reading(() => listing.more()));
    const rest = !listing.isWhole() && isNarrowed && (() => reading(() => whole(listing)));
    const told = filled(_("{shown} of {all}"), { shown: number(Math.min(most, kept.length)), all: number(listing.all) });
    fill(place, kept.length ? table(word(layer), columns.map(([heading]) => heading), seen) : listing.isWhole() && el("p", {}, _("Nothing on record here.")), el("p", { class: "note" }, told),
      more && el("button", { type: "button", click: () => { most += AT_ONCE; more(); } }, _("Show more")),
      rest && el("p", {}, filled(_("Searched {n} of {all}."), { n: number(listing.rows.length), all: number(listing.all) }), " ", el("button", { type: "button", click: rest }, _("Search the whole list"))));
  };
  const reading = (read) => read().then(narrow, () => fill(place, el("p", { class: "warning" }, _("A part of this map could not be read. If it is a copy, copy the whole folder again. If it comes from a server, try again."))));
  narrow();
  const filters = el("p", { class: "filters" }, el("label", { for: `search-${layer}` }, _("Search")), search, ...choices.flatMap(({ label, select }) => [label, select]));
  const begin = () => !listing.rows.length && !listing.isWhole() && reading(() => listing.more());
  return el("details", { toggle: begin }, el("summary", {}, `${word(layer)}: ${number(listing.all)}`), filters, place);
}

/** Read a list to its end. */
async function whole(listing) {
  while (!listing.isWhole()) await listing.more();
}

/** Make the table of what is counted and not shown. */
export function counted(store) {
  const listing = store.list("restricted_counts");
  if (!listing.all) return [el("p", {}, _("No numbers are shown here: there are no such records, or too few to show without harm."))];
  const place = el("div");
  const headings = [_("Department"), _("Province"), _("Year"), _("About")];
  const show = () => {
    const rows = listing.rows.map((row) => [row.department, row.province || _("its other provinces"), row.year ? String(row.year) : _("not known"), number(row.count)]);
    const sum = listing.rows.reduce((all, row) => all + row.count, 0);
    fill(place, table(_("Counted only"), headings, rows), el("p", {}, [_("Together about"), number(sum)].join(": ")));
  };
  const begin = () => !listing.rows.length && whole(listing).then(show);
  return [
    el("p", {}, _("Partners know these records, which may only be counted: by province and year, in groups of at least 5, rounded. Smaller groups are counted with the rest of the region, or not at all. No number here is exact.")),
    el("details", { toggle: begin }, el("summary", {}, filled(ngettext("{n} number", "{n} numbers", listing.all), { n: number(listing.all) })), place),
  ];
}

function firstLink(layer) {
  return layer === "incidents" ? 1 : 0;
}

function chooser(listing, column, changed) {
  const values = listing.values(column);
  const id = `only-${column}`;
  const select = el("select", { id, change: changed }, el("option", { value: "" }, _("all")), ...values.map((one) => el("option", { value: one }, word(one))));
  return { column, select, label: el("label", { for: id }, column === "status" ? _("Status") : _("Kind")) };
}

function link(row, text, open) {
  return el("button", { type: "button", class: "link", click: () => open(row.layer, row.id) }, text || _("without a name"));
}

/** Make the page of one row: a community, a title, a protected area or an attack. */
export function card(pack, row, language, open) {
  const made = { communities: communityCard, concessions: titleCard }[row.layer] || plainCard;
  return made(pack, row, language, open);
}

function communityCard(pack, row, language, open) {
  const told = pack.told[language].communities[row.id];
  const pairs = pack.overlaps.filter((pair) => pair.right_id === row.id);
  return [
    heading(row),
    sentence("p", told.about),
    pairs.length > 0 && el("h3", {}, _("Concessions on its land")),
    pairs.length > 0 && overlapTable(pack, pairs, "left_id", "concessions", open),
    el("h3", {}, _("Was the community consulted?")),
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
    row.holder && el("p", {}, el("button", { type: "button", class: "link", click: () => open("holder", row.holder) }, filled(_("All concessions of {holder}"), { holder: row.holder }))),
    pairs.length > 0 && el("h3", {}, _("Whose land it is on")),
    pairs.length > 0 && overlapTable(pack, pairs, "right_id", "communities", open),
  ].filter(Boolean);
}

function plainCard(pack, row) {
  const told = [
    row.designation,
    row.zone && word(row.zone),
    row.occurred_on && when(row.occurred_on, row.date_precision),
    row.acts && listed(row.acts.map(word)),
    row.location_precision && filled(_("precision of the location: {area}"), { area: word(row.location_precision) }),
    row.established_on && date(row.established_on),
    row.area_ha && filled(_("{n} ha"), { n: hectares(row.area_ha) }),
    row.sources,
  ];
  return [heading(row), list(told.filter(Boolean).map((one) => el("span", {}, String(one))))];
}

/** Make the page of a holder, by the name as the register writes it: its titles on this map. */
export function holderCard({ titles, lands }, holder, open) {
  const sum = titles.reduce((all, row) => all + (row.area_ha || 0), 0);
  const text = ngettext("{n} concession on this pocket map, {ha} ha added up.", "{n} concessions on this pocket map, {ha} ha added up.", titles.length);
  return [
    el("h2", { tabindex: "-1", id: "card-title" }, holder),
    el("p", {}, filled(text, { n: number(titles.length), ha: hectares(sum) }), " ", _("It may have others elsewhere, or under another spelling.")),
    table(holder, [_("Name"), _("Status"), _("Hectares")], titles.map((row) => [link(row, row.name, open), word(row.status), hectares(row.area_ha)])),
    lands.length > 0 && el("h3", {}, _("Whose land they are on")),
    lands.length > 0 && list(lands.map((row) => link(row, row.name, open))),
  ].filter(Boolean);
}

function overlapTable(pack, pairs, side, layer, open) {
  const rows = new Map([...(pack.known || []), ...(pack.layers[layer] || []).map((row) => [row.id, row])]);
  const known = pairs.filter((pair) => rows.has(pair[side]));
  const cells = known.map((pair) => {
    const row = rows.get(pair[side]);
    const about = layer === "concessions" ? [row.holder || _("name not recorded"), word(row.status)] : [];
    return [link(row, row.name, open), ...about, number(pair.area_ha, 1), word(pair.certainty)];
  });
  const about = layer === "concessions" ? [_("Holder"), _("Status")] : [];
  const beyond = pairs.length - known.length;
  const text = ngettext("{n} more is outside this pocket map.", "{n} more are outside this pocket map.", beyond);
  const made = table(word(layer), [_("Name"), ...about, _("Hectares shared"), _("How sure")], cells);
  return beyond ? el("div", {}, made, el("p", { class: "note" }, filled(text, { n: number(beyond) }))) : made;
}

function heading(row) {
  return el("h2", { tabindex: "-1", id: "card-title" }, row.name || titled(row.title) || _("without a name"));
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
