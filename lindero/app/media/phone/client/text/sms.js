/** Texts short enough for one SMS: 160 letters of its own alphabet, or 70 as soon as one is not in it; as `app.answers.place.place_report`. */

const ALPHABET = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
    "¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENSION = new Set("^{}\\[~]|€"); // each takes the room of two
const ROOM = 160;
const ROOM_BEYOND = 70;
const PLAINLY = new Map(
  Object.entries({ "'": "‘’ʼ´`", '"': "“”«»", "-": "–—−", ".": "·•" }).flatMap(([sign, written]) =>
    [...written].map((each) => [each, sign]),
  ),
).set("…", "...");

/** Spell text for the alphabet: á is a, ñ stays; letters of other scripts stay as they are. */
export function spelt(text) {
  const signs = [...text].map((letter) => PLAINLY.get(letter) ?? letter).join("");
  return [...signs.split(/\s+/).filter(Boolean).join(" ")].map(letterOf).join("");
}

/** Tell whether a telephone sends a text as one SMS. */
export function fits(text) {
  const letters = [...text];
  if (letters.every((letter) => ALPHABET.has(letter) || EXTENSION.has(letter))) {
    return letters.reduce((sum, letter) => sum + (EXTENSION.has(letter) ? 2 : 1), 0) <= ROOM;
  }
  return text.length <= ROOM_BEYOND;
}

/** Join parts, the most telling first, and leave out those for which one SMS has no room in some language. */
export function joined(parts) {
  let [text, taken] = ["", 0];
  for (const part of parts) {
    const plain = spelt(part.text);
    const longer = text ? `${text}; ${plain}` : plain;
    if (plain && taken + part.room <= ROOM && fits(longer)) [text, taken] = [longer, taken + part.room + 2];
  }
  return text;
}

function letterOf(letter) {
  if (ALPHABET.has(letter) || EXTENSION.has(letter)) return letter;
  const bare = letter.normalize("NFKD").replace(/\p{Mn}/gu, "");
  return bare && [...bare].every((each) => ALPHABET.has(each)) ? bare : letter;
}
