/**
 * Whether the files of a dossier are as they were when it was made, and who signed it: what `app/media/court/bag.py` checks.
 *
 * @typedef {{word: string, file: string}} Fault a word of the page, and the file that it is about
 * @typedef {{files: number, faults: Fault[], by: string | null}} Checked `by`: a public key; null: not to be told here
 */

const MANIFEST = "manifest-sha256.txt";
const TAGS = "tagmanifest-sha256.txt";
export const SIGNATURE = "signature.json";
const NEEDED = ["bagit.txt", "bag-info.txt", MANIFEST];
const LINE = /^([0-9a-f]{64})  ([A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$/;

/** Tell whether files, by their paths, can be those of a dossier. */
export function isBag(/** @type {Map<string, File>} */ files) {
  return files.has(TAGS) || files.has(MANIFEST);
}

/**
 * Hold every file to the manifests, and these to the signature.
 * @param {Map<string, File>} files by path
 * @returns {Promise<Checked>}
 */
export async function check(files) {
  const [hashes, faults] = await hashesOf(files);
  const signed = await signerOf(files);
  faults.push(...signed.faults, ...NEEDED.filter((file) => !hashes.has(file)).map((file) => ({ word: "gone", file })));
  for (const [file, hash] of hashes) {
    const held = files.get(file);
    if (!held) faults.push({ word: "gone", file });
    else if ((await hashed(await held.arrayBuffer())) !== hash) faults.push({ word: "changed", file });
  }
  for (const file of files.keys()) {
    if (!hashes.has(file) && file !== TAGS && file !== SIGNATURE) faults.push({ word: "more", file });
  }
  return { files: hashes.size, faults, by: signed.by };
}

/** Give the fingerprint of a public key, as Lindero prints it. */
export async function fingerprint(/** @type {string} */ key) {
  const groups = (await hashed(bytesOf(key))).slice(0, 32).match(/..../g);
  return (groups || []).join(" ");
}

/** @returns {Promise<[Map<string, string>, Fault[]]>} the hash of each file, as the two manifests list them */
async function hashesOf(/** @type {Map<string, File>} */ files) {
  const hashes = new Map();
  /** @type {Fault[]} */
  const faults = [];
  for (const file of [TAGS, MANIFEST]) {
    const text = await files.get(file)?.text();
    const found = text === undefined ? null : listed(text, file === MANIFEST);
    if (found) for (const [name, hash] of found) hashes.set(name, hash);
    else faults.push({ word: text === undefined ? "gone" : "not_understood", file });
  }
  return [hashes, faults];
}

/** Read a manifest; a line that is none makes the whole of it not understood. */
function listed(/** @type {string} */ text, /** @type {boolean} */ isPayload) {
  const found = new Map();
  const lines = text.replace(/\n$/, "").split("\n");
  for (const line of lines) {
    const [, hash, name] = LINE.exec(line) || [];
    if (!hash || name.startsWith("data/") !== isPayload) return null;
    found.set(name, hash);
  }
  return found.size === lines.length ? found : null;
}

/** @returns {Promise<{by: string | null, faults: Fault[]}>} */
async function signerOf(/** @type {Map<string, File>} */ files) {
  const [signature, tags] = [files.get(SIGNATURE), files.get(TAGS)];
  if (!signature) return { by: null, faults: [{ word: "gone", file: SIGNATURE }] };
  if (!tags) return { by: null, faults: [] };
  const by = await signer(await signature.text(), await tags.arrayBuffer());
  return { by: by || null, faults: by === "" ? [{ word: "not_signed", file: TAGS }] : [] };
}

/** Give the public key that signed a message; `""` if none did, null where this browser cannot tell. */
async function signer(/** @type {string} */ text, /** @type {ArrayBuffer} */ message) {
  const { public_key: by, signature } = read(text);
  const form = { algorithm: "Ed25519", of: TAGS, public_key: by, signature };
  if (text !== `${JSON.stringify(form, null, 1)}\n`) return "";
  if (!/^[0-9a-f]{64}$/.test(by) || !/^[0-9a-f]{128}$/.test(signature)) return "";
  try {
    const key = await crypto.subtle.importKey("raw", bytesOf(by), { name: "Ed25519" }, false, ["verify"]);
    return (await crypto.subtle.verify({ name: "Ed25519" }, key, bytesOf(signature), message)) ? by : "";
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return error.name === "DataError" ? "" : null;
  }
}

/** @returns {{public_key: string, signature: string}} */
function read(/** @type {string} */ text) {
  try {
    const { public_key, signature } = JSON.parse(text);
    return { public_key: String(public_key), signature: String(signature) };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return { public_key: "", signature: "" };
  }
}

async function hashed(/** @type {BufferSource} */ bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(/** @type {string} */ hex) {
  return Uint8Array.from(hex.match(/../g) || [], (pair) => Number.parseInt(pair, 16));
}
