// Opens a styled map package with the package's own reader, asks for everything that its style refers to, and tells what
// came: as JSON. Ends with an error where anything is missing or the style is none.
import { gunzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import SphericalMercator from "@mapbox/sphericalmercator";
import { Reader } from "styled-map-package/reader";

const mercator = new SphericalMercator({ size: 256 });
const base = "smp://maps.v1/";
const reader = new Reader(process.argv[2]);
const style = await reader.getStyle();  // holds it against MapLibre's specification

async function sizeOf(address) {
  if (!address.startsWith(base)) throw new Error(`leads out of the package: ${address}`);
  const resource = await reader.getResource(decodeURIComponent(address.slice(base.length)));
  const data = await buffer(resource.stream);
  return (resource.contentEncoding === "gzip" ? gunzipSync(data) : data).length;
}

const sources = {};
for (const [name, source] of Object.entries(style.sources)) {
  const told = sources[name] = { tiles: 0, empty: 0, zooms: [source.minzoom, source.maxzoom] };
  for (let z = source.minzoom; z <= source.maxzoom; z += 1) {
    const { minX, minY, maxX, maxY } = mercator.xyz(source.bounds, z);
    for (let x = Math.max(minX, 0); x <= maxX; x += 1) {
      for (let y = Math.max(minY, 0); y <= maxY; y += 1) {
        const size = await sizeOf(source.tiles[0].replace("{z}", z).replace("{x}", x).replace("{y}", y));
        told.tiles += 1;
        if (!size) told.empty += 1;
      }
    }
  }
}

const fonts = new Set(style.layers.flatMap((layer) => layer.layout?.["text-font"] ?? []));
const glyphs = {};
for (const font of fonts) {
  for (let first = 0; first < 65536; first += 256) {
    const size = await sizeOf(style.glyphs.replace("{fontstack}", font).replace("{range}", `${first}-${first + 255}`));
    if (size) (glyphs[font] ??= []).push(first);
  }
}
await reader.close();
process.stdout.write(JSON.stringify({ name: style.name, metadata: style.metadata, sources, glyphs, layers: style.layers.map(({ id }) => id) }));
