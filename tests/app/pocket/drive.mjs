// Ask the pocket map's own modules what Python's tests ask Python's: cases as JSON on standard input, answers out.
import { readFileSync } from "node:fs";

import { around } from "../../../app/pocket/client/answer/coverage.js";
import { inverse } from "../../../app/pocket/client/answer/geodesy.js";
import { answer, nearby } from "../../../app/pocket/client/answer/place_answer.js";
import { packOf } from "../../../app/pocket/client/data/decode.js";
import { placeInLink } from "../../../app/pocket/client/place/map_link.js";
import { readings } from "../../../app/pocket/client/place/notation.js";
import { findPlace } from "../../../app/pocket/client/place/search.js";
import { PositionError } from "../../../app/pocket/client/place/reading.js";
import { qr } from "../../../app/pocket/client/show/qr.js";
import { use } from "../../../app/pocket/client/text/i18n.js";

const LAYERS = ["concessions", "communities", "protected_areas", "incidents"];
const { what, cases, page } = JSON.parse(readFileSync(0, "utf-8"));
const pack = page ? inside(readFileSync(page, "utf-8")) : null;

const ASKED = {
  inverse: ([from, to]) => inverse(from, to),
  readings: ([text, zones]) => readings(text, { zones }),
  link: ([text]) => placeInLink(text),
  find: ([text, places, frame]) => findPlace(text, { places, frame }),
  qr: ([text, mask]) => qr(text, mask),
  near: ([lat, lon, km]) => nearby(pack, lat, lon, km).map(({ shape, ...row }) => row),
  pack: () => pack,
  around: ([lat, lon, km]) => LAYERS.map((layer) => around(pack, layer, lat, lon, km)),
  said: ([lat, lon, km, language]) => {
    use(language, pack.words[language]);
    return answer(pack, { name: "X", latitude: lat, longitude: lon }, km, language);
  },
};

const answers = cases.map((one) => {
  try {
    return ASKED[what](one);
  } catch (error) {
    if (error instanceof PositionError) return { refused: error.code };
    throw error;
  }
});
process.stdout.write(JSON.stringify(answers));

function inside(html) {
  const [, size, data] = /id="data" data-size="(\d+)">([^<]*)</.exec(html);
  return packOf(data, Number(size));
}
