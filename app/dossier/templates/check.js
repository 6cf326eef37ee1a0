
"use strict";
const SPOKEN = JSON.parse(document.getElementById("words").textContent);
const TAGS = "tagmanifest-sha256.txt", MANIFEST = "manifest-sha256.txt", SIGNATURE = "signature.json";
const LINE = /^([0-9a-f]{64})  ([A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*)$/;
const result = document.getElementById("result");
let language = document.documentElement.lang;
let told = [];

const say = (word, values) => Object.entries(values || {})
  .reduce((text, [name, value]) => text.split("{" + name + "}").join(value), SPOKEN[language][word]);

function show() {
  document.documentElement.lang = language;
  for (const part of document.querySelectorAll("[data-word]")) part.textContent = say(part.dataset.word);
  document.title = say("title");
  result.replaceChildren(...told.map(({kind, word, values, text}) => {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text === undefined ? say(word, values) : text;
    return line;
  }));
}

function tell(lines) { told = lines; show(); }

const hex = bytes => Array.from(new Uint8Array(bytes), byte => byte.toString(16).padStart(2, "0")).join("");
const unhex = text => Uint8Array.from(text.match(/../g) || [], pair => parseInt(pair, 16));
const hashed = async bytes => hex(await crypto.subtle.digest("SHA-256", bytes));

function listed(text, inside) {
  const lines = text.replace(/\n$/, "").split("\n").map(line => LINE.exec(line));
  if (lines.some(line => !line || line[2].startsWith("data/") !== inside)) return null;
  const found = new Map(lines.map(line => [line[2], line[1]]));
  return found.size === lines.length ? found : null;
}

async function signer(text, message) {
  let by, signature;
  try {
    const read = JSON.parse(text);
    by = String(read.public_key);
    signature = String(read.signature);
    const form = {algorithm: "Ed25519", of: TAGS, public_key: by, signature};
    if (text !== JSON.stringify(form, null, 1) + "\n") return {fits: false};
    if (!/^[0-9a-f]{64}$/.test(by) || !/^[0-9a-f]{128}$/.test(signature)) return {fits: false};
  } catch (error) { return {fits: false}; }
  let key;
  try {
    key = await crypto.subtle.importKey("raw", unhex(by), {name: "Ed25519"}, false, ["verify"]);
  } catch (error) {
    return {fits: error.name === "DataError" ? false : null};
  }
  return {fits: await crypto.subtle.verify({name: "Ed25519"}, key, unhex(signature), message), by};
}

async function check(files) {
  const bytes = name => files.get(name).arrayBuffer();
  const bad = (word, file) => ({kind: "bad", word, values: {file, signature: SIGNATURE}});
  const faults = [], good = [], hashes = new Map();
  for (const [name, inside] of [[TAGS, false], [MANIFEST, true]]) {
    const found = files.has(name) ? listed(await files.get(name).text(), inside) : null;
    if (found) for (const [file, hash] of found) hashes.set(file, hash);
    else faults.push(bad(files.has(name) ? "not_understood" : "gone", name));
  }
  if (!files.has(SIGNATURE)) faults.push(bad("gone", SIGNATURE));
  else if (files.has(TAGS)) {
    const found = await signer(await files.get(SIGNATURE).text(), await bytes(TAGS));
    if (found.fits === false) faults.push(bad("not_signed", TAGS));
    else if (found.fits === null) good.push({kind: "bad", word: "no_signature"});
    else {
      const print = (await hashed(unhex(found.by))).slice(0, 32).match(/..../g).join(" ");
      good.push({kind: "good", word: "signed"}, {kind: "good key", text: print}, {kind: "good", word: "compare"});
    }
  }
  for (const name of ["bagit.txt", "bag-info.txt", MANIFEST]) if (!hashes.has(name)) faults.push(bad("gone", name));
  for (const [name, hash] of hashes) {
    if (!files.has(name)) faults.push(bad("gone", name));
    else if (await hashed(await bytes(name)) !== hash) faults.push(bad("changed", name));
  }
  for (const name of files.keys()) if (!hashes.has(name) && name !== TAGS && name !== SIGNATURE) faults.push(bad("more", name));
  if (faults.length) tell([{kind: "bad", word: "fails"}, ...faults]);
  else tell([{kind: "good", word: "agree", values: {n: hashes.size}}, ...good]);
}

const input = document.getElementById("folder");
input.addEventListener("change", async () => {
  const files = new Map([...input.files].map(file => [file.webkitRelativePath.split("/").slice(1).join("/"), file]));
  if (!files.has(TAGS) && !files.has(MANIFEST)) return tell([{kind: "bad", word: "no_bag"}]);
  tell([{kind: "", word: "busy"}]);
  try { await check(files); } catch (error) { tell([{kind: "bad", text: String(error)}]); }
});
for (const code of Object.keys(SPOKEN)) {
  const button = document.createElement("button");
  button.textContent = SPOKEN[code].language;
  button.lang = code;
  button.addEventListener("click", () => { language = code; show(); });
  document.getElementById("languages").append(button);
}
if (!(globalThis.crypto && crypto.subtle)) { input.disabled = true; told = [{kind: "bad", word: "no_hash"}]; }
else if (!("webkitdirectory" in input)) { input.disabled = true; told = [{kind: "bad", word: "no_folder"}]; }
show();
