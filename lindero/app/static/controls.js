/*
 * The controls on the map: the legend, in which each class can be hidden, with the filter by state and year; the
 * button that asks the device where it is; and what is said when something is amiss. They change what app/static/map.js
 * takes for seen, without the server.
 */
(() => {
  "use strict";

  const BESIDE_PX = 900;  /* of the frame, which is narrower than the page; the same in app/static/map.css */
  const OPEN_PX = 560;  /* narrower, as on a phone, the legend is folded at first */
  const PAPER_PX = [500, 290];  /* of a sheet between its margins; the frame's height there is in streamlit_host/page/page.css */
  const CLOSE_ZOOM = 11;
  const TOLD_MS = 1500;
  const POPUP_PX = 320;  /* the widest, with its border */

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function sample(style, hatched) {
    const canvas = element("canvas", { width: 26, height: 14 });
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

  function checkbox(label, change, ...before) {
    const box = element("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => change(box.checked));
    return element("label", {}, box, ...before, label);
  }

  /* One box a class. */
  function classes(config, { seen, hatched, filter }) {
    return config.styles.map((style) => checkbox(style.label, (checked) => {
      if (checked) seen.hidden.delete(style.code); else seen.hidden.add(style.code);
      filter();
    }, sample(style, hatched)));
  }

  /* One box a state of concessions; all of them together mean that the state does not matter. */
  function states(config, { seen, filter }) {
    const all = config.filter.statuses.map(({ code }) => code);
    const kept = new Set(all);
    const boxes = config.filter.statuses.map(({ code, label }) => checkbox(label, (checked) => {
      if (checked) kept.add(code); else kept.delete(code);
      seen.statuses = kept.size === all.length ? null : kept;
      filter();
    }));
    return element("fieldset", {}, element("legend", { textContent: config.words.state }), ...boxes);
  }

  /* The first and the last year; what has none on record has a box of its own, so that it is not left out unsaid. */
  function years(config, { seen, filter }) {
    const [first, last] = config.filter.years;
    const range = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const choice = (label, value) => {
      const options = range.map((year) => element("option", { value: year, textContent: year, selected: year === value }));
      return element("label", {}, label, element("select", {}, ...options));
    };
    const from = choice(config.words.from, first);
    const to = choice(config.words.to, last);
    const year = (label) => Number(label.querySelector("select").value);
    const change = () => {
      const wanted = [Math.min(year(from), year(to)), Math.max(year(from), year(to))];
      seen.years = wanted[0] === first && wanted[1] === last ? null : wanted;
      filter();
    };
    [from, to].forEach((label) => label.addEventListener("change", change));
    const undated = checkbox(config.words.undated, (checked) => { seen.undated = checked; filter(); });
    return element("fieldset", {}, element("legend", { textContent: config.words.year }), from, to, undated);
  }

  const isWide = (least) => window.matchMedia(`(min-width: ${least}px)`).matches;
  const hasRoom = () => isWide(OPEN_PX);

  /*
   * What explains the map stands beside it where there is room, else below it: never over what it is about. The frame
   * is as high as both, so that there is one scroll, the page's, and nothing is cut.
   */
  function panel(map, colours = "") {
    const own = map.getContainer();
    const around = own.parentElement;
    const known = around.querySelector(":scope > .lindero-panel");
    if (known) return known;
    document.head.append(element("style", { textContent: colours }));
    around.classList.add("lindero-framed");
    const box = around.appendChild(element("div", { className: "lindero-panel" }));
    fitPaper(own, around);
    growWith(box, own);
    return box;
  }

  /* On paper the map keeps its place and is drawn smaller, with what explains it beside: app/static/map.css. */
  function fitPaper(own, around) {
    const fit = () => {
      const { clientWidth: width, clientHeight: height } = own;
      if (!width || window.matchMedia("print").matches) return;
      const scale = Math.min(1, PAPER_PX[0] / width, PAPER_PX[1] / height);
      const told = { width: `${width}px`, height: `${height}px`, scale };
      Object.entries(told).forEach(([name, value]) => around.style.setProperty(`--paper-${name}`, value));
    };
    new ResizeObserver(fit).observe(own);
  }

  /* Whoever asks for the frame's height, it is that of the map and what explains it. */
  function growWith(box, map) {
    if (!window.Streamlit) return;
    const tell = window.Streamlit.setFrameHeight;
    const grow = () => {
      const own = Math.ceil(box.getBoundingClientRect().height);
      const { offsetHeight: height } = map;
      tell(isWide(BESIDE_PX) ? Math.max(height, own) : height + own);
    };
    window.Streamlit.setFrameHeight = grow;
    new ResizeObserver(grow).observe(box);
  }

  function legend(map, config, state) {
    const box = element("details", { className: "lindero-legend", open: hasRoom() });
    box.append(element("summary", { textContent: config.words.legend }));
    box.append(element("div", { className: "lindero-classes" }, ...classes(config, state)));
    const { statuses, years: range } = config.filter;
    if (statuses.length > 1 || range) {
      const more = element("details", {}, element("summary", { textContent: config.words.filter }));
      if (statuses.length > 1) more.append(states(config, state));
      if (range) more.append(years(config, state));
      box.append(more);
    }
    const counts = box.appendChild(element("p"));
    const far = config.is_counted ? config.words.counts : config.words.closer;
    const isPale = !config.is_counted && config.styles.some(({ layer }) => layer === "concessions");
    const note = () => {
      const zoom = map.getZoom();
      const pale = isPale && zoom < state.paleUntil ? config.words.pale : "";
      counts.textContent = zoom <= config.last_count_zoom ? far : pale;
    };
    map.on("zoomend", note);
    note();
    panel(map).append(box);
  }

  /* The browser remembers what was chosen, for each page draws a map anew. */
  const CHOSEN = "lindero-background";
  const remembered = () => { try { return window.localStorage.getItem(CHOSEN) || ""; } catch { return ""; } };
  const remember = (id) => { try { window.localStorage.setItem(CHOSEN, id); } catch { /* it is asked again */ } };

  /* One button a background; whose it is stands beneath, for as long as it is seen. */
  function backgrounds(map, config, show) {
    const { words, backgrounds: own } = config;
    const whose = element("p");
    const choose = (source) => {
      whose.textContent = source ? source.attribution : "";
      show(source);
    };
    const known = own.find(({ id }) => id === remembered()) || null;
    const buttons = [null, ...own].map((source) => {
      const button = element("input", { type: "radio", name: "lindero-background", checked: source === known });
      button.addEventListener("change", () => { remember(source ? source.id : ""); choose(source); });
      return element("label", {}, button, source ? source.title : words.embedded);
    });
    const box = element("details", { className: "lindero-legend lindero-backgrounds", open: hasRoom() });
    box.append(element("summary", { textContent: words.background }), ...buttons, whose);
    panel(map).append(box);
    if (known) choose(known);
  }

  /* Whose data it is stands behind a button, and on paper. */
  function sources(map, label) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const told = map.attributionControl.getContainer();
      const button = element("button", { type: "button", className: "lindero-sources", textContent: "i", title: label });
      button.setAttribute("aria-label", label);
      const set = (isOpen) => {
        told.classList.toggle("lindero-open", isOpen);
        button.setAttribute("aria-expanded", String(isOpen));
      };
      button.addEventListener("click", () => set(!told.classList.contains("lindero-open")));
      L.DomEvent.disableClickPropagation(button);
      set(false);
      return button;
    };
    control.addTo(map);
  }

  /* The device is asked where it is only when the reader presses for it, and the answer stays in this page. */
  function locator(map, words) {
    if (!window.isSecureContext || !navigator.geolocation) return;
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const button = element("button", { type: "button", className: "lindero-locate", textContent: words.locate });
      const pressAt = ({ coords }) => {
        const latlng = L.latLng(coords.latitude, coords.longitude);
        map.setView(latlng, CLOSE_ZOOM);
        map.fire("click", { latlng });
      };
      button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
        pressAt, () => { button.textContent = words.not_located; }, { timeout: 20000 }));
      L.DomEvent.disableClickPropagation(button);
      return button;
    };
    control.addTo(map);
  }

  /* What is read aloud and seen on the map while something is so; gives what says whether it is. */
  function notice(map, text) {
    const box = element("p", { className: "lindero-notice", role: "status" });
    map.getContainer().append(box);
    return (isSo) => { box.textContent = isSo ? text : ""; };
  }

  /* Where there is no pointer, one finger moves the page, or whoever meets the map would never get past it. */
  function twoFingers(map, text) {
    if (!window.matchMedia("(hover: none)").matches) return;
    map.dragging.disable();
    const say = notice(map, text);
    let since = 0;
    map.getContainer().addEventListener("touchmove", (event) => {
      clearTimeout(since);
      say(event.touches.length === 1);
      since = setTimeout(() => say(false), TOLD_MS);
    }, { passive: true });
  }

  /* The wheel moves the page, until the map is pressed or come to by the keyboard: then it brings the map closer. */
  function wheel(map, text) {
    map.scrollWheelZoom.disable();
    const own = map.getContainer();
    const say = notice(map, text);
    let since = 0;
    ["pointerdown", "focusin"].forEach((name) => own.addEventListener(name, () => { say(false); map.scrollWheelZoom.enable(); }));
    document.documentElement.addEventListener("mouseleave", () => { say(false); map.scrollWheelZoom.disable(); });
    own.addEventListener("wheel", () => {
      clearTimeout(since);
      say(!map.scrollWheelZoom.enabled());
      since = setTimeout(() => say(false), TOLD_MS);
    }, { passive: true });
  }

  /* The room that the buttons take: beside them, or above where a popup does not fit there. */
  function taken(map) {
    const { offsetWidth, offsetHeight } = map.getContainer().querySelector(".leaflet-top.leaflet-left");
    return map.getSize().x > offsetWidth + POPUP_PX ? [offsetWidth + 5, 5] : [5, offsetHeight + 5];
  }

  window.linderoControls = { backgrounds, element, hasRoom, legend, locator, notice, panel, sources, taken, twoFingers, wheel };
})();
