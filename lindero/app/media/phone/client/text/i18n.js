/**
 * Words, numbers and dates in the reader's language; as `app.text.i18n`.
 *
 * English is the language of the source. What the calls of `_` and `ngettext` hold is gathered for translators with the
 * rest of the program, and a pack brings along what each language says for it.
 */

/** @type {{code: string, locale: string, text: Record<string, string>, plural: Record<string, [string, string]>, codes: Record<string, string>}} */
let spoken = { code: "en", locale: "en", text: {}, plural: {}, codes: {} };

/** Speak a language from here on, with its words as a pack holds them. */
export function use(code, words) {
  spoken = { code, ...words };
}

/** Code of the language spoken. */
export function current() {
  return spoken.code;
}

/** Translate a text. */
export function _(text) {
  return Object.hasOwn(spoken.text, text) ? spoken.text[text] : text;
}

/** Translate the form that fits a count. */
export function ngettext(one, many, count) {
  const [single, several] = Object.hasOwn(spoken.plural, one) ? spoken.plural[one] : [one, many];
  return count === 1 ? single : several;
}

/** Fill what stands in braces. */
export function filled(template, told) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(told, name) ? String(told[name]) : whole));
}

/** Say a code of a vocabulary in words. */
export function word(code) {
  return Object.hasOwn(spoken.codes, code) ? spoken.codes[code] : String(code);
}

/** Return the substances of a concession in the reader's language; one that is not known stays as received. */
export function substances(received) {
  const parts = String(received).split(/\s*,\s*/);
  return parts.map((part) => named(`substance_${folded(part.trim())}`) || part).join(", ");
}

/** Return small letters without accents. */
function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

function named(code) {
  return Object.hasOwn(spoken.codes, code) ? spoken.codes[code] : "";
}

/** Say a title that is a code, as of a source that tells of each event what happened and no more, else as it is. */
export function titled(title) {
  const text = String(title || "");
  const code = text.toLowerCase();
  if (!Object.hasOwn(spoken.codes, code)) return text;
  return spoken.codes[code].charAt(0).toUpperCase() + spoken.codes[code].slice(1);
}

/** Write a number as the reader does; a tie goes to the even side. */
export function number(value, decimals = 0) {
  const format = new Intl.NumberFormat(spoken.locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return format.format(rounded(value, decimals));
}

function rounded(value, decimals) {
  const near = Number(value.toFixed(decimals));
  const scale = 10 ** decimals;
  const isTie = Math.abs(Math.abs(near - value) * scale - 0.5) < 1e-12;
  return isTie && Math.abs(near * scale) % 2 === 1 ? near - Math.sign(near) / scale : near;
}

const M_PER_KM = 1000;
const LEAST_M = 10;

/**
 * Write how far something is: below a kilometre in tens of metres, farther in tenths of kilometres.
 * @param {number} metres
 * @param {number} [accuracy] of the boundary that it leads to, in metres: the distance is not written more exactly
 */
export function distance(metres, accuracy) {
  if (accuracy === undefined || accuracy <= LEAST_M) return far(metres, LEAST_M);
  const step = 10 ** Math.ceil(Math.log10(accuracy));
  const told = far(metres, step);
  return metres < step / 2 ? told : filled(_("about {distance}"), { distance: told });
}

function far(metres, step) {
  const steps = Math.floor(metres / step + 0.5) * step;
  const isFine = step < M_PER_KM;
  const km = (isFine ? metres : steps) / M_PER_KM;
  if (steps >= M_PER_KM) return filled(_("{km} km"), { km: number(km, isFine ? 1 : 0) });
  return steps ? filled(_("{m} m"), { m: number(steps) }) : filled(_("less than {m} m"), { m: number(step) });
}

/** Write a share between 0 and 1 as a percentage. A share above 0 is never written as 0. */
export function percent(share, decimals = 1) {
  const least = 1 / 10 ** (decimals + 2);
  const told = share > 0 ? Math.max(share, least) : share;
  const hundredths = rounded(Number((told * 100).toPrecision(15)), decimals) / 100;
  const digits = hundredths === 1 ? 0 : decimals;
  const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const text = new Intl.NumberFormat(spoken.locale, { style: "percent", ...fixed }).format(hundredths);
  return share > 0 && share < least / 2 ? `< ${text}` : text;
}

/** Write a day (ISO 8601) as the reader does. */
export function date(day) {
  return new Intl.DateTimeFormat(spoken.locale, { dateStyle: "long", timeZone: "UTC" }).format(instant(day));
}

/** Write the month of a day as the reader does: mayo de 2012 or May 2012. */
export function month(day) {
  return new Intl.DateTimeFormat(spoken.locale, { year: "numeric", month: "long", timeZone: "UTC" }).format(instant(day));
}

function instant(day) {
  return new Date(`${String(day).slice(0, 10)}T00:00:00Z`);
}

/** Write a day with no more than its precision lets one say. */
export function when(day, precision) {
  if (!day) return _("date not known");
  if (precision === "year") return String(day).slice(0, 4);
  if (precision === "month") return month(day);
  if (precision === "period") return filled(_("from {month} on"), { month: month(day) });
  return date(day);
}

/** Say of what day a source is; nobody may have stated it. */
export function asOf(day) {
  return day ? filled(_("as of {date}"), { date: date(day) }) : _("date not stated");
}

/** Join texts as the reader does: a, b y c (or: a, b o c). */
export function listed(texts, /** @type {Intl.ListFormatType} */ style = "conjunction") {
  if (typeof Intl.ListFormat !== "function") return texts.join(", ");
  return new Intl.ListFormat(spoken.locale, { style: "long", type: style }).format(texts);
}
