/*
 * Areas of an answer, drawn over the map with a colour and a hatching for each class, and a legend of them.
 * app/media/pages/maps/areas.py calls `linderoAreas.show`. Text of others is shown by textContent only.
 */
(() => {
  "use strict";

  const element = (...told) => window.linderoControls.element(...told); /* scripts may come in another order */

  const part = (name, attributes, parent) => {
    const made = L.SVG.create(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return parent.appendChild(made);
  };

  let under = [];  /* what was told of areas that let a press through, since it was last asked for */

  const idOf = (look) => `lindero-area-${look.code}`;

  /* One hidden drawing holds the hatchings that the areas and the legend refer to. */
  function hatchings(looks) {
    const { SIDE, HATCHINGS } = window.linderoRules;
    const holder = part("svg", { width: 0, height: 0, "aria-hidden": true, style: "position: absolute" }, document.body);
    looks.forEach((look) => {
      const size = { width: SIDE, height: SIDE };
      const pattern = part("pattern", { id: idOf(look), patternUnits: "userSpaceOnUse", ...size }, holder);
      part("rect", { ...size, fill: look.color, "fill-opacity": look.depth }, pattern);
      part("path", { d: HATCHINGS[look.hatching], stroke: look.color, "stroke-width": 1.2 }, pattern);
    });
  }

  function sampleOf(look) {
    const size = { width: 26, height: 14 };
    const sample = part("svg", { ...size, "aria-hidden": true }, document.createDocumentFragment());
    part("rect", { ...size, fill: `url(#${idOf(look)})`, stroke: look.color, "stroke-width": 2 }, sample);
    return sample;
  }

  /* One class is never folded; it needs no heading where its name says what it is of. */
  function legend(map, config, isNamed, isUnder) {
    const isOne = config.looks.length === 1;
    const box = element(isOne ? "div" : "details", { className: "lindero-legend", open: window.linderoControls.hasRoom() });
    if (!isOne || isNamed) box.append(element(isOne ? "strong" : "summary", {}, config.title));
    const rows = config.looks.map((look) => element("div", { className: "lindero-look" }, sampleOf(look), element("span", {}, look.label)));
    box.append(element("div", { className: "lindero-classes" }, ...rows));
    const panel = window.linderoControls.panel(map);
    if (isUnder) panel.append(box); else panel.prepend(box);
    return box;
  }

  /* What is told on a press is explained only while some of it is in view. */
  function explainInView(map, areas, box) {
    const note = () => {
      const view = map.getBounds();
      box.hidden = !areas.getLayers().some((area) => view.intersects(area.getBounds ? area.getBounds() : area.getLatLng().toBounds(1)));
    };
    map.on("moveend", note);
    note();
  }

  function popupOf(feature, looks = []) {
    const { name, said } = feature.properties;
    const lines = [...looks.map((look) => look.label), said].map((text) => element("span", { textContent: text }));
    return element("div", { className: "lindero-popup" }, element("p", {}, element("strong", { textContent: name }), ...lines));
  }

  /* The corners of an area, which come as steps of whole numbers (app/media/pages/maps/areas.py), as GeoJSON. */
  function unfolded({ scale, areas }) {
    const along = (steps) => {
      const corners = [];
      let [x, y] = [0, 0];
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        corners.push([x / scale, y / scale]);
      }
      return corners;
    };
    const shape = ({ rings, lines, points }) => {
      if (rings) return { type: "MultiPolygon", coordinates: rings.map((part) => part.map(along)) };
      if (lines) return { type: "MultiLineString", coordinates: lines.map(along) };
      const places = along(points);
      return places.length > 1 ? { type: "MultiPoint", coordinates: places } : { type: "Point", coordinates: places[0] };
    };
    return areas.map((area) => ({ type: "Feature", properties: area.properties, geometry: shape(area) }));
  }

  function show(map, told) {
    const config = { ...told, looks: window.linderoRules.lit(told.looks) };
    hatchings(config.looks);
    const name = config.pane || "areas";
    map.createPane(name).style.zIndex = config.is_through ? 410 : 420;
    const renderer = L.svg({ pane: name });
    const looks = new Map(config.looks.map((look) => [look.code, look]));
    const style = ({ properties }) => {
      const look = looks.get(properties.look);
      return { color: look.color, weight: look.outline, fillColor: `url(#${idOf(look)})`, fillOpacity: 1, dashArray: look.dash || null };
    };
    const shared = { renderer, pane: name, bubblingMouseEvents: Boolean(config.is_through), interactive: !config.is_through || config.is_told };
    const tell = (feature, layer) => {
      if (config.is_through && !config.is_told) return;
      if (config.is_through) layer.on("click", () => under.push(popupOf(feature, config.looks)));
      else layer.bindPopup(() => popupOf(feature), { maxWidth: 260 });
    };
    const areas = L.geoJSON(unfolded(config.areas), {
      ...shared,
      style,
      pointToLayer: (feature, at) => L.circleMarker(at, { ...shared, radius: 6 }),
      onEachFeature: tell,
    }).addTo(map);
    const isTold = Boolean(config.is_through && config.is_told);
    const box = legend(map, config, name === "areas", isTold);
    if (isTold) explainInView(map, areas, box);
    if (name === "areas") called(map, config.title);
    return areas;
  }

  /* A page may have several maps: whoever hears them is told them apart by what they are of. */
  function called(map, title) {
    const around = map.getContainer();
    around.setAttribute("aria-label", [title, around.getAttribute("aria-label")].filter(Boolean).join(". "));
  }

  /* Give what a press has met on its way to the map, and forget it. */
  function met() {
    const found = under;
    under = [];
    return found;
  }

  window.linderoAreas = { show, met };
})();
