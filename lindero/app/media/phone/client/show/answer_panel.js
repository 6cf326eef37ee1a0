/** The answer for a place on the page: the verdict first, then title by title, what is near, and what to hand on. */

import { areaAnswer, AREA_KM } from "../answer/area_answer.js";
import { answer } from "../answer/place_answer.js";
import { _, filled } from "../text/i18n.js";
import { named, notes, position } from "../place/place_text.js";
import { el, list, sentence } from "./dom.js";
import { qr } from "./qr.js";

/**
 * Make the answer.
 * @param {{pack: any, place: any, km: number, language: string, open: (layer: string, id: string) => void}} asked
 * @returns {Node[]}
 */
export function answerPanel({ pack, place, km, language, open }) {
  const name = named(place, pack);
  const area = areaAnswer(pack, place, language);
  const told = area || answer(pack, { ...place, name: place.name || name }, km, language);
  const within = area ? AREA_KM : km;
  const rows = [...told.titles, ...told.lands, ...told.areas];
  return [
    el("h2", { tabindex: "-1", id: "answer-title" }, name),
    el("p", { class: "note" }, area ? _("This answer is for the whole area. Distances are measured from its boundary.") : position(place, 5)),
    sentence("p", told.verdict, { class: "verdict" }),
    told.besides && sentence("p", told.besides),
    ...notes(place).map((one) => el("p", { class: "note" }, one)),
    rows.length ? el("ul", {}, ...rows.map(({ row, said }) => el("li", {}, sentence("span", said), " ", more(row, open)))) : null,
    area && area.more ? el("p", {}, el("button", { type: "button", class: "link", click: () => open(place.layer, place.id) }, area.more)) : null,
    ...told.lands.flatMap(({ asked }) => [el("h3", {}, _("Was the community consulted?")), list(asked)]),
    area ? null : el("h3", {}, filled(_("Within {km} km, nearest first"), { km })),
    list(told.others),
    el("h3", {}, filled(_("Attacks and conflicts on record within {km} km"), { km: within })),
    list(told.attacks),
    told.news.length ? el("h3", {}, filled(_("What is new within {km} km"), { km: within })) : null,
    list(told.news),
    ...share(told.message, place),
  ].filter(Boolean);
}

function more(row, open) {
  if (row.layer === "protected_areas") return "";
  return el("button", { type: "button", class: "link", click: () => open(row.layer, row.id) }, _("More"));
}

/** Give the answer to hand on: one SMS, and a code that another phone reads, which holds the place itself. */
function share(message, place) {
  const text = el("p", { class: "sms", id: "sms" }, message);
  const copy = el("button", { type: "button", click: () => copied(text, copy) }, _("Copy"));
  const code = qr(`${message}\ngeo:${place.latitude.toFixed(5)},${place.longitude.toFixed(5)}`);
  return [
    el("h3", {}, _("To send by SMS:")),
    text,
    el("p", { class: "actions" }, copy, el("button", { type: "button", click: () => window.print() }, _("Print"))),
    code && el("details", {}, el("summary", {}, _("QR code for another phone's camera")),
      picture(code, _("QR code of this answer and its place")),
      el("p", { class: "note" }, _("The code contains the position: whoever reads it knows where you asked."))),
  ].filter(Boolean);
}

/** Copy a text where the browser lets a page do so; else choose it, for the reader to copy. */
async function copied(text, button) {
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = _("Copied");
  } catch {
    getSelection()?.selectAllChildren(text);
  }
}

function picture(code, label) {
  const canvas = el("canvas", { class: "qr", role: "img", "aria-label": label });
  code.toCanvas(canvas, { off: [255, 255, 255], pad: 4 }); // no camera finds a code without 4 light modules round it
  return canvas;
}
