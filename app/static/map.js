/*
 * The map in the browser: the background and the layers as vector tiles in folium's Leaflet map, with a legend.
 * app/maps.py calls `lindero.show` once and `lindero.choose` at every change of what is to be seen. Everything that was
 * written by others is shown by textContent only.
 */
(() => {
  "use strict";

  const P = window.protomapsL;
  const FONT = "system-ui, sans-serif";
  const GROUND = { land: "#f5f3ee", water: "#cfe0e8", river: "#9fc3d3", border: "#6d675a", region: "#a59f90" };
  const STEPS = [[1, 3, 0.2], [3, 10, 0.4], [10, 30, 0.6], [30, Infinity, 0.85]];
  const COUNTS = "#5a2d82";
  const PICK_PX = 6;
  const LISTED = 8;
  const WIDE_PX = 560;
  const CLOSE_ZOOM = 10;

  /* What is to be seen: codes of classes hidden by the legend, and what the page asks for (null: everything). */
  const hidden = new Set();
  let chosen = { statuses: null, years: null, point: null };
  let shown = null;

  /* ---- drawing ---- */

  function hatched(style) {
    const side = 8;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    const ink = canvas.getContext("2d");
    ink.fillStyle = ink.strokeStyle = style.color;
    ink.globalAlpha = 0.22;
    ink.fillRect(0, 0, side, side);
    ink.globalAlpha = 0.9;
    ink.lineWidth = 1;
    ink.beginPath();
    const line = (x1, y1, x2, y2) => { ink.moveTo(x1, y1); ink.lineTo(x2, y2); };
    const hatchings = {
      rising: () => { line(-2, 10, 10, -2); line(-2, 2, 2, -2); line(6, 10, 10, 6); },
      falling: () => { line(-2, -2, 10, 10); line(6, -2, 10, 2); line(-2, 6, 2, 10); },
      crossed: () => { line(0, 0, 8, 8); line(8, 0, 0, 8); },
      level: () => line(0, 4, 8, 4),
      upright: () => line(4, 0, 4, 8),
      dotted: () => ink.fillRect(3, 3, 2, 2),
      plain: () => {},
    };
    hatchings[style.hatching]();
    ink.stroke();
    return canvas;
  }

  const codeOf = (style, props) => (style.by ? String(props[style.by]) === style.code : true);

  function isChosen(style, props) {
    const { statuses, years } = chosen;
    if (hidden.has(style.code)) return false;
    if (statuses && props.status !== undefined && !statuses.includes(props.status)) return false;
    return !(years && props.year !== undefined && (props.year < years[0] || props.year > years[1]));
  }

  function rulesOf(style) {
    const filter = (z, feature) => codeOf(style, feature.props) && isChosen(style, feature.props);
    const spot = new P.CircleSymbolizer({ radius: 5, fill: style.color, stroke: "#ffffff", width: 1.5 });
    const area = style.spot ? new P.LineSymbolizer({ color: style.color, width: 1.2, dash: [5, 4] }) : new P.PolygonSymbolizer({
      pattern: hatched(style), fill: style.color, opacity: 0.85, stroke: style.color, width: (z) => (z < 8 ? 0.6 : 1.4),
    });
    const POINT = 1;
    return [
      { dataLayer: style.layer, symbolizer: area, filter: (z, f) => f.geomType !== POINT && filter(z, f) },
      { dataLayer: style.layer, symbolizer: spot, filter: (z, f) => f.geomType === POINT && filter(z, f) },
    ];
  }

  function countRules(styles) {
    const total = (props) => styles.reduce(
      (sum, style) => sum + (hidden.has(style.code) ? 0 : props[style.code] || 0), 0);
    return STEPS.map(([from, to, opacity]) => ({
      dataLayer: "counts",
      symbolizer: new P.PolygonSymbolizer({ fill: COUNTS, opacity }),
      filter: (z, feature) => total(feature.props) >= from && total(feature.props) < to,
    }));
  }

  function groundRules() {
    const line = (color, width, dash) => new P.LineSymbolizer({ color, width, ...(dash ? { dash } : {}) });
    return [
      { dataLayer: "land", symbolizer: new P.PolygonSymbolizer({ fill: GROUND.land }) },
      { dataLayer: "water", symbolizer: new P.PolygonSymbolizer({ fill: GROUND.water }) },
      { dataLayer: "rivers", symbolizer: line(GROUND.river, (z) => (z < 8 ? 0.7 : 1.4)) },
      { dataLayer: "regions", symbolizer: line(GROUND.region, 0.9, [4, 3]) },
      { dataLayer: "countries", symbolizer: line(GROUND.border, 1.3) },
    ];
  }

  function labelRules(language) {
    const names = language === "en" ? ["name"] : [`name_${language}`, "name"];
    const text = (font, fill) => ({ labelProps: names, font: `${font} ${FONT}`, fill, stroke: "#ffffff", width: 2 });
    const place = new P.GroupSymbolizer([
      new P.CircleSymbolizer({ radius: 2, fill: "#444444", stroke: "#ffffff", width: 1 }),
      new P.OffsetTextSymbolizer({ ...text("500 11px", "#333333"), offsetX: 4, offsetY: 2 }),
    ]);
    return [
      { dataLayer: "country_labels", symbolizer: new P.CenteredTextSymbolizer(text("600 14px", "#4a463d")), maxzoom: 7 },
      { dataLayer: "region_labels", symbolizer: new P.CenteredTextSymbolizer(text("italic 12px", "#5b564b")) },
      { dataLayer: "places", symbolizer: place, sort: (a, b) => b.population - a.population },
    ];
  }

  /* ---- layers ---- */

  function tilesOf(source, options) {
    return P.leafletLayer({
      url: source.url, maxDataZoom: source.max_zoom, attribution: source.attribution,
      paintRules: [], labelRules: [], maxZoom: 19, ...options,
    });
  }

  function sample(style) {
    const canvas = document.createElement("canvas");
    canvas.width = 26;
    canvas.height = 14;
    const ink = canvas.getContext("2d");
    if (style.spot) {
      ink.fillStyle = style.color;
      ink.arc(13, 7, 5, 0, 7);
      ink.fill();
      return canvas;
    }
    ink.fillStyle = ink.createPattern(hatched(style), "repeat");
    ink.fillRect(0, 0, 26, 14);
    ink.strokeStyle = style.color;
    ink.lineWidth = 2;
    ink.strokeRect(0, 0, 26, 14);
    return canvas;
  }

  function choiceOf(style) {
    const row = document.createElement("label");
    const box = row.appendChild(document.createElement("input"));
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(style.code); else hidden.add(style.code);
      shown.map.closePopup();
      shown.layers.rerenderTiles();
    });
    row.appendChild(sample(style));
    row.appendChild(document.createTextNode(style.label));
    return row;
  }

  /* The legend, in which each class can be hidden. */
  function legend(map, config) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const box = document.createElement("details");
      box.className = "lindero-legend";
      box.open = map.getSize().x > WIDE_PX;
      box.appendChild(document.createElement("summary")).textContent = config.words.legend;
      box.append(...config.styles.map(choiceOf));
      const counts = box.appendChild(document.createElement("p"));
      const note = () => { counts.textContent = map.getZoom() <= config.last_count_zoom ? config.words.counts : ""; };
      map.on("zoomend", note);
      note();
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    control.addTo(map);
  }

  /* ---- a click ---- */

  function under(latlng) {
    const found = new Map();
    shown.layers.queryTileFeaturesDebug(latlng.lng, latlng.lat, PICK_PX).forEach((hits) => hits.forEach((hit) => {
      const props = hit.feature.props;
      const style = shown.config.styles.find((s) => s.layer === hit.layerName && codeOf(s, props));
      if (style && isChosen(style, props)) found.set(`${hit.layerName} ${props.id}`, { style, props });
    }));
    return [...found.values()];
  }

  function popup(latlng) {
    const found = under(latlng);
    if (!found.length) return;
    const box = document.createElement("div");
    box.className = "lindero-popup";
    found.slice(0, LISTED).forEach(({ style, props }) => {
      const row = box.appendChild(document.createElement("p"));
      row.appendChild(document.createElement("strong")).textContent = props.name || props.id;
      row.appendChild(document.createElement("span")).textContent = style.label;
    });
    if (found.length > LISTED) {
      box.appendChild(document.createElement("p")).textContent = shown.config.words.more;
    }
    shown.map.openPopup(L.popup({ maxWidth: 260, closeButton: true }).setLatLng(latlng).setContent(box));
  }

  function mark(latlng) {
    shown.pin.setLatLng(latlng);
    if (!shown.map.hasLayer(shown.pin)) shown.pin.addTo(shown.map);
  }

  /* The device is asked where it is only when the reader presses for it, and the answer stays in this page. */
  function locator(map, words) {
    if (!window.isSecureContext || !navigator.geolocation) return;
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "lindero-locate";
      button.textContent = words.locate;
      const pressAt = ({ coords }) => {
        const latlng = L.latLng(coords.latitude, coords.longitude);
        map.setView(latlng, 11);
        map.fire("click", { latlng });
      };
      button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
        pressAt, () => { button.textContent = words.not_located; }, { timeout: 20000 }));
      L.DomEvent.disableClickPropagation(button);
      return button;
    };
    control.addTo(map);
  }

  /* ---- what app/maps.py calls ---- */

  function show(map, config) {
    document.documentElement.lang = config.language;
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false }).addTo(map);
    L.control.zoom({ zoomInTitle: config.words.zoom_in, zoomOutTitle: config.words.zoom_out }).addTo(map);
    locator(map, config.words);
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", config.words.map);

    tilesOf(config.ground, { paintRules: groundRules(), backgroundColor: GROUND.water }).addTo(map);
    const styles = config.styles;
    const paintRules = [...countRules(styles), ...styles.flatMap(rulesOf)];
    const layers = tilesOf(config.layers, { paintRules }).addTo(map);
    const labels = map.createPane("labels");
    labels.style.zIndex = 450;
    labels.style.pointerEvents = "none";
    tilesOf({ ...config.ground, attribution: "" }, { labelRules: labelRules(config.language), pane: "labels" }).addTo(map);

    const pin = L.circleMarker([0, 0], { radius: 9, color: "#000000", weight: 3, fillColor: "#ffffff", fillOpacity: 0.6, interactive: false });
    shown = { map, config, layers, pin };
    layers.on("load", () => { window.lindero.loads += 1; });
    if (styles.length) legend(map, config);
    map.on("click", (event) => { mark(event.latlng); popup(event.latlng); });
    return layers;
  }

  const seen = ({ statuses, years }) => JSON.stringify([statuses, years]);

  function choose(wanted) {
    const before = chosen;
    chosen = { ...chosen, ...wanted };
    const { map, pin } = shown;
    const isPressed = wanted.point && map.hasLayer(pin) && pin.getLatLng().distanceTo(wanted.point) < 1;
    if (wanted.point && !isPressed) {
      mark(wanted.point);
      map.setView(wanted.point, Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
      map.closePopup();
    }
    if (seen(before) !== seen(chosen)) shown.layers.rerenderTiles();
  }

  window.lindero = { show, choose, under, loads: 0 };
})();
