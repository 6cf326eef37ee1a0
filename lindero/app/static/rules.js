/*
 * How the map in the browser is drawn: what is seen and marked, and the rules by which protomaps-leaflet paints the
 * background, the features, and far out the counts. app/static/map.js uses it.
 */
(() => {
  "use strict";

  const P = window.protomapsL;
  const FONT = "system-ui, sans-serif";
  const STEPS = [[1, 3, 0.2], [3, 10, 0.4], [10, 30, 0.6], [30, Infinity, 0.85]];
  const POINT = 1;
  const AREA = 3;
  const SMALL_PX = 6;
  const BIN_PX = 64;
  const NAMED_FROM = { communities: 9, concessions: 12 };  /* zooms of the map */
  const UNIT = [[{ x: 1, y: 0 }]];

  /* The lines of each hatching, in a square that is repeated. */
  const SIDE = 8;
  const HATCHINGS = {
    rising: "M-2,10L10,-2M-2,2L2,-2M6,10L10,6",
    falling: "M-2,-2L10,10M6,-2L10,2M-2,6L2,10",
    crossed: "M0,0L8,8M8,0L0,8",
    level: "M0,4L8,4",
    upright: "M4,0L4,8",
    dotted: "M3,4L5,4",
    plain: "",
  };

  /* Which of its three lights the device has (app/media/design.py). */
  const has = (asked) => window.matchMedia(asked).matches;
  const light = () => (has("(prefers-contrast: more)") ? "sun" : has("(prefers-color-scheme: dark)") ? "dark" : "light");

  /* A colour of the map's ground, names and marks, of the design's that app/static/controls.js has put into the page. */
  const own = (name) => window.getComputedStyle(document.documentElement).getPropertyValue(`--map-${name}`).trim();

  /* Gives classes and looks the colours that they have in this light. */
  const lit = (styles) => styles.map((style) => ({ ...style, color: style.colors[light()] }));

  /* What the reader leaves to be seen (null: everything), set by the controls; app/media/pages/current/selection.py has the same rules. */
  const seen = { hidden: new Set(), statuses: null, years: null, undated: true, version: 0 };
  /* What the page asks to be marked. */
  const marked = new Set();
  const nameOf = (layer, id) => `${layer} ${id}`;

  function hatched(style) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const ink = canvas.getContext("2d");
    ink.fillStyle = ink.strokeStyle = style.color;
    ink.globalAlpha = 0.22;
    ink.fillRect(0, 0, SIDE, SIDE);
    ink.globalAlpha = 0.9;
    ink.lineWidth = style.hatching === "dotted" ? 2 : 1;
    ink.stroke(new Path2D(HATCHINGS[style.hatching]));
    return canvas;
  }

  const codeOf = (style, props) => (style.by ? String(props[style.by]) === style.code : true);

  function isSeen(style, props) {
    const { hidden, statuses, years, undated } = seen;
    if (hidden.has(style.code)) return false;
    if (statuses && props.status !== undefined && !statuses.has(props.status)) return false;
    if (!style.dated) return true;
    if (props.year === undefined) return undated;
    return !years || (props.year >= years[0] && props.year <= years[1]);
  }

  /* On the screen no more than a few points wide: too small for a hatching or an outline to be told. */
  const isSmall = ({ bbox }) => bbox.maxX - bbox.minX < SMALL_PX && bbox.maxY - bbox.minY < SMALL_PX;

  const FORMS = ["area", "small", "spot", "dot"];
  const listOf = (style, form) => `${style.code} ${form}`;

  function formOf(style, feature) {
    if (feature.geomType === POINT) return feature.props.tiny ? "dot" : "spot";
    return !style.spot && isSmall(feature) ? "small" : "area";
  }

  /*
   * Sort the features of a tile into a list for each class and form, once: a rule paints one list, and need not look
   * through all that the tile holds at each change. What has no class here is not painted.
   */
  function sorted(data, styles) {
    const lists = new Map(data.has("counts") ? [["counts", data.get("counts")]] : []);
    data.forEach((features, layer) => {
      const own = styles.filter((style) => style.layer === layer);
      features.forEach((feature) => {
        const style = own.find((one) => codeOf(one, feature.props));
        if (!style) return;
        const name = listOf(style, formOf(style, feature));
        if (!lists.has(name)) lists.set(name, []);
        lists.get(name).push(feature);
      });
    });
    styles.forEach((style) => {
      const small = lists.get(listOf(style, "small"));
      if (small) lists.set(listOf(style, "together"), binned(small));
    });
    return lists;
  }

  /*
   * Small features that lie together are painted as one: far out a tile holds tens of thousands, and to paint them one by
   * one takes longer than all else. Paths are traced once and kept with their bin; under a filter, once for each change.
   */
  function binned(features) {
    const bins = new Map();
    features.forEach((feature) => {
      const { minX, minY, maxX, maxY } = feature.bbox;
      const name = `${Math.floor(minX / BIN_PX)} ${Math.floor(minY / BIN_PX)}`;
      if (!bins.has(name)) bins.set(name, { geomType: AREA, geom: UNIT, props: {}, bbox: { ...feature.bbox }, features: [] });
      const { bbox, features: held } = bins.get(name);
      held.push(feature);
      Object.assign(bbox, {
        minX: Math.min(bbox.minX, minX), minY: Math.min(bbox.minY, minY),
        maxX: Math.max(bbox.maxX, maxX), maxY: Math.max(bbox.maxY, maxY),
      });
    });
    return [...bins.values()];
  }

  function traced(features) {
    const path = new Path2D();
    features.forEach(({ geom }) => geom.forEach((ring) => {
      ring.forEach(({ x, y }, i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
    }));
    return path;
  }

  function pathOf(bin, style) {
    if (isOpen()) {
      bin.whole ||= traced(bin.features);
      return bin.whole;
    }
    if (bin.version !== seen.version) {
      bin.version = seen.version;
      bin.part = traced(bin.features.filter((feature) => isSeen(style, feature.props)));
    }
    return bin.part;
  }

  /* Paints bins. Their `geom` is a unit, which protomaps-leaflet enlarges as it would the features. */
  const together = (style, strength = 0.5) => ({
    before: (ink) => Object.assign(ink, { globalAlpha: strength, fillStyle: style.color }),
    draw: (ink, [[unit]], z, bin) => {
      ink.save();
      ink.scale(unit.x, unit.x);
      ink.fill(pathOf(bin, style));
      ink.restore();
    },
  });

  /* The style by which features of a list are drawn. */
  const styleOf = (styles, list) => styles.find((style) => FORMS.some((form) => listOf(style, form) === list));

  /* A rule with this as its first zoom is not even begun. */
  const NEVER = 99;

  /* Far out thousands of concessions lie on one another: where a map is about others' areas, they are pale outlines. */
  const PALE_UNTIL = 11;  /* zoom of the map; on a laptop the first screen has 10 */
  const PALE = 0.3;

  function paleRules(style) {
    const outline = new P.LineSymbolizer({ color: style.color, width: 0.6, opacity: PALE });
    const spot = (radius) => new P.CircleSymbolizer({ radius, fill: style.color, width: 0, opacity: PALE });
    const drawn = { area: outline, together: together(style, PALE / 2), spot: spot(5), dot: spot(1.5) };
    return Object.entries(drawn).map(([form, symbolizer]) => ruleOf(style, form, symbolizer, { to: PALE_UNTIL - 1 }));
  }

  function ruleOf(style, form, symbolizer, { from = 0, to = NEVER } = {}) {
    return {
      dataLayer: listOf(style, form),
      symbolizer,
      get minzoom() { return seen.hidden.has(style.code) ? NEVER : from; },
      maxzoom: to,
      filter: (z, feature) => form === "together" || isOpen() || isSeen(style, feature.props),
    };
  }

  function rulesOf(style, isPale) {
    const spot = (radius) => new P.CircleSymbolizer({ radius, fill: style.color, stroke: own("halo"), width: radius > 2 ? 1.5 : 0 });
    const area = style.spot ? new P.LineSymbolizer({ color: style.color, width: 1.2, dash: [5, 4] }) : new P.PolygonSymbolizer({
      pattern: hatched(style), fill: style.color, opacity: 0.85, stroke: style.color, width: (z) => (z < 8 ? 0.6 : 1.4),
    });
    const drawn = { area, together: together(style), spot: spot(5), dot: spot(1.5) };
    const pale = isPale && style.layer === "concessions";
    const rules = Object.entries(drawn).map(([form, symbolizer]) => ruleOf(style, form, symbolizer, { from: pale ? PALE_UNTIL : 0 }));
    return pale ? [...paleRules(style), ...rules] : rules;
  }

  /* What is marked is drawn over everything else. */
  function markRules(styles) {
    const area = new P.PolygonSymbolizer({ fill: own("mark"), opacity: 0.45, stroke: own("mark-line"), width: 3, perFeature: true });
    const spot = new P.CircleSymbolizer({ radius: 8, fill: own("mark"), stroke: own("mark-line"), width: 3 });
    return styles.flatMap((style) => FORMS.map((form) => ({
      dataLayer: listOf(style, form),
      symbolizer: form === "area" || form === "small" ? area : spot,
      get minzoom() { return marked.size ? 0 : NEVER; },
      filter: (z, feature) => marked.has(nameOf(style.layer, feature.props.id)),
    })));
  }

  /* A cell of counts tells them by class, state and year: `mining:granted:2009x3 2010,communities::-x12`. */
  const counted = new WeakMap();
  function countsOf(props) {
    if (!counted.has(props)) {
      counted.set(props, props.by.split(",").flatMap((told) => {
        const [code, status, years] = told.split(":");
        return years.split(" ").map((one) => {
          const [year, count] = one.split("x");
          return { code, count: Number(count || 1), status: status || undefined, year: year === "-" ? undefined : Number(year) };
        });
      }));
    }
    return counted.get(props);
  }

  const isOpen = () => !seen.statuses && !seen.years && seen.undated;

  /* How many records of what is seen a cell counts. */
  function total(styles, props) {
    if (isOpen()) {
      return styles.reduce((sum, style) => sum + (seen.hidden.has(style.code) ? 0 : props[style.code] || 0), 0);
    }
    const byCode = new Map(styles.map((style) => [style.code, style]));
    return countsOf(props).reduce((sum, one) => {
      const style = byCode.get(one.code);
      return sum + (style && isSeen(style, one) ? one.count : 0);
    }, 0);
  }

  function countRules(styles) {
    let totals = new WeakMap();
    let version = seen.version;
    const known = (props) => {
      if (version !== seen.version) [totals, version] = [new WeakMap(), seen.version];
      if (!totals.has(props)) totals.set(props, total(styles, props));
      return totals.get(props);
    };
    return STEPS.map(([from, to, opacity]) => ({
      dataLayer: "counts",
      symbolizer: new P.PolygonSymbolizer({ fill: own("count"), opacity }),
      filter: (z, feature) => known(feature.props) >= from && known(feature.props) < to,
    }));
  }

  /* Close in, a river is a soft band, the wider the larger it is: its bed may lie kilometres off, and a thin line would deny it. */
  const BANDS_FROM = 12;

  function groundRules() {
    const river = new P.LineSymbolizer({ color: own("river"), width: (z, feature) => 12 - 2 * feature.props.rank, opacity: 0.75, perFeature: true });
    const line = (color, width, dash) => new P.LineSymbolizer({ color, width, ...(dash ? { dash } : {}) });
    return [
      { dataLayer: "land", symbolizer: new P.PolygonSymbolizer({ fill: own("land") }) },
      { dataLayer: "water", symbolizer: new P.PolygonSymbolizer({ fill: own("water") }) },
      { dataLayer: "rivers", symbolizer: line(own("river"), (z) => (z < 8 ? 0.7 : 1.4)), maxzoom: BANDS_FROM - 1 },
      { dataLayer: "rivers", symbolizer: river, minzoom: BANDS_FROM },
      { dataLayer: "regions", symbolizer: line(own("region"), 0.9, [4, 3]) },
      { dataLayer: "countries", symbolizer: line(own("border"), 1.3) },
    ];
  }

  function labelRules(language) {
    const names = language === "en" ? ["name"] : [`name_${language}`, "name"];
    const text = (font, fill) => ({ labelProps: names, font: `${font} ${FONT}`, fill, stroke: own("halo"), width: 2 });
    const place = new P.GroupSymbolizer([
      new P.CircleSymbolizer({ radius: 2, fill: own("name"), stroke: own("halo"), width: 1 }),
      new P.OffsetTextSymbolizer({ ...text("500 11px", own("name")), offsetX: 4, offsetY: 2 }),
    ]);
    return [
      { dataLayer: "country_labels", symbolizer: new P.CenteredTextSymbolizer(text("600 14px", own("quiet-name"))), maxzoom: 7 },
      { dataLayer: "region_labels", symbolizer: new P.CenteredTextSymbolizer(text("italic 12px", own("quiet-name"))) },
      { dataLayer: "places", symbolizer: place, sort: (a, b) => b.population - a.population },
    ];
  }

  const NAME_FONT = `600 11px ${FONT}`;
  const LINE_CHARS = 18;
  const LINE_PX = 16;

  /* The lines of a name as protomaps-leaflet breaks them: between words, none longer than need be. */
  function linesOf(name) {
    return name.split(" ").reduce((lines, word) => {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      return lines.length && longer.length <= LINE_CHARS ? [...lines.slice(0, -1), longer] : [...lines, word];
    }, []);
  }

  const ONCE_WITHIN_PX = 600; /* an area lies in several tiles */

  /* Whether a point lies inside rings: how many edges are east of it. */
  const holds = (rings, { x, y }) => rings.reduce((is, ring) => ring.reduce((inner, a, at) => {
    const b = ring[at ? at - 1 : ring.length - 1];
    const isCrossed = (a.y > y) !== (b.y > y) && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x;
    return isCrossed ? !inner : inner;
  }, is), false);

  /* Writes a name in the middle of an area, or of the part of it that a tile holds, if it has room and that middle is its own; once. */
  const inside = (symbolizer) => ({
    place(layout, geom, feature) {
      const points = geom.flat();
      const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
      const [west, east, top, foot] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const lines = linesOf(feature.props.name || "");
      layout.scratch.font = NAME_FONT;
      const wide = Math.max(...lines.map((line) => layout.scratch.measureText(line).width));
      if (!feature.props.name || wide > east - west || lines.length * LINE_PX > foot - top) return undefined;
      const middle = Object.assign(Object.create(Object.getPrototypeOf(points[0])), { x: (west + east) / 2, y: (top + foot) / 2 });
      if (!holds(geom, middle)) return undefined;
      const placed = symbolizer.place(layout, [[middle]], feature);
      return placed && placed.map((name) => ({ ...name, deduplicationKey: feature.props.id, deduplicationDistance: ONCE_WITHIN_PX }));
    },
  });

  /* Names of communities, and closer in of concessions: those of which the class is seen. */
  function nameRules(styles) {
    const text = (fill) => new P.CenteredTextSymbolizer({
      labelProps: ["name"], font: NAME_FONT, fill, stroke: own("halo"), width: 2, lineHeight: 1.25, maxLineChars: LINE_CHARS,
    });
    return styles.filter(({ layer }) => NAMED_FROM[layer]).map((style) => ({
      dataLayer: listOf(style, "area"),
      symbolizer: inside(text(own(style.layer === "communities" ? "own-name" : "quiet-name"))),
      minzoom: NAMED_FROM[style.layer],
      filter: (z, feature) => isSeen(style, feature.props),
    }));
  }

  /* What is painted, lowest first. */
  function paintRules(styles, isCounted) {
    return [...(isCounted ? countRules(styles) : []), ...styles.flatMap((style) => rulesOf(style, !isCounted)), ...markRules(styles)];
  }

  window.linderoRules = {
    SIDE, HATCHINGS, light, own, lit, seen, marked, nameOf, isSeen, sorted, styleOf, total, hatched, PALE_UNTIL, paintRules, groundRules, labelRules, nameRules,
  };
})();
