/** Names as they are looked up: accents, case, abbreviations and small misspellings forgiven; as `layers.reference.name_index`. */

export const EXACT = 100;
export const SOUND = 95;
const PREFIX = 90;
const WORD = 85;
const SIMILAR = 75; // least likeness of a misspelt name

const SHORTEST = 3; // letters of a word that a name is looked up by, if it has others

const NOT_PART_OF_A_NAME =
  /^(comunidad (campesina |nativa )?|departamento |region |provincia |municipio |distrito )(del? (l[ao]s? )?)?| (department|region|province|state|municipality|district|suyu)$/g;
const KIND_OF_PLACE =
  /^(c ?c|c ?n|cc ?nn|c ?p|comunidad indigena|centro poblado|caserio|anexo|pueblo|ciudad|dist|dpto|depto|prov) (del? )?(?=.)/;
const ABBREVIATIONS = new Map(
  Object.entries({
    sta: "santa", sto: "santo", sn: "san", pto: "puerto", pte: "puente", nva: "nueva", nvo: "nuevo", gral: "general",
    cnel: "coronel", crnl: "coronel", cmdte: "comandante", mcal: "mariscal", sgto: "sargento", tte: "teniente",
    fco: "francisco", sr: "senor", sra: "senora", st: "saint",
  }),
);
const ARTICLE = /^(?:el|la|los|las) (?=.)/;
const SOUNDS = [
  [/ch/g, "C"], [/ll/g, "y"], [/qu(?=[ei])|q|k/g, "K"], [/c(?=[ei])|z|x/g, "s"], [/c/g, "K"], [/v/g, "b"],
  [/(?:hu|gu|w)(?=[aeio])/g, "W"], [/h/g, ""], [/y\b/g, "i"], [/e/g, "i"], [/o/g, "u"], [/(.)\1/g, "$1"],
];

/** Give a name without accents, case, punctuation and words such as Provincia de. */
export function normalised(text) {
  const letters = text.replace(/['’‘ʼʻ´`]/g, "").normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
  const words = (letters.toLowerCase().match(/[a-z0-9]+/g) || []).join(" ");
  return words.replace(NOT_PART_OF_A_NAME, "") || words;
}

/** Give a name as it is looked up. One without a Latin letter stays as it is. */
export function key(text) {
  const words = normalised(text).split(" ").map((one) => ABBREVIATIONS.get(one) ?? one);
  return words.join(" ").replace(KIND_OF_PLACE, "") || text.trim().toLowerCase();
}

/** Give how the key of a name sounds in the Andes, where e and i, o and u, k and q and hard c are often one. */
export function sound(name) {
  return SOUNDS.reduce((heard, [pattern, letter]) => heard.replace(pattern, letter), name.replace(ARTICLE, ""));
}

/** Give what a name is looked up by in a whole map: how each of its words sounds; as `app.media.phone.whole_map`. */
export function heard(text) {
  const words = key(text).split(" ");
  const telling = words.filter((word) => word.length >= SHORTEST && !/^\d+$/.test(word));
  return [...new Set((telling.length ? telling : words).map(sound))];
}

/** Score how well a key fits a wanted one, 0 to 100. */
export function fit(wanted, name) {
  if (!wanted || !name) return 0;
  if (wanted === name) return EXACT;
  if (sound(wanted) === sound(name)) return SOUND;
  if (name.startsWith(wanted)) return PREFIX;
  if (` ${name}`.includes(` ${wanted}`)) return WORD;
  const alike = likeness(wanted, name);
  return alike >= SIMILAR ? Math.min(alike, WORD) : 0;
}

/** Give the likeness of two texts, 0 to 100: twice the longest common subsequence beside both lengths. */
function likeness(one, other) {
  if (2 * Math.min(one.length, other.length) * 100 < SIMILAR * (one.length + other.length)) return 0;
  let last = new Array(other.length + 1).fill(0);
  for (const letter of one) {
    const row = [0];
    for (let at = 1; at <= other.length; at += 1) {
      row.push(letter === other[at - 1] ? last[at - 1] + 1 : Math.max(last[at], row[at - 1]));
    }
    last = row;
  }
  return (200 * last[other.length]) / (one.length + other.length);
}
