/*
 * The published map: data.js holds what is shown, in every language. It opens from a folder, asks nothing of any machine,
 * and writes everything that was written by others by textContent only.
 */
(() => {
  "use strict";

  const D = window.LINDERO;
  const PAGE = 20;
  const LISTED = 8;
  const languages = Object.keys(D.words);
  let language = languages.find((code) => (navigator.language || "").startsWith(code)) || languages[0];
  let map = null;
  const groups = new Map();
  const hidden = new Set();

  const w = (code) => D.words[language][code] ?? code ?? "";
  const number = (value) => new Intl.NumberFormat(language === "es" ? "es-PE" : language, { maximumFractionDigits: 1 }).format(value);
  const table = (name) => D.tables[name] || [];
  const layer = (name) => D.layers[name] || [];

  function el(tag, text, attributes = {}, ...children) {
    const made = document.createElement(tag);
    if (text !== null && text !== undefined) made.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  /* ---- the map ---- */

  function hatched(style) {
    const canvas = el("canvas");
    canvas.width = canvas.height = 8;
    const ink = canvas.getContext("2d");
    ink.fillStyle = ink.strokeStyle = style.color;
    ink.globalAlpha = 0.2;
    ink.fillRect(0, 0, 8, 8);
    ink.globalAlpha = 0.9;
    ink.beginPath();
    const line = (x1, y1, x2, y2) => { ink.moveTo(x1, y1); ink.lineTo(x2, y2); };
    ({
      rising: () => { line(-2, 10, 10, -2); line(-2, 2, 2, -2); line(6, 10, 10, 6); },
      falling: () => { line(-2, -2, 10, 10); line(6, -2, 10, 2); line(-2, 6, 2, 10); },
      crossed: () => { line(0, 0, 8, 8); line(8, 0, 0, 8); },
      level: () => line(0, 4, 8, 4),
      upright: () => line(4, 0, 4, 8),
      dotted: () => ink.fillRect(3, 3, 2, 2),
      plain: () => {},
    })[style.hatching]();
    ink.stroke();
    return ink.createPattern(canvas, "repeat");
  }

  const named = (props) => props.name || props.title || props.code || w("not_known");

  function popup(lines) {
    return el("div", null, {}, ...lines.map((text) => el("p", text)));
  }

  function styleOf(style) {
    return { color: style.color, weight: 1.2, fillColor: hatched(style), fillOpacity: 1, dashArray: style.layer === "incidents" ? "5 4" : null };
  }

  function drawn(style) {
    const features = layer(style.layer).filter((f) => f.geometry && (!style.by || f.properties[style.by] === style.code));
    if (!features.length) return null;
    if (style.layer === "incidents") return knownAreas(features, style);
    return L.geoJSON({ type: "FeatureCollection", features }, {
      style: styleOf(style),
      pointToLayer: (_, at) => L.circleMarker(at, { ...styleOf(style), radius: 5 }),
      onEachFeature: (f, shape) => shape.bindPopup(() => popup([named(f.properties), w(`class_${style.code}`)])),
    });
  }

  /* Areas in which attacks are known, each drawn once however many there are, the larger below. */
  function knownAreas(features, style) {
    const areas = new Map();
    features.forEach((f) => {
      const key = JSON.stringify(f.geometry);
      areas.set(key, [...(areas.get(key) || []), f]);
    });
    const across = (f) => { const b = L.geoJSON(f).getBounds(); return b.getEast() - b.getWest(); };
    const sorted = [...areas.values()].sort((a, b) => across(b[0]) - across(a[0]));
    return L.layerGroup(sorted.map((together) => L.geoJSON(together[0], {
      style: { ...styleOf(style), fillColor: style.color, fillOpacity: 0.1 + 0.05 * Math.min(together.length, 6) },
    }).bindPopup(() => popup([
      `${w("class_incidents")}: ${number(together.length)} (${w("known_to")}: ${w(together[0].properties.location_precision)})`,
      ...together.slice(0, LISTED).map((f) => named(f.properties)),
      ...(together.length > LISTED ? ["…"] : []),
    ]))));
  }

  function drawMap(box) {
    if (map) map.remove();
    map = L.map(box, { preferCanvas: true, zoomControl: false, minZoom: 3, maxZoom: 15 });
    map.attributionControl.setPrefix(false).addAttribution(D.ground.credit);
    L.control.zoom({ zoomInTitle: w("zoom_in"), zoomOutTitle: w("zoom_out") }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const ground = (name, style) => L.geoJSON(D.ground[name], { interactive: false, style }).addTo(map);
    ground("countries", { color: "#6d675a", weight: 1.2, fillColor: "#f5f3ee", fillOpacity: 1 });
    ground("regions", { color: "#a59f90", weight: 0.8, fill: false, dashArray: "4 3" });
    ground("rivers", { color: "#9fc3d3", weight: 1 });
    groups.clear();
    const counts = D.counts.filter((f) => f.geometry);
    if (counts.length) groups.set("counted", countedAreas(counts));
    D.styles.forEach((style) => { const group = drawn(style); if (group) groups.set(style.code, group); });
    groups.forEach((group, code) => { if (!hidden.has(code)) group.addTo(map); });
    map.fitBounds(D.ground.bounds);
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", w("map"));
  }

  /* Each department once, with what its published cells hold together. */
  function countedAreas(features) {
    const areas = new Map();
    features.forEach((f) => {
      const known = areas.get(f.properties.department) || { ...f, total: 0 };
      areas.set(f.properties.department, { ...known, total: known.total + f.properties.count });
    });
    return L.layerGroup([...areas.values()].map((area) => L.geoJSON(area, {
      style: { color: "#5a2d82", weight: 2, fillColor: "#5a2d82", fillOpacity: 0.15, dashArray: "2 4" },
    }).bindPopup(() => popup([area.properties.department, `${w("counted")}: ${w("total")} ${number(area.total)}`]))));
  }

  function legend() {
    const box = el("fieldset", null, { class: "legend" }, el("legend", w("legend")));
    groups.forEach((group, code) => {
      const check = el("input", null, { type: "checkbox" });
      check.checked = !hidden.has(code);
      check.addEventListener("change", () => {
        if (check.checked) { hidden.delete(code); group.addTo(map); } else { hidden.add(code); group.remove(); }
      });
      box.append(el("label", null, {}, check, sample(code), code === "counted" ? w("counted") : w(`class_${code}`)));
    });
    return box;
  }

  function sample(code) {
    const style = D.styles.find((s) => s.code === code) || { color: "#5a2d82", hatching: "plain" };
    const canvas = el("canvas", null, { "aria-hidden": "true" });
    canvas.width = 26;
    canvas.height = 14;
    const ink = canvas.getContext("2d");
    ink.fillStyle = hatched(style);
    ink.fillRect(0, 0, 26, 14);
    ink.strokeStyle = style.color;
    ink.lineWidth = 2;
    ink.strokeRect(0, 0, 26, 14);
    return canvas;
  }

  function showButton(feature) {
    const button = el("button", w("show"), { type: "button", "aria-label": `${w("show")}: ${named(feature.properties)}` });
    button.addEventListener("click", () => {
      map.fitBounds(L.geoJSON(feature).getBounds(), { maxZoom: 11 });
      document.getElementById("map").scrollIntoView({ block: "center" });
    });
    return button;
  }

  /* ---- the lists, which hold the same things ---- */

  /* A list that can be searched and grows by pages: `draw` makes an entry of a record. */
  function growing(records, searched, draw, shell) {
    let shown = PAGE;
    let text = "";
    const search = el("input", null, { type: "search", "aria-label": w("search"), placeholder: w("search") });
    const said = el("span", "", { "aria-live": "polite" });
    const more = el("button", w("more"), { type: "button" });
    const render = () => {
      const found = records.filter((r) => searched(r).toLocaleLowerCase(language).includes(text));
      shell.into.replaceChildren(...found.slice(0, shown).map(draw));
      said.textContent = w("shown_of").replace("{shown}", number(Math.min(shown, found.length))).replace("{all}", number(found.length));
      more.hidden = found.length <= shown;
    };
    search.addEventListener("input", () => { text = search.value.toLocaleLowerCase(language); shown = PAGE; render(); });
    more.addEventListener("click", () => { shown += PAGE; render(); });
    render();
    return [el("div", null, { class: "tools" }, search, said), shell.whole, more];
  }

  function rowsOf(heads) {
    const into = el("tbody");
    const head = el("tr", null, {}, ...heads.map((text) => el("th", text, { scope: "col" })));
    return { into, whole: el("table", null, {}, el("thead", null, {}, head), into) };
  }

  /* What the map cannot say of a layer: that it has no data of it at all, or where it has some. */
  function coverage(name) {
    if (!layer(name).length && !D.covered[name]) return el("p", w("lacks"));
    return el("p", `${w("covered")}: ${(D.covered[name] || []).join(", ") || w("covered_not_known")}.`);
  }

  const row = (heads, cells) => el("tr", null, {}, ...cells.map((cell, i) => {
    const td = el("td", null, { "data-head": heads[i] });
    if (typeof cell === "number") { td.className = "number"; td.textContent = number(cell); } else td.append(cell ?? "–");
    return td;
  }));

  function attacks() {
    const acts = new Map();
    table("acts").forEach((act) => acts.set(act.incident_id, [...(acts.get(act.incident_id) || []), w(act.type)]));
    const list = el("ul", null, { class: "records" });
    const records = [...layer("incidents")].sort((a, b) => String(b.properties.occurred_on || "").localeCompare(String(a.properties.occurred_on || "")));
    if (!records.length) return D.covered.incidents ? [el("p", w("no_attacks")), coverage("incidents")] : [coverage("incidents")];
    const entry = (feature) => {
      const p = feature.properties;
      const parts = [
        el("strong", named(p)),
        el("p", `${w("when")}: ${dated(p)}`),
        el("p", `${w("where")}: ${[...new Set([p.place_text, p.region])].filter(Boolean).join(", ") || w("not_known")} (${w("known_to")}: ${w(p.location_precision)})`),
        el("p", `${w("acts")}: ${(acts.get(p.id) || [w("not_known")]).join(", ")}`),
        el("p", `${w("sources")}: ${p.sources || w("not_known")}`),
      ];
      return el("li", null, {}, ...parts, ...(feature.geometry ? [showButton(feature)] : []));
    };
    return [coverage("incidents"), ...growing(records, (f) => Object.values(f.properties).join(" "), entry, { into: list, whole: list })];
  }

  function dated(p) {
    if (!p.occurred_on) return w("not_known");
    const length = { day: 10, month: 7 }[p.date_precision] || 4;
    return String(p.occurred_on).slice(0, length);
  }

  function counted() {
    if (!D.counts.length) return [el("p", w("no_counts"))];
    const heads = [w("department"), w("province"), w("year"), w("count")];
    const { into, whole } = rowsOf(heads);
    D.counts.forEach(({ properties: p }) => into.append(row(heads, [p.department, p.province || w("others"), p.year ? String(p.year) : w("not_known"), p.count])));
    const total = D.counts.reduce((sum, f) => sum + f.properties.count, 0);
    return [el("p", w("counted_why")), whole, el("p", `${w("total")}: ${number(total)}`)];
  }

  function lands() {
    const under = new Map();
    table("overlaps").filter((o) => o.left_layer === "concessions" && o.right_layer === "communities")
      .forEach((o) => under.set(o.right_id, (under.get(o.right_id) || 0) + 1));
    const heads = [w("name"), w("kind"), w("hectares"), w("concessions"), w("map")];
    return listed("communities", [heads[0], heads[1], heads[2], w("under"), w("show")], (p) => [w(p.type), p.area_ha, under.get(p.id) || (p.is_covered ? 0 : w("no_data"))]);
  }

  function listed(name, heads, cells) {
    const records = [...layer(name)].sort((a, b) => named(a.properties).localeCompare(named(b.properties), language));
    if (!records.length) return D.covered[name] ? [el("p", w("nothing")), coverage(name)] : [coverage(name)];
    const shell = rowsOf(heads);
    const entry = (f) => row(heads, [named(f.properties), ...cells(f.properties), f.geometry ? showButton(f) : "–"]);
    return [coverage(name), ...growing(records, (f) => [named(f.properties), f.properties.holder || ""].join(" "), entry, shell)];
  }

  function sources() {
    const heads = [w("name"), w("publisher"), w("as_of"), w("licence")];
    const { into, whole } = rowsOf(heads);
    const day = (s) => (s.snapshot_stated === false || !s.snapshot_on ? w("not_known") : String(s.snapshot_on).slice(0, 10));
    table("sources").forEach((s) => into.append(row(heads, [s.title || s.source_id, s.publisher, day(s), s.licence])));
    return [whole];
  }

  /* ---- the page ---- */

  const section = (title, children) => el("section", null, { "aria-label": title }, el("h2", title), ...children);

  function languageButtons() {
    return el("nav", null, { class: "languages", "aria-label": "Idioma / Language" }, ...languages.map((code) => {
      const button = el("button", D.words[code].language, { type: "button", lang: code, "aria-pressed": String(code === language) });
      button.addEventListener("click", () => { language = code; render(); document.querySelector(`.languages [lang=${code}]`).focus(); });
      return button;
    }));
  }

  function render() {
    document.documentElement.lang = language;
    document.title = `${D.title} – Lindero`;
    const box = el("div", null, { id: "map" });
    const place = el("div");
    const concessionHeads = [w("name"), w("holder"), w("kind"), w("status"), w("hectares"), w("show")];
    document.getElementById("page").replaceChildren(
      languageButtons(),
      el("h1", D.title),
      el("p", `${w("published")} ${w("date")}`),
      ...(D.invented ? [el("p", w("invented"), { class: "notice" })] : []),
      box, place,
      section(w("attacks"), attacks()),
      section(w("counted"), counted()),
      section(w("communities"), lands()),
      section(w("concessions"), listed("concessions", concessionHeads, (p) => [p.holder, w(p.kind), w(p.status), p.area_ha])),
      section(w("protected_areas"), listed("protected_areas", [w("name"), w("kind"), w("hectares"), w("show")], (p) => [p.designation, p.area_ha])),
      ...(layer("mining_scars").length ? [section(w("mining_scars"), listed("mining_scars", [w("name"), w("when"), w("hectares"), w("show")], (p) => [p.observed_on, p.mined_ha]))] : []),
      section(w("sources"), sources()),
      section(w("limits"), [el("p", w("limits_text"))]),
    );
    drawMap(box);
    place.append(legend());
    window.lindero = { map, groups };
  }

  render();
})();
