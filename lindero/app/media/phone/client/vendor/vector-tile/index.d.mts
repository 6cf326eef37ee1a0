import type { PbfReader } from "../pbf/index.mjs";

export interface Feature {
  type: 0 | 1 | 2 | 3; // unknown, points, lines, areas
  extent: number;
  properties: Record<string, any>;
  loadGeometry(): { x: number; y: number }[][];
}
export class VectorTile {
  constructor(reader: PbfReader);
  layers: Record<string, { name: string; length: number; feature(at: number): Feature }>;
}
