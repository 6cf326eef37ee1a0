import { correction, generate, mode } from "../vendor/lean-qr/index.mjs";

/**
 * Encode a text as a QR code of UTF-8 bytes: error correction L, versions 1 to 10, which hold 271 bytes.
 * @param {string} text
 * @param {number} [mask] 0 to 7; by default the one with the least penalty
 * @returns null if the text is too long
 */
export function qr(text, mask) {
  const level = correction.L;
  try {
    return generate(mode.bytes(new TextEncoder().encode(text)), { minCorrectionLevel: level, maxCorrectionLevel: level, maxVersion: 10, mask });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return null;
  }
}
