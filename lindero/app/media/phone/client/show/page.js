/** The page: who speaks, what is asked, what is shown. */

import { findPlace } from "../place/search.js";
import { choice, question, unknown } from "../place/place_text.js";
import { topicName, withTopics } from "../place/topics.js";
import { _, date, filled, ngettext, number, use, word } from "../text/i18n.js";
import { answerPanel } from "./answer_panel.js";
import { byId, el, fill, list, penOf, sentence } from "./dom.js";
import { hatched } from "./hatching.js";
import { card, counted, holderCard, lists } from "./lists.js";
import { PocketMap } from "./map.js";

const KM = [5, 10, 25];
const DAY_MS = 86400000;
const YEAR_DAYS = 365;

const state = { language: "", km: 25, place: null, asked: 0, isOwn: true };
let pack;
let store;
/** @type {PocketMap} */
let map;
let parts;

/**
 * Show a map.
 * @param {any} told the pack, or what a site's first page holds
 * @param {(onRead: () => void) => any} storeOf makes what rows are got from; `onRead` is called when more is there to draw
 */
export function start(told, storeOf) {
  pack = told;
  state.language = preferred();
  pack.places = pack.places.map(placed);
  store = storeOf(() => map && map.draw());
  build();
}

function preferred() {
  const asked = (navigator.languages || []).map((one) => one.slice(0, 2));
  return asked.find((one) => Object.hasOwn(pack.words, one)) || Object.keys(pack.words)[0];
}

function placed(place) {
  return { ...place, longitude: place.at[0], latitude: place.at[1] };
}

/** Make the page anew, in the language spoken. */
function build() {
  use(state.language, pack.words[state.language]);
  document.documentElement.lang = state.language;
  document.title = pack.kind === "map" ? pack.name : filled(_("Pocket map: {name}"), { name: pack.name });
  parts = { answer: el("section", { "aria-live": "polite", "aria-labelledby": "answer-title" }), card: el("section"), choices: el("div", { role: "status" }), canvas: canvas() };
  fill(byId("app"), header(), el("main", { id: "main" }, ask(), figure(), distances(), parts.answer, parts.card, ...sections()), footer());
  map = new PocketMap(parts.canvas, pack, store, (lat, lon) => show({ latitude: lat, longitude: lon }));
  map.choose(state.isOwn);
  if (state.place) show(state.place, { isQuiet: true });
}

function header() {
  const languages = Object.keys(pack.words).map((code) =>
    el("button", { type: "button", lang: code, "aria-pressed": String(code === state.language), click: () => { state.language = code; build(); } }, pack.words[code].name),
  );
  return el("header", {}, el("nav", { "aria-label": _("Language") }, ...languages), el("h1", {}, document.title), ...ages(), ...finding(), about(),
    pack.invented && el("p", { class: "warning" }, _("Invented data: this map is a demonstration. Nothing from its sources marked as invented is real.")));
}

/** Begin with what there is to say of the community that the map is of, or of a whole map. */
function finding() {
  const told = pack.told[state.language];
  const own = pack.kind === "community" && told.communities[pack.id];
  return [
    own && sentence("p", own.about, { class: "finding" }),
    told.finding && sentence("p", told.finding, { class: "finding verdict" }),
    told.besides && sentence("p", told.besides),
  ];
}

/** Say first, if the map is older than a year, that it is. */
function ages() {
  const day = pack.data_on || pack.made_on;
  const days = Math.floor((Date.now() - Date.parse(day)) / DAY_MS);
  if (days <= YEAR_DAYS) return [];
  const text = pack.data_on
    ? _("This map is old: its data is from {date}, {n} days ago. It does not show later changes. Ask for a newer one.")
    : _("This map is old: it was made on {date}, {n} days ago. It does not show later changes. Ask for a newer one.");
  return [el("p", { class: "warning", id: "old" }, filled(text, { date: date(day), n: number(days) }))];
}

function about() {
  const days = pack.data_on ? Math.max(Math.floor((Date.now() - Date.parse(pack.data_on)) / DAY_MS), 0) : 0;
  const old = filled(ngettext("{n} day old today", "{n} days old today", days), { n: number(days) });
  const text = pack.data_on
    ? _("Data from {date}, {old}; made on {made}. The map contains {what}.")
    : _("The date of the concessions' data is not stated; made on {made}. The map contains {what}.");
  const publishers = [...new Set(pack.sources.filter(({ layer }) => ["concessions", "communities"].includes(layer)).map((one) => one.publisher))];
  const told = filled(text, { date: pack.data_on ? date(pack.data_on) : "", old, made: date(pack.made_on), what: extent() });
  return el("p", { class: "note" }, [publishers.join("; "), told].filter(Boolean).join(". "));
}

function extent() {
  const texts = {
    community: _("everything published within {km} km of its land"),
    region: _("everything published in the region and within {km} km of it"),
    map: _("everything published"),
  };
  return filled(texts[pack.kind], { km: pack.around_km });
}

/** Say who learns what is asked: a pack's page tells nobody; a site's server sees which parts of it are read. */
function seen() {
  const isServed = pack.parts && location.protocol.startsWith("http");
  return isServed
    ? _("The server of this page can see which parts of the map you read, and so roughly where you are looking. A copy of the whole folder on your own device reveals this to nobody.")
    : _("This page works without a network: nothing that you ask leaves this device.");
}

function canvas() {
  return el("canvas", { class: "map", tabindex: "0", role: "img", "aria-label": _("Map. Everything on it is also in the lists of this page.") });
}

function ask() {
  const input = el("input", { type: "text", id: "place", autocomplete: "off", autocapitalize: "words", spellcheck: "false", placeholder: pack.example });
  // No form: a sandboxed frame submits none, and tells nobody.
  input.addEventListener("keydown", (event) => event.key === "Enter" && look(input.value.trim()));
  return el("div", { role: "search" },
    el("label", { for: "place" }, _("A place, a position, a plus code or a link to a map")),
    el("p", { class: "row" }, input, el("button", { type: "button", click: () => look(input.value.trim()) }, _("Ask")), device()),
    parts.choices, el("p", { class: "note" }, seen()));
}

function distances() {
  const choice = el("select", { id: "km", change: (event) => { state.km = Number(event.target.value); if (state.place) show(state.place, { isQuiet: true }); } },
    ...KM.map((km) => el("option", { value: km, selected: km === state.km }, String(km))));
  return el("p", { class: "filters" }, el("label", { for: "km" }, _("Distance around, in kilometres")), choice);
}

/** Ask the device where it is, where the browser lets a page do so; else say how to type it. */
function device() {
  const typed = () => fill(parts.choices, el("p", {}, _("This page cannot get the position of your phone. Open your phone's map or compass, and type what it shows, for example -6.9117, -78.2551 or 17M 803000 9235000.")));
  const found = ({ coords }) => show({ latitude: coords.latitude, longitude: coords.longitude });
  const press = () => {
    if (!window.isSecureContext || !navigator.geolocation) typed();
    else navigator.geolocation.getCurrentPosition(found, typed, { enableHighAccuracy: true, timeout: 20000 });
  };
  return el("button", { type: "button", click: press }, _("Where am I?"));
}

/** Look for what was written: answer, or ask which place is meant, or say why it is none. */
async function look(text) {
  if (!text) return;
  const asked = (state.asked += 1);
  const read = await reading(parts.choices, asked, async () => [(await store.names(text)).map(placed), await store.topics(text)]);
  if (!read) return;
  const [places, topics] = read;
  const meant = withTopics(findPlace(text, { ...pack, places }), topics);
  if (meant.is === "found") {
    fill(parts.choices);
    show(meant.choices[0]);
    return;
  }
  const pressed = (told, press) => el("button", { type: "button", click: () => { fill(parts.choices); press(); } }, told);
  const choices = meant.choices.map((one) => pressed(choice(one, pack), () => show(one)));
  const named = meant.topics.map((one) => pressed(topicName(one), () => open(one.kind === "case" ? "incidents" : "holder", one.id)));
  const said = meant.is === "unknown" ? unknown(meant.reason, text) : question(meant, text);
  fill(parts.choices, el("p", {}, said), list([...choices, ...named]));
}

/** Read parts, and say meanwhile that it is done, or that it cannot be; null if it cannot, or if something else was asked since. */
async function reading(element, asked, read) {
  const wait = setTimeout(() => asked === state.asked && fill(element, el("p", {}, _("Loading this part of the map …"))), 150);
  try {
    const found = await read();
    return asked === state.asked ? found : null;
  } catch {
    if (asked === state.asked) fill(element, el("p", { class: "warning" }, _("A part of this map could not be read. If it is a copy, copy the whole folder again. If it comes from a server, try again.")));
    return null;
  } finally {
    clearTimeout(wait);
  }
}

async function show(place, { isQuiet = false } = {}) {
  const asked = (state.asked += 1);
  state.place = place;
  map.mark(place.latitude, place.longitude, place.box);
  const read = await reading(parts.answer, asked, async () => {
    await store.around(place.latitude, place.longitude, state.km);
    await store.area(place.id);
    return true;
  });
  if (!read) return;
  fill(parts.answer, ...answerPanel({ pack, place, km: state.km, language: state.language, open }));
  if (!isQuiet) byId("answer-title").focus();
}

/** Open the page of a row, or of a holder by its name. */
async function open(layer, id) {
  const asked = (state.asked += 1);
  const read = await reading(parts.card, asked, async () => (layer === "holder" ? store.holder(id) : store.row(layer, id)));
  if (!read) return;
  const made = layer === "holder" ? holderCard(read, id, open) : card(pack, read, state.language, open);
  const press = () => show({ ...read, layer, around: "", doubts: [], kind: read.type || read.kind || layer, longitude: read.at[0], latitude: read.at[1], box: read.shape.box });
  const ask = layer !== "holder" && layer !== "incidents" && read.shape && el("p", {}, el("button", { type: "button", click: press }, _("Show on the map and answer for the whole area")));
  fill(parts.card, ...made, ask);
  byId("card-title").focus();
}

function figure() {
  const buttons = [["+", _("Zoom in"), () => map.zoom(1.5)], ["−", _("Zoom out"), () => map.zoom(1 / 1.5)], ["⌂", _("Whole map"), () => map.home()]];
  return el("figure", {}, parts.canvas,
    el("p", { class: "zoom" }, ...buttons.map(([sign, name, click]) => el("button", { type: "button", "aria-label": name, title: name, click }, sign))),
    el("figcaption", {}, el("p", { id: "hint" }, _("Press the map or write a place, for example a community's name, -6.9117, -78.2551 or 17M 803000 9235000.")), pack.parts && el("p", {}, _("When you zoom out, each disc represents everything around it, in the colour of the most frequent kind. Zoom in to see the outlines."), " ", _("When you zoom out, concessions are pale lines; zoom in to see their colours.")), el("span", {}, _("One finger moves the page, two move the map. With keys: arrows, + and −; Enter asks about the centre of the map.")), pack.background && backgrounds(pack.background), legend()));
}

/** Let the background be chosen, where the map holds one of the operator's own, and say whose it is. */
function backgrounds({ title, attribution, is_cut }) {
  const whose = el("p", { id: "whose" });
  const said = () => {
    const cut = is_cut && _("It is part of a larger file; the most detailed levels did not fit.");
    fill(whose, state.isOwn ? [attribution, cut].filter(Boolean).join(". ") : "Natural Earth, GeoNames, GSHHG");
  };
  const choice = (name, isOwn) => {
    const press = () => { state.isOwn = isOwn; map.choose(isOwn); said(); };
    return el("label", {}, el("input", { type: "radio", name: "background", checked: state.isOwn === isOwn, change: press }), name);
  };
  said();
  return el("div", {}, el("fieldset", {}, el("legend", {}, _("Basemap")), choice(title, true), choice(_("Lindero's own"), false)), whose);
}

/** Make the legend, which also hides and shows; only of what is on this map. */
function legend() {
  return el("fieldset", {}, el("legend", {}, _("On the map")), ...pack.styles.filter((style) => store.has(style)).map((style) => {
    const box = el("input", { type: "checkbox", checked: true, id: `shown-${style.code}`, change: () => map.toggle(style.code, box.checked) });
    return el("label", { for: `shown-${style.code}` }, box, swatch(style), word(`class_${style.code}`));
  }));
}

function swatch(style) {
  const drawn = el("canvas", { width: 28, height: 16, "aria-hidden": "true" });
  const pen = penOf(drawn);
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
    told.sure && told.sure.length > 0 && el("details", {}, el("summary", {}, _("How sure this is, and what is not counted")), ...told.sure.map((line) => sentence("p", line))),
    el("section", { class: "lists" }, el("h2", {}, _("Everything on this map")), told.lacks && el("p", {}, told.lacks), ...lists(pack, store, open)),
    pack.parts && el("section", {}, el("h2", {}, _("Counted only")), ...counted(store)),
    told.promises.length > 0 && el("section", {}, el("h2", {}, _("What binds the State here")), list(told.promises)),
    el("section", {}, el("h2", {}, _("Sources")), list(pack.sources.map((one) => el("span", {}, sourceOf(one))))),
    el("section", {}, el("h2", {}, _("What this map does not say")), list(told.limits), el("p", {}, exactness())),
    pack.files && pack.files.length > 0 && el("section", {}, el("h2", {}, _("Everything as files")), list(pack.files.map((name) => el("a", { href: name, download: true }, name)))),
  ].filter(Boolean);
}

function sourceOf(one) {
  const day = one.as_of ? filled(_("as of {date}"), { date: date(one.as_of) }) : _("date not stated");
  const licence = one.licence === "not stated" ? _("licence not stated") : one.licence;
  const publisher = one.publisher.replace("as cited by each record", _("as cited by each record"));
  return [[word(one.layer), one.title === "Public record" ? _("Public record") : one.title].filter(Boolean).join(": "), publisher, day, licence].filter(Boolean).join(", ");
}

function exactness() {
  const text = pack.step < 1e-5 ? _("Outlines are stored to a decimetre, those of the basemap to a few hundred metres or more.") : _("Outlines are stored to a metre, those of the basemap to a few hundred metres or more.");
  return [text, _("Distances are measured to the metre, on the ellipsoid, to the nearest edge.")].join(" ");
}

function footer() {
  return el("footer", {}, sentence("p", _("Made with **Lindero**, free software. Basemap: Natural Earth, GeoNames, GSHHG.")));
}
