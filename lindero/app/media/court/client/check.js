/** The page that checks a dossier: the folder is chosen, and what agrees is told, in the reader's language. */

import { check, fingerprint, isBag, SIGNATURE } from "./bag.js";
import { compared, ROUNDING_HA } from "./areas.js";

/** @typedef {{kind: string, word?: string, values?: Record<string, string | number>, text?: string}} Line */

const FIGURES = "data/figures.json";
const BOUNDARIES = "data/rows/boundaries.geojson";
const SPOKEN = JSON.parse(document.getElementById("words")?.textContent || "{}");
const folder = /** @type {HTMLInputElement} */ (document.getElementById("folder"));
const result = /** @type {HTMLElement} */ (document.getElementById("result"));
let language = document.documentElement.lang;
/** @type {Line[]} */
let told = [];

function say(/** @type {string} */ word, /** @type {Record<string, string | number>} */ values = {}) {
  return SPOKEN[language][word].replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => {
    const value = values[name] ?? whole;
    return typeof value === "number" ? value.toLocaleString(SPOKEN[language].locale, { maximumFractionDigits: 4 }) : value;
  });
}

function show() {
  document.documentElement.lang = language;
  document.title = say("title");
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-word]"))) {
    part.textContent = say(part.dataset.word || "");
  }
  result.replaceChildren(...told.map(paragraph));
}

function paragraph(/** @type {Line} */ { kind, word, values, text }) {
  const line = document.createElement("p");
  line.className = kind;
  line.textContent = word ? say(word, values) : text || "";
  return line;
}

function tell(/** @type {Line[]} */ lines) {
  told = lines;
  show();
}

/** @returns {Promise<Line[]>} what is told of the files of a folder */
async function findings(/** @type {Map<string, File>} */ files) {
  if (!isBag(files)) return [{ kind: "bad", word: "no_bag" }];
  const { files: n, faults, by } = await check(files);
  if (faults.length) return broken(faults.map(({ word, file }) => ({ kind: "bad", word, values: { file, signature: SIGNATURE } })));
  const areas = await areasOf(files);
  if (areas.some(({ kind }) => kind === "bad")) return broken(areas);
  return [{ kind: "good", word: "agree", values: { n } }, ...areas, ...(await signed(by))];
}

/** @returns {Line[]} */
function broken(/** @type {Line[]} */ lines) {
  return [{ kind: "bad", word: "fails" }, ...lines];
}

/** @returns {Promise<Line[]>} */
async function signed(/** @type {string | null} */ by) {
  if (!by) return [{ kind: "unknown", word: "no_signature" }];
  return [{ kind: "good", word: "signed" }, { kind: "good key", text: await fingerprint(by) }, { kind: "good", word: "compare" }];
}

/** @returns {Promise<Line[]>} */
async function areasOf(/** @type {Map<string, File>} */ files) {
  const [figures, boundaries] = await Promise.all([read(files, FIGURES), read(files, BOUNDARIES)]);
  const unread = [[FIGURES, figures], [BOUNDARIES, boundaries]].filter(([, held]) => held === null);
  if (unread.length) return unread.map(([file]) => ({ kind: "bad", word: "not_understood", values: { file } }));
  const found = measured(figures, boundaries);
  if (!found) return [{ kind: "bad", word: "not_understood", values: { file: FIGURES } }];
  const { agree, differ } = found;
  if (differ.length) {
    return differ.map(({ what, ...ha }) => {
      return { kind: "bad", word: "differs", values: { what, stated: ha.stated ?? "–", measured: ha.measured ?? "–", file: FIGURES } };
    });
  }
  if (!agree) return [{ kind: "good", word: "no_overlap" }];
  return [{ kind: "good", word: "measured", values: { n: agree, file: BOUNDARIES, rounding: ROUNDING_HA } }];
}

/** Compare the areas; null where the figures or the boundaries are of another form. */
function measured(/** @type {any} */ figures, /** @type {any} */ boundaries) {
  try {
    return compared(figures, boundaries);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return null;
  }
}

/** @returns {Promise<any>} what a file of JSON holds; null if it is none */
async function read(/** @type {Map<string, File>} */ files, /** @type {string} */ name) {
  try {
    return JSON.parse((await files.get(name)?.text()) || "");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

folder.addEventListener("change", async () => {
  const chosen = [...(folder.files || [])];
  tell([{ kind: "", word: "busy" }]);
  try {
    tell(await findings(new Map(chosen.map((file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file]))));
  } catch (error) {
    tell([{ kind: "bad", text: String(error) }]);
  }
});
for (const code of Object.keys(SPOKEN)) {
  const button = document.createElement("button");
  button.textContent = SPOKEN[code].language;
  button.lang = code;
  button.addEventListener("click", () => {
    language = code;
    show();
  });
  document.getElementById("languages")?.append(button);
}
const missing = !globalThis.crypto?.subtle ? "no_hash" : "webkitdirectory" in folder ? "" : "no_folder";
if (missing) {
  folder.disabled = true;
  told = [{ kind: "bad", word: missing }];
}
show();
