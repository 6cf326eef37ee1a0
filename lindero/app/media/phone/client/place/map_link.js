/** Links to maps, as messengers send them: what they say of the place, without asking anybody; as `geo.positions.notation`. */

import { PositionError } from "./reading.js";

const LINK = /(?:https?:\/\/|geo:|(?:www\.|maps\.)?(?:google|openstreetmap|osm|waze|apple|goo)\.[a-z.]+\/)\S+/i;
const SHORT = /(?:^|\/\/|\.)(?:goo\.gl|maps\.app\.goo\.gl|g\.co|bit\.ly|t\.co|osm\.org\/go)(?:\/|$)/i;
const NUMBER = "[-+]?\\d+(?:\\.\\d+)?";
const PLACE = new RegExp(`!3d(${NUMBER})!4d(${NUMBER})`); // where the pin stands, beside where the map is looked at
const TWO_NUMBERS = new RegExp(`${NUMBER}\\s*,\\s*${NUMBER}`);
const VIEW = new RegExp(`@(${NUMBER}),(${NUMBER})`);
const FRAGMENT = new RegExp(`map=\\d+(?:\\.\\d+)?/(${NUMBER})/(${NUMBER})`);
const IN_PATH = /\/(?:place|search|dir)\/+([^/@]+)/;
const ASKED = ["q", "query", "ll", "destination", "daddr", "center", "sll", "cp"];
const LABEL = /\([^)]*\)\s*$/;

/**
 * Give what a link in a text says of a place: a position or a name; null if the text holds no link to a map.
 * @param {string} text
 * @returns {string | null}
 */
export function placeInLink(text) {
  const match = LINK.exec(text);
  if (!match) return null;
  let link = match[0].replace(/[.,;>"']+$/, "");
  if (!link.includes("(")) link = link.replace(/\)+$/, "");
  if (SHORT.test(link)) throw new PositionError("short_link", { link });
  const found = /^geo:/i.test(link) ? ofGeo(link) : ofWeb(link);
  if (!found) throw new PositionError("empty_link", { link });
  return found;
}

/** Read RFC 5870, and the question that Android adds to it: geo:0,0?q=-6.9,-78.2(Name). */
function ofGeo(link) {
  const [where, ...rest] = link.slice(4).split("?");
  const asked = queryOf(rest.join("?")).q || "";
  return asked.replace(LABEL, "").trim() || where.split(";")[0].split(",").slice(0, 2).join(",");
}

function ofWeb(link) {
  const whole = link.includes("://") ? link : `https://${link}`;
  const [, path, , query, , fragment] = /^[^:]+:\/\/[^/?#]*([^?#]*)(\?([^#]*))?(#(.*))?$/.exec(whole) || [];
  const told = queryOf(query || "");
  const pin = PLACE.exec(unquoted(link));
  if (pin) return `${pin[1]},${pin[2]}`;
  if (told.mlat && told.mlon) return `${told.mlat},${told.mlon}`;
  const asked = ASKED.filter((name) => told[name]).map((name) => told[name].replace(/^loc:/, "").replace(/~/g, ","));
  if (asked.length) return (asked.find((one) => TWO_NUMBERS.test(one)) || asked[0]).replace(LABEL, "").trim();
  const named = IN_PATH.exec(path || "");
  if (named) return unquoted(named[1]);
  const view = VIEW.exec(path || "") || FRAGMENT.exec(fragment || "");
  return view ? `${view[1]},${view[2]}` : "";
}

function queryOf(text) {
  /** @type {Record<string, string>} */
  const found = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (value) found[name.toLowerCase()] ??= value;
  }
  return found;
}

function unquoted(text) {
  const spaced = text.replace(/\+/g, " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced; // a per cent sign that encodes nothing
  }
}
