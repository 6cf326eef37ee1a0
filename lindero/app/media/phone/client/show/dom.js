/** Elements made of text alone: nothing that strangers wrote is ever read as markup. */

import { parts } from "../text/markup.js";

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, any>} [told] attributes; functions are listeners, `true` an attribute without a value
 * @param {...(Node | string | null | undefined | false)} inside
 * @returns {any}
 */
export function el(tag, told = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter(isShown));
  return made;
}

/** Make an element of a sentence, bold where it says so. */
export function sentence(tag, text, told = {}) {
  return el(tag, told, ...parts(text).map((part) => (part.isBold ? el("strong", {}, part.text) : part.text)));
}

/** Make a list of sentences; nothing of none. */
export function list(sentences) {
  return sentences.length ? el("ul", {}, ...sentences.map((one) => (typeof one === "string" ? sentence("li", one) : el("li", {}, one)))) : null;
}

/** Make a table with its headings. */
export function table(caption, headings, rows) {
  const head = el("tr", {}, ...headings.map((one) => el("th", { scope: "col" }, one)));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell) => el("td", {}, cell ?? ""))));
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)));
}

/** Give the element of the page that has an id: one that is known to be there. */
export function byId(/** @type {string} */ id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** Give what draws on a canvas. */
export function penOf(/** @type {HTMLCanvasElement} */ canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** Put other things into an element in the place of what it holds. */
export function fill(element, ...inside) {
  element.replaceChildren(...inside.filter(isShown));
}

/** @returns {one is string | Node} whether there is anything to put into an element */
function isShown(/** @type {string | Node | null | undefined | false} */ one) {
  return one !== null && one !== undefined && one !== false && one !== "";
}
