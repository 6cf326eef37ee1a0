type Code = { size: number; get(x: number, y: number): boolean; toCanvas(canvas: HTMLCanvasElement, options: { off: number[]; pad: number }): void };
type Options = { minCorrectionLevel: number; maxCorrectionLevel: number; maxVersion: number; mask?: number };

export const correction: { L: number };
export const mode: { bytes(data: Uint8Array): (bits: unknown, version: number) => void };
export function generate(data: ReturnType<typeof mode.bytes>, options: Options): Code;
