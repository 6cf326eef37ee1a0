/*
 * The map in the browser: the background and the layers as vector tiles in folium's Leaflet map.
 * app/media/pages/maps/map_view.py calls `lindero.show` once and `lindero.choose` at every change of what is to be seen. Everything that was
 * written by others is shown by textContent only.
 */
(() => {
  "use strict";

  const P = window.protomapsL;
  const rules = window.linderoRules;
  const controls = window.linderoControls;
  const { seen, marked, nameOf } = rules;
  const PICK_PX = 6;
  const LISTED = 8;
  const CLOSE_ZOOM = 12;  /* some 20 km across on a laptop */
  const CLOSEST_ZOOM = 13;
  const FARTHEST_ZOOM = 3;
  const PAUSES_MS = [500, 2000, 6000];
  const LIGHTS = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"];
  const WORLD = [[-85, -180], [85, 180]];  /* once, however far out: a second South America has nothing on it */

  /* What the page sends: a place, features to be marked, bounds to be brought into view, spots where the map counts. */
  let chosen = { point: null, marked: [], bounds: null, far: [] };
  let shown = null;
  let pressed = [];  /* features at the place pressed last */

  /* ---- layers ---- */

  const pause = (milliseconds) => new Promise((go) => { setTimeout(go, milliseconds); });

  /*
   * A tile that could not be had is asked for again: the server may be starting anew, the network be poor. What stays
   * away is told by `isMissing`, until the next tile comes. (In a frame that goes away the pause never ends.)
   */
  async function patiently(get, isMissing, pauses = PAUSES_MS) {
    try {
      const tile = await get();
      isMissing(false);
      return tile;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (!pauses.length) {
        isMissing(true);
        throw error;
      }
    }
    await pause(pauses[0]);
    return patiently(get, isMissing, pauses.slice(1));
  }

  function tilesOf(source, isMissing, options) {
    const layer = P.leafletLayer({
      url: source.url, maxDataZoom: source.max_zoom, attribution: source.attribution,
      paintRules: [], labelRules: [], maxZoom: 19, noWrap: true, bounds: WORLD, ...options,
    });
    layer.views.forEach(({ tileCache: { source: tiles } }) => {
      const get = tiles.get.bind(tiles);
      tiles.get = (...at) => patiently(() => get(...at), isMissing);
    });
    return layer;
  }

  /* Light and shadow on the ground, in grey: app/static/map.css lays it over the land of any theme. */
  function relief(source) {
    return L.tileLayer(source.url, {
      className: "lindero-relief", zIndex: 1, noWrap: true, attribution: source.attribution,
      minZoom: source.first_zoom, maxNativeZoom: source.max_zoom, maxZoom: source.last_zoom,
    });
  }

  /* ---- a background of the operator's own, between Lindero's and the layers ---- */

  function ownBackground(source, language, isMissing) {
    const [west, south, east, north] = source.bounds;
    const options = { minZoom: source.min_zoom, bounds: L.latLngBounds([[south, west], [north, east]]), zIndex: 2 };
    if (source.is_raster) {
      const images = L.tileLayer(source.url, { ...options, maxNativeZoom: source.max_zoom, maxZoom: 19, noWrap: true, attribution: source.credit });
      images.on("tileerror", () => isMissing(true)).on("tileload", () => isMissing(false));
      return { ground: images, names: null };
    }
    const { paintRules, labelRules } = P.leafletLayer({ url: source.url, flavor: rules.light() === "dark" ? "dark" : "light", lang: language });
    const ground = tilesOf({ ...source, attribution: source.credit }, isMissing, { ...options, paintRules });
    const names = tilesOf({ ...source, attribution: "" }, isMissing, { ...options, labelRules, pane: "labels" });
    names.views = ground.views;
    return { ground, names };
  }

  /* Lets the reader choose, and tells whose it is. Lindero's lies beneath, where the other ends. */
  function backgrounds(map, config, names, isMissing) {
    let current = { ground: null, names: null, source: null };
    /* Names that the background has of its own take the place of Lindero's, from where they begin. */
    const name = () => {
      const has = current.names && map.getZoom() >= current.source.min_zoom;
      if (has) names.remove(); else names.addTo(map);
    };
    map.on("zoomend", name);
    controls.backgrounds(map, config, (source) => {
      [current.ground, current.names].forEach((layer) => layer && layer.remove());
      current = { ground: null, names: null, source };
      if (source) Object.assign(current, ownBackground(source, config.language, isMissing));
      [current.ground, current.names].forEach((layer) => layer && layer.addTo(map));
      name();
    });
  }

  /* ---- a click ---- */

  const at = (latlng) => [...shown.layers.queryTileFeaturesDebug(latlng.lng, latlng.lat, PICK_PX).values()].flat();

  /* The features seen at a place, each once. */
  function under(latlng) {
    const found = new Map();
    at(latlng).forEach((hit) => {
      const props = hit.feature.props;
      const style = rules.styleOf(shown.config.styles, hit.layerName);
      if (style && rules.isSeen(style, props)) found.set(nameOf(style.layer, props.id), { style, props });
    });
    return [...found.values()];
  }

  /* How many records the cell at a place counts. */
  function counted(latlng) {
    return at(latlng).filter((hit) => hit.layerName === "counts")
      .reduce((sum, hit) => sum + rules.total(shown.config.styles, hit.feature.props), 0);
  }

  function popup(latlng) {
    const found = under(latlng);
    const refused = window.linderoAreas ? window.linderoAreas.met() : [];
    if (!found.length && !refused.length) return;
    const { element } = controls;
    const rows = found.slice(0, LISTED).map(({ style, props }) => (
      element("p", {}, element("strong", { textContent: props.name || props.id }), element("span", { textContent: style.label }))
    ));
    if (found.length > LISTED) rows.push(element("p", { textContent: shown.config.words.more }));
    const box = element("div", { className: "lindero-popup" }, ...rows, ...refused);
    shown.map.openPopup(L.popup({ maxWidth: 260, closeButton: true }).setLatLng(latlng).setContent(box));
  }

  function mark(latlng) {
    shown.pin.setLatLng(latlng);
    if (!shown.map.hasLayer(shown.pin)) shown.pin.addTo(shown.map);
  }

  /* ---- what the page is told ---- */

  /* Tell the page at once what the component would tell it after a quarter of a second, and what lies at the place. */
  function tell() {
    const told = window.__GLOBAL_DATA__;
    if (!told) return;
    const { hidden, statuses, years, undated } = seen;
    told.last_active_drawing = {
      features: pressed, hidden: [...hidden], statuses: statuses && [...statuses], years, undated,
    };
    const said = { last_clicked: told.lat_lng_clicked, last_active_drawing: told.last_active_drawing };
    told.previous_data = said;
    window.Streamlit.setComponentValue(said);
  }

  function press(latlng) {
    mark(latlng);
    pressed = under(latlng).map(({ style, props }) => [style.layer, props.id]);
    popup(latlng);
    if (window.__GLOBAL_DATA__) window.__GLOBAL_DATA__.lat_lng_clicked = latlng;
    tell();
  }

  /* The controls have changed what is to be seen. */
  function filter() {
    seen.version += 1;
    shown.map.closePopup();
    shown.layers.rerenderTiles();
    tell();
  }

  /* With room around, or what lies at an edge is behind the attribution. */
  function bringIntoView(map, [west, south, east, north], options = {}) {
    map.fitBounds([[south, west], [north, east]], { animate: false, padding: [20, 20], ...options });
  }

  /* Far enough out to see all that it is about, and no farther: around the country there is nothing on it. */
  function confine(map, [west, south, east, north]) {
    const limits = L.latLngBounds([[south, west], [north, east]]).extend(map.getBounds());
    const all = Math.floor(Math.min(map.getBoundsZoom(limits), map.getZoom()));
    map.setMinZoom(Number.isFinite(all) ? Math.max(all, FARTHEST_ZOOM) : FARTHEST_ZOOM).setMaxBounds(limits);
  }

  /* Until somebody has moved the map it shows what it is about, in any room; a popup stays in view. */
  function keepFitted(map, config) {
    let isFitting = false;
    let isMoved = false;
    let said = null;
    const fit = () => {
      isFitting = true;
      map.setMaxBounds(null).setMinZoom(0);
      bringIntoView(map, config.bounds);
      confine(map, config.limits);
      isFitting = false;
    };
    fit();
    map.on("movestart", () => { isMoved ||= !isFitting; });
    const bringSaid = () => {
      said.options.autoPanPaddingTopLeft = controls.taken(map);
      said.update();
    };
    map.on("popupopen", (event) => { said = event.popup; bringSaid(); }).on("popupclose", () => { said = null; });
    new ResizeObserver(() => {
      map.invalidateSize({ pan: false });
      if (!isMoved) fit();
      if (said) bringSaid();
    }).observe(map.getContainer());
  }

  /* What is painted is in the colours of one light: in another one it is painted anew, but not for being printed. */
  function anew() {
    if (!window.matchMedia("print").matches) window.location.reload();
  }

  /* ---- what app/media/pages/maps/map_view.py calls ---- */

  function show(map, told) {
    const config = { ...told, styles: rules.lit(told.styles) };
    document.documentElement.lang = config.language;
    document.documentElement.classList.toggle("lindero-dark", rules.light() === "dark");
    LIGHTS.forEach((asked) => window.matchMedia(asked).addEventListener("change", anew));
    /* The component and folium forbid to enlarge their page; whoever sees little has to. */
    document.querySelectorAll("meta[name=viewport]").forEach((meta) => { meta.content = "width=device-width, initial-scale=1"; });
    controls.panel(map, config.design);  /* it takes room from the map, which is fitted to what is left */
    map.invalidateSize({ pan: false });
    keepFitted(map, config);  /* before layers, which would ask for the world's tiles */
    controls.wheel(map, config.words.wheel);
    controls.twoFingers(map, config.words.two_fingers);
    map.attributionControl.setPrefix(false);
    L.control.scale({ imperial: false }).addTo(map);
    L.control.zoom({ zoomInTitle: config.words.zoom_in, zoomOutTitle: config.words.zoom_out }).addTo(map);
    controls.locator(map, config.words);
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", config.words.map);

    const isMissing = controls.notice(map, config.words.missing);
    const ground = tilesOf(config.ground, isMissing, { paintRules: rules.groundRules(), backgroundColor: rules.own("water") }).addTo(map);
    relief(config.relief).addTo(map);
    const styles = config.styles;
    const layers = tilesOf(config.layers, isMissing, { paintRules: rules.paintRules(styles, config.is_counted), zIndex: 3 });
    layers.views.forEach(({ tileCache: { source } }) => {
      const get = source.get.bind(source);
      source.get = (...at) => get(...at).then((data) => rules.sorted(data, styles));
    });
    layers.addTo(map);
    const labels = map.createPane("labels");
    labels.style.zIndex = 450;
    labels.style.pointerEvents = "none";
    const names = tilesOf({ ...config.ground, attribution: "" }, isMissing, { labelRules: rules.labelRules(config.language), pane: "labels" });
    names.views = ground.views;  /* the same tiles, asked for and read once */
    names.addTo(map);

    /* Over the areas of an answer, under the names: where she asked is seen, whatever lies there. */
    map.createPane("pins").style.zIndex = 440;
    const onTop = { renderer: L.svg({ pane: "pins" }), pane: "pins", interactive: false };
    const pin = L.circleMarker([0, 0], { ...onTop, radius: 9, color: rules.own("ink"), weight: 3, fillColor: rules.own("halo"), fillOpacity: 0.6 });
    shown = { map, config, layers, pin, onTop, far: L.layerGroup() };
    map.on("zoomend", showFar);
    /* Not "load": it waits for tiles of another zoom that were given up, and may never come. */
    const isDrawn = () => Object.values(layers._tiles).every((tile) => !tile.current || tile.loaded);
    layers.on("tileload", () => { if (isDrawn()) window.lindero.loads += 1; });
    const own = tilesOf({ ...config.layers, attribution: "" }, isMissing, { labelRules: rules.nameRules(styles), pane: "labels" });
    own.views = layers.views;
    if (styles.length) own.addTo(map);
    controls.sources(map, config.words.sources);
    if (styles.length) controls.legend(map, config, { seen, hatched: rules.hatched, filter, paleUntil: rules.PALE_UNTIL });
    if (config.backgrounds.length) backgrounds(map, config, names, isMissing);
    map.on("click", (event) => press(event.latlng));
    return layers;
  }

  /* Where the map only counts, what the page is about is still seen one by one. */
  function showFar() {
    const { map, config, far } = shown;
    if (map.getZoom() <= config.last_count_zoom) far.addTo(map); else far.remove();
  }

  function choose(wanted) {
    const before = chosen;
    chosen = { ...chosen, ...wanted };
    const { map, pin } = shown;
    const has = (name) => JSON.stringify(before[name]) !== JSON.stringify(chosen[name]);
    if (has("marked")) {
      marked.clear();
      chosen.marked.forEach(([layer, id]) => marked.add(nameOf(layer, id)));
      shown.layers.rerenderTiles();
    }
    if (has("far")) {
      const look = { ...shown.onTop, radius: 5, color: rules.own("mark-line"), weight: 1.5, fillColor: rules.own("mark"), fillOpacity: 0.9 };
      shown.far.clearLayers();
      chosen.far.forEach((place) => shown.far.addLayer(L.circleMarker(place, look)));
      showFar();
    }
    const isBrought = chosen.bounds && has("bounds");
    if (isBrought) {
      bringIntoView(map, chosen.bounds, { maxZoom: CLOSEST_ZOOM });
    }
    const isPressed = chosen.point && map.hasLayer(pin) && pin.getLatLng().distanceTo(chosen.point) < 1;
    if (chosen.point && has("point") && !isPressed) {
      mark(chosen.point);
      if (!isBrought) map.setView(chosen.point, Math.max(map.getZoom(), CLOSE_ZOOM), { animate: false });
      map.closePopup();
    }
  }

  window.lindero = {
    show, choose, under, counted, marked: () => [...marked], loads: 0,
    far: () => (shown.map.hasLayer(shown.far) ? shown.far.getLayers().map((spot) => spot.getLatLng()) : []),
  };
})();
