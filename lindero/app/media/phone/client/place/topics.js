/** Holders and cases that a text may name beside a place; as `app.answers.place.topic_search`. */

import { _, filled, ngettext, number, titled } from "../text/i18n.js";
import { key } from "./names.js";

const MOST = 4; // of each kind that are offered
const SHORTEST = 3; // letters of a text that names are searched for

/**
 * @typedef {{kind: "holder" | "case", id: string, name: string, count: number, isNamesake: boolean}} Topic
 */

/**
 * Find the holders whose name, and the cases whose title, has the text in it as whole words.
 * @param {string} text
 * @param {{holders: [string, number][], incidents: any[], forms: string[]}} known holders with their concessions
 * @returns {Topic[]}
 */
export function topicsIn(text, { holders, incidents, forms }) {
  const wanted = key(text);
  if (wanted.length < SHORTEST) return [];
  const core = (/** @type {string} */ name) => name.split(" ").filter((word) => !forms.includes(word)).join(" ");
  /** @type {Map<string, Topic>} */
  const found = new Map();
  for (const [name, count] of holders) {
    const own = core(key(name));
    const isNamesake = own !== "" && own === core(wanted);
    if ((isNamesake || hasWords(key(name), wanted)) && !found.has(own)) found.set(own, { kind: "holder", id: name, name, count, isNamesake });
  }
  const named = [...found.values()].sort((one, other) => Number(other.isNamesake) - Number(one.isNamesake) || other.count - one.count);
  /** @type {Topic[]} */
  const cases = incidents
    .filter((row) => row.title && hasWords(key(row.title), wanted))
    .map((row) => ({ kind: "case", id: row.id, name: row.title, count: 0, isNamesake: false }));
  return [...named.slice(0, MOST), ...cases.slice(0, MOST)];
}

function hasWords(/** @type {string} */ name, /** @type {string} */ wanted) {
  return ` ${name} `.includes(` ${wanted} `);
}

/**
 * Ask for the holders and cases, too, that a name may mean; a place alone is taken unless a holder is called so.
 * @param {import("./search.js").Meant} meant
 * @param {Topic[]} topics
 * @returns {import("./search.js").Meant & {topics: Topic[]}}
 */
export function withTopics(meant, topics) {
  const isPosition = meant.choices.some((one) => !("name" in one)) || meant.reason !== null;
  const isCalledSo = topics.some((topic) => topic.isNamesake);
  if (isPosition || (meant.is === "found" && !isCalledSo)) return { ...meant, topics: [] };
  if (meant.is === "unknown") return { ...meant, is: topics.length ? "asked" : "unknown", topics };
  const isAlike = meant.why === "alike";
  const own = isAlike ? topics : topics.filter((topic) => topic.isNamesake || topic.kind === "case");
  const choices = isAlike && isCalledSo ? [] : meant.choices;
  return { ...meant, is: "asked", choices, why: isCalledSo || meant.is === "found" ? "several" : meant.why, topics: own };
}

/** Name a holder or a case. */
export function topicName(/** @type {Topic} */ topic) {
  if (topic.kind === "case") return filled(_("{title} (recorded case)"), { title: titled(topic.name) });
  return filled(ngettext("{name} (holder of {n} concession)", "{name} (holder of {n} concessions)", topic.count), { name: topic.name, n: number(topic.count) });
}
