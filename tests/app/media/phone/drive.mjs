// Ask the pocket map's own modules what Python's tests ask Python's: cases as JSON on standard input, answers out.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runInThisContext } from "node:vm";

import { areaAnswer } from "../../../../lindero/app/media/phone/client/answer/area_answer.js";
import { around } from "../../../../lindero/app/media/phone/client/answer/coverage.js";
import { inverse } from "../../../../lindero/app/media/phone/client/answer/geodesy.js";
import { answer, nearby } from "../../../../lindero/app/media/phone/client/answer/place_answer.js";
import { inflate, packOf } from "../../../../lindero/app/media/phone/client/data/decode.js";
import { tileNumber, tilesOf } from "../../../../lindero/app/media/phone/client/data/tile_numbers.js";
import { tileFeatures } from "../../../../lindero/app/media/phone/client/data/vector_tile.js";
import { WholeStore } from "../../../../lindero/app/media/phone/client/data/whole_store.js";
import { heard } from "../../../../lindero/app/media/phone/client/place/names.js";
import { placeInLink } from "../../../../lindero/app/media/phone/client/place/map_link.js";
import { readings } from "../../../../lindero/app/media/phone/client/place/notation.js";
import { findPlace } from "../../../../lindero/app/media/phone/client/place/search.js";
import { topicsIn, withTopics } from "../../../../lindero/app/media/phone/client/place/topics.js";
import { PositionError } from "../../../../lindero/app/media/phone/client/place/reading.js";
import { qr } from "../../../../lindero/app/media/phone/client/show/qr.js";
import { percent, use } from "../../../../lindero/app/media/phone/client/text/i18n.js";

const LAYERS = ["concessions", "communities", "protected_areas", "incidents"];
class Script {
  heard = {};

  addEventListener(name, listener) {
    this.heard[name] = listener;
  }

  remove() {}

  run() {
    const path = join(dirname(page), this.src);
    const isThere = existsSync(path);
    if (isThere) runInThisContext(readFileSync(path, "utf-8"));
    queueMicrotask(() => this.heard[isThere ? "load" : "error"]());
  }
}

const { what, cases, page } = JSON.parse(readFileSync(0, "utf-8"));
const pack = page ? inside(readFileSync(page, "utf-8")) : null;
const store = page ? await storeOf(pack) : null;

const ASKED = {
  inverse: ([from, to]) => inverse(from, to),
  percent: ([share, decimals]) => percent(share, decimals),
  readings: ([text, zones]) => readings(text, { zones }),
  link: ([text]) => placeInLink(text),
  find: ([text, places, frame]) => findPlace(text, { places, frame }),
  qr: ([text, mask]) => {
    const code = qr(text, mask);
    const places = Array.from({ length: code ? code.size : 0 }, (_, at) => at);
    return code && places.map((y) => places.map((x) => code.get(x, y)));
  },
  tile: ([z, x, y]) => [tileNumber(z, x, y), tilesOf([-78.5, -7.5, -78.4, -7.4], z)[0]],
  features: ([z, x, y, text]) => tileFeatures(Uint8Array.from(Buffer.from(text, "base64")), { z, x, y }),
  heard: ([text]) => heard(text),
  inflated: ([text, size]) => {
    try {
      return Buffer.from(inflate(Uint8Array.from(Buffer.from(text, "base64")), size)).toString("base64");
    } catch {
      return "damaged";
    }
  },
  names: async ([text]) => (await store.names(text)).map((row) => row.name),
  holder: async ([name]) => store.holder(name),
  row: async ([layer, id]) => store.row(layer, id),
  listed: async ([layer]) => {
    const list = store.list(layer);
    while (!list.isWhole()) await list.more();
    return { all: list.all, rows: list.rows };
  },
  every_row: async ([layer]) => {
    const { rows } = await ASKED.listed([layer]);
    return Promise.all(rows.map((row) => store.row(layer, row.id)));
  },
  listed_row: async ([community, title]) => {
    await ASKED.listed(["communities"]);
    const row = await store.row("communities", community);
    return [row, await store.row("concessions", title), pack.overlaps];
  },
  near: async ([lat, lon, km]) => {
    await store.around(lat, lon, km);
    return nearby(pack, lat, lon, km).map(({ shape, ...row }) => row);
  },
  pack: () => pack,
  area: ([layer, id, language]) => {
    use(language, pack.words[language]);
    const row = [...(pack.layers[layer] || []), ...pack.places].find((one) => one.id === id);
    return areaAnswer(pack, { layer, id, longitude: row.at[0], latitude: row.at[1] }, language);
  },
  meant: ([text, places, frame, holders]) =>
    withTopics(findPlace(text, { places, frame }), topicsIn(text, { holders, incidents: [], forms: ["minera", "srl", "s", "r", "l"] })),
  // What is written, as the page looks for it: what is meant, and the answer where that is an area.
  asked: async ([text, language]) => {
    use(language, pack.words[language]);
    const places = (await store.names(text)).map((one) => ({ ...one, longitude: one.at[0], latitude: one.at[1] }));
    const { is, why, choices, topics } = withTopics(findPlace(text, { ...pack, places }), await store.topics(text));
    const areas = [];
    for (const one of choices) {
      await store.around(one.latitude, one.longitude, 1);
      await store.area(one.id);
      areas.push(one.name && areaAnswer(pack, one, language));
    }
    return { is, why, topics, choices: choices.map(({ name, kind, id }, at) => ({ name, kind, id, area: areas[at] })) };
  },
  around: async ([lat, lon, km]) => {
    await store.around(lat, lon, km);
    return LAYERS.map((layer) => around(pack, layer, lat, lon, km));
  },
  said: async ([lat, lon, km, language]) => {
    await store.around(lat, lon, km);
    use(language, pack.words[language]);
    return answer(pack, { name: "X", latitude: lat, longitude: lon }, km, language);
  },
};

const answers = [];
for (const one of cases) {
  try {
    answers.push((await ASKED[what](one)) ?? null);
  } catch (error) {
    if (!(error instanceof PositionError)) throw error;
    answers.push({ refused: error.code });
  }
}
process.stdout.write(JSON.stringify(answers));

function inside(html) {
  const [, size, data] = /id="data" data-size="(\d+)">([^<]*)</.exec(html);
  return packOf(data, Number(size));
}

/** Make what a page gets rows from; a site's reads scripts that lie beside the page, as a browser would. */
async function storeOf(pack) {
  if (!pack.parts) return new WholeStore(pack);
  globalThis.window = globalThis;
  globalThis.document = { createElement: () => new Script(), head: { append: (script) => script.run() } };
  const { SiteStore } = await import("../../../../lindero/app/media/phone/client/data/site_store.js");
  return new SiteStore(pack, () => {});
}
