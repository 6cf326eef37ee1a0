/** Parts of a site: scripts that lie beside its page, for a page from a USB stick may fetch nothing. */

import { toldIn } from "./decode.js";

/** @type {Map<string, (told: any) => void>} */
const awaited = new Map();
/** @type {Map<string, Promise<any>>} */
const kept = new Map();

Object.assign(window, {
  linderoPart: (/** @type {string} */ name, /** @type {number} */ size, /** @type {string} */ text) => {
    const give = awaited.get(name);
    if (give) give(toldIn(text, size));
  },
});

/**
 * Read a part, once; refused if it is not there or is damaged.
 * @param {string} name
 * @returns {Promise<any>}
 */
export function loadPart(name) {
  let part = kept.get(name);
  if (!part) {
    part = loaded(name);
    part.catch(() => kept.delete(name)); // to be tried again
    kept.set(name, part);
  }
  return part;
}

/** @param {string} name */
function loaded(name) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    const end = () => {
      awaited.delete(name);
      element.remove();
    };
    awaited.set(name, (told) => {
      end();
      resolve(told);
    });
    // Who loaded, but gave nothing, is damaged.
    const fail = () => {
      end();
      reject(new Error(name));
    };
    element.addEventListener("error", fail);
    element.addEventListener("load", () => awaited.has(name) && fail());
    element.src = `site/${name}.js`;
    document.head.append(element);
  });
}
