/** Sentences with names in them: what strangers wrote stands there as text, and two asterisks make ours bold. */

/** Write text of strangers so that it stays as it is in a sentence; as `app.text.escape.plain`. */
export function plain(text) {
  const line = String(text).split(/\s+/).filter(Boolean).join(" ");
  return line.replace(/(:)(?=\/\/)|(www)(?=\.)|(@)/gi, "$&\u2060").replace(/[!-/:-@[-`{-~]/g, "\\$&");
}

/**
 * Take a sentence apart: what is bold and what is not.
 * @param {string} sentence
 * @returns {{text: string, isBold: boolean}[]}
 */
export function parts(sentence) {
  const found = [{ text: "", isBold: false }];
  for (let at = 0; at < sentence.length; at += 1) {
    const last = found[found.length - 1];
    if (sentence[at] === "\\" && at + 1 < sentence.length) {
      at += 1;
      last.text += sentence[at];
    } else if (sentence.startsWith("**", at)) {
      at += 1;
      found.push({ text: "", isBold: !last.isBold });
    } else if (sentence[at] !== "\u2060") {
      last.text += sentence[at];
    }
  }
  return found.filter((part) => part.text);
}

/** Give a sentence without its marks. */
export function bare(sentence) {
  return parts(sentence).map((part) => part.text).join("");
}
