/** The page of a pack: who speaks, what is asked, what is shown. */

import { packOf } from "../data/decode.js";
import { findPlace } from "../place/search.js";
import { choice, question, unknown } from "../place/place_text.js";
import { _, date, filled, ngettext, number, use, word } from "../text/i18n.js";
import { answerPanel } from "./answer_panel.js";
import { el, fill, list, sentence } from "./dom.js";
import { hatched } from "./hatching.js";
import { card, holderCard, lists } from "./lists.js";
import { PocketMap } from "./map.js";

const KM = [5, 10, 25];
const DAY_MS = 86400000;
const YEAR_DAYS = 365;

const data = document.getElementById("data");
const pack = packOf(data.textContent.trim(), Number(data.dataset.size));
const state = { language: preferred(), km: 10, place: null };
/** @type {PocketMap} */
let map;
let parts;

pack.places = [...rowsByName(), ...pack.places].map((place) => ({ ...place, longitude: place.at[0], latitude: place.at[1] }));
build();

function preferred() {
  const asked = (navigator.languages || []).map((one) => one.slice(0, 2));
  return asked.find((one) => Object.hasOwn(pack.words, one)) || Object.keys(pack.words)[0];
}

/** Give what the map holds by name, for the search. */
function rowsByName() {
  const kind = { communities: (row) => row.type || "communities", protected_areas: () => "protected_area", concessions: () => "concession" };
  return Object.entries(kind).flatMap(([layer, kindOf]) =>
    (pack.layers[layer] || []).filter((row) => row.name).map((row) => ({ name: row.name, kind: kindOf(row), around: "", layer, code: row.code || "", id: row.id, at: row.at, box: row.shape.box })),
  );
}

/** Make the page anew, in the language spoken. */
function build() {
  use(state.language, pack.words[state.language]);
  document.documentElement.lang = state.language;
  document.title = filled(_("Pocket map: {name}"), { name: pack.name });
  parts = { answer: el("section", { "aria-live": "polite", "aria-labelledby": "answer-title" }), card: el("section"), choices: el("div", { role: "status" }), canvas: canvas() };
  fill(document.getElementById("app"), header(), el("main", { id: "main" }, ask(), figure(), parts.answer, parts.card, ...sections()), footer());
  map = new PocketMap(parts.canvas, pack, (lat, lon) => show({ latitude: lat, longitude: lon }));
  if (state.place) show(state.place, { isQuiet: true });
}

function header() {
  const languages = Object.keys(pack.words).map((code) =>
    el("button", { type: "button", lang: code, "aria-pressed": String(code === state.language), click: () => { state.language = code; build(); } }, pack.words[code].name),
  );
  return el("header", {}, el("nav", { "aria-label": _("Language") }, ...languages), ...ages(), el("h1", {}, document.title), finding(), about(),
    pack.invented && el("p", { class: "warning" }, _("Invented data: this map is a demonstration. What is marked as invented is no claim about the world.")));
}

/** Begin with what there is to say of the community that the map is of. */
function finding() {
  const told = pack.kind === "community" && pack.told[state.language].communities[pack.id];
  return told && sentence("p", told.about, { class: "finding" });
}

/** Say first, if the map is older than a year, that it is. */
function ages() {
  const day = pack.data_on || pack.made_on;
  const days = Math.floor((Date.now() - Date.parse(day)) / DAY_MS);
  if (days <= YEAR_DAYS) return [];
  const text = pack.data_on
    ? _("This map is old: its data are of {date}, {n} days ago. What has changed since is not on it: ask for a newer one.")
    : _("This map is old: it was made on {date}, {n} days ago. What has changed since is not on it: ask for a newer one.");
  return [el("p", { class: "warning", id: "old" }, filled(text, { date: date(day), n: number(days) }))];
}

function about() {
  const days = pack.data_on ? Math.max(Math.floor((Date.now() - Date.parse(pack.data_on)) / DAY_MS), 0) : 0;
  const old = filled(ngettext("{n} day old today", "{n} days old today", days), { n: number(days) });
  const what = pack.kind === "community" ? _("all that was published within {km} km of its land") : _("all that was published on its ground and within {km} km");
  const text = pack.data_on
    ? _("Data of {date}, {old}; made on {made}. It holds {what}, and works without a network: nothing that you ask leaves this device.")
    : _("Of what day the concessions' data are is not stated; made on {made}. It holds {what}, and works without a network: nothing that you ask leaves this device.");
  return el("p", {}, filled(text, { date: pack.data_on ? date(pack.data_on) : "", old, made: date(pack.made_on), what: filled(what, { km: pack.around_km }) }));
}

function canvas() {
  return el("canvas", { class: "map", tabindex: "0", role: "img", "aria-label": _("Map. Everything on it is also in the lists of this page.") });
}

function ask() {
  const input = el("input", { type: "text", id: "place", autocomplete: "off", autocapitalize: "words", spellcheck: "false" });
  // No form: a sandboxed frame submits none, and tells nobody.
  input.addEventListener("keydown", (event) => event.key === "Enter" && look(input.value.trim()));
  return el("div", { role: "search" },
    el("label", { for: "place" }, _("A place, a position, a plus code or a link to a map")),
    el("p", { class: "row" }, input, el("button", { type: "button", click: () => look(input.value.trim()) }, _("Ask"))),
    el("p", { class: "row" }, device(), el("label", { for: "km" }, _("Look around, in kilometres")), distances()),
    parts.choices, el("p", { class: "note", id: "hint" }, _("Press the map, or write for example a community's name, -6.9117, -78.2551 or 17M 803000 9235000.")));
}

function distances() {
  return el("select", { id: "km", change: (event) => { state.km = Number(event.target.value); if (state.place) show(state.place, { isQuiet: true }); } },
    ...KM.map((km) => el("option", { value: km, selected: km === state.km }, String(km))));
}

/** Ask the device where it is, where the browser lets a page do so; else say how to type it. */
function device() {
  const typed = () => fill(parts.choices, el("p", {}, _("This page cannot ask your phone where it is. Open its map or compass, and type what it shows, for example -6.9117, -78.2551 or 17M 803000 9235000.")));
  const found = ({ coords }) => show({ latitude: coords.latitude, longitude: coords.longitude });
  const press = () => {
    if (!window.isSecureContext || !navigator.geolocation) typed();
    else navigator.geolocation.getCurrentPosition(found, typed, { enableHighAccuracy: true, timeout: 20000 });
  };
  return el("button", { type: "button", click: press }, _("Where am I?"));
}

/** Look for what was written: answer, or ask which place is meant, or say why it is none. */
function look(text) {
  if (!text) return;
  const meant = findPlace(text, pack);
  if (meant.is === "found") {
    fill(parts.choices);
    show(meant.choices[0]);
  } else if (meant.is === "unknown") fill(parts.choices, el("p", {}, unknown(meant.reason, text)));
  else {
    const choices = meant.choices.map((one) => el("button", { type: "button", click: () => { fill(parts.choices); show(one); } }, choice(one, pack)));
    fill(parts.choices, el("p", {}, question(meant.why, text)), list(choices));
  }
}

function show(place, { isQuiet = false } = {}) {
  state.place = place;
  map.mark(place.latitude, place.longitude, place.box);
  fill(parts.answer, ...answerPanel({ pack, place, km: state.km, language: state.language, open }));
  if (!isQuiet) document.getElementById("answer-title").focus();
}

/** Open the page of a row, or of a holder by its name. */
function open(layer, id) {
  const made = layer === "holder" ? holderCard(pack, id, open) : card(pack, layer, id, state.language, open);
  const row = (pack.layers[layer] || []).find((one) => one.id === id);
  const press = () => show({ ...row, around: "", doubts: [], kind: row.type || row.kind || layer, longitude: row.at[0], latitude: row.at[1], box: row.shape.box });
  const ask = row && layer !== "incidents" && el("p", {}, el("button", { type: "button", click: press }, _("Show on the map, and answer for a place on it")));
  fill(parts.card, ...made, ask);
  document.getElementById("card-title").focus();
}

function figure() {
  const buttons = [["+", _("Closer"), () => map.zoom(1.5)], ["−", _("Farther"), () => map.zoom(1 / 1.5)], ["⌂", _("Whole map"), () => map.home()]];
  return el("figure", {}, parts.canvas,
    el("p", { class: "zoom" }, ...buttons.map(([sign, name, click]) => el("button", { type: "button", "aria-label": name, title: name, click }, sign))),
    el("figcaption", {}, el("span", {}, _("One finger moves the page, two move the map. With keys: arrows, + and −; Enter asks for its middle.")), legend()));
}

/** Make the legend, which also hides and shows; only of what is on this map. */
function legend() {
  const seen = new Set(Object.entries(pack.layers).flatMap(([layer, rows]) => rows.map((row) => (layer === "concessions" ? row.kind : layer))));
  const shown = pack.styles.filter((style) => seen.has(style.code) || (style.code === "other" && (pack.layers.concessions || []).some((row) => !pack.styles.some((one) => one.by && one.code === row.kind))));
  return el("fieldset", {}, el("legend", {}, _("On the map")), ...shown.map((style) => {
    const box = el("input", { type: "checkbox", checked: true, id: `shown-${style.code}`, change: () => map.toggle(style.code, box.checked) });
    return el("label", { for: `shown-${style.code}` }, box, swatch(style), word(`class_${style.code}`));
  }));
}

function swatch(style) {
  const drawn = el("canvas", { width: 28, height: 16, "aria-hidden": "true" });
  const pen = drawn.getContext("2d");
  pen.fillStyle = hatched(style);
  pen.fillRect(0, 0, 28, 16);
  pen.strokeStyle = style.color;
  pen.setLineDash(style.layer === "incidents" ? [3, 3] : []);
  pen.strokeRect(1, 1, 26, 14);
  return drawn;
}

function sections() {
  const told = pack.told[state.language];
  return [
    el("section", {}, el("h2", {}, _("Everything on this map")), told.lacks && el("p", {}, told.lacks), ...lists(pack, open)),
    told.promises.length > 0 && el("section", {}, el("h2", {}, _("What binds the State here")), list(told.promises)),
    el("section", {}, el("h2", {}, _("Sources")), list(pack.sources.map((one) => el("span", {}, sourceOf(one))))),
    el("section", {}, el("h2", {}, _("What this map does not say")), list(told.limits), el("p", {}, exactness())),
  ].filter(Boolean);
}

function sourceOf(one) {
  const day = one.as_of ? filled(_("as of {date}"), { date: date(one.as_of) }) : _("date not stated");
  const licence = one.licence === "not stated" ? _("licence not stated") : one.licence;
  return [[word(one.layer), one.title === "Public record" ? _("Public record") : one.title].filter(Boolean).join(": "), one.publisher, day, licence].filter(Boolean).join(", ");
}

function exactness() {
  const text = pack.step < 1e-5 ? _("Outlines are kept to a decimetre, those of the background to a few hundred metres or more.") : _("Outlines are kept to a metre, those of the background to a few hundred metres or more.");
  return [text, _("Distances are to the metre, on the ellipsoid, to the nearest edge.")].join(" ");
}

function footer() {
  return el("footer", {}, sentence("p", _("Made with **Lindero**, free software. Background: Natural Earth, GeoNames, GSHHG.")));
}
