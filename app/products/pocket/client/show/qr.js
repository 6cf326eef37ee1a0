/** QR codes (ISO/IEC 18004): bytes, error correction L, versions 1 to 10, which hold 271 bytes. */

const BLOCKS = [[1, 19, 7], [1, 34, 10], [1, 55, 15], [1, 80, 20], [1, 108, 26], [2, 68, 18], [2, 78, 20], [2, 97, 24], [2, 116, 30], [4, 68, 18]];
const LONGER = [0, 0, 0, 0, 0, 0, 0, 0, 0, 2]; // blocks, the last ones, that hold one byte more
const ALIGNED = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let at = 0, value = 1; at < 255; at += 1) {
  EXP[at] = EXP[at + 255] = value;
  LOG[value] = at;
  value = value & 128 ? (value << 1) ^ 285 : value << 1;
}

/**
 * Encode a text: rows of modules, true where dark; null if it is too long.
 * @param {string} text
 * @param {number} [mask] 0 to 7; else the one with the least penalty
 * @returns {boolean[][] | null}
 */
export function qr(text, mask) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, at) => bytes.length <= room(at) - (at >= 9 ? 3 : 2)) + 1;
  if (!version) return null;
  const words = withCorrection(dataWords(bytes, version), version);
  const drawn = mask === undefined ? MASKS.map((_, at) => draw(words, version, at)) : [draw(words, version, mask)];
  return drawn.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

function room(at) {
  return BLOCKS[at][0] * BLOCKS[at][1] + LONGER[at];
}

function dataWords(bytes, version) {
  const bits = [0, 1, 0, 0];
  const push = (value, count) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  push(bytes.length, version >= 10 ? 16 : 8);
  bytes.forEach((byte) => push(byte, 8));
  const most = room(version - 1) * 8;
  for (let end = 0; end < 4 && bits.length < most; end += 1) bits.push(0);
  while (bits.length % 8) bits.push(0);
  const words = [];
  for (let at = 0; at < bits.length; at += 8) words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0; words.length < most / 8; pad += 1) words.push(pad % 2 ? 17 : 236);
  return words;
}

/** Cut the data into blocks, give each its Reed-Solomon code, and lay them through each other. */
function withCorrection(words, version) {
  const [count, size, ec] = BLOCKS[version - 1];
  const blocks = [];
  for (let block = 0, at = 0; block < count; block += 1) {
    const long = size + (block >= count - LONGER[version - 1] ? 1 : 0);
    blocks.push(words.slice(at, at + long));
    at += long;
  }
  const codes = blocks.map((block) => correction(block, ec));
  return [...through(blocks), ...through(codes)];
}

function through(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: longest }, (_, at) => at).flatMap((at) => blocks.filter((block) => at < block.length).map((block) => block[at]));
}

function correction(block, ec) {
  let poly = [1];
  for (let power = 0; power < ec; power += 1) {
    const next = [...poly, 0];
    poly.forEach((factor, at) => {
      next[at + 1] ^= product(factor, EXP[power]);
    });
    poly = next;
  }
  const rest = [...block, ...new Array(ec).fill(0)];
  block.forEach((_, at) => {
    const lead = rest[at];
    if (lead) poly.forEach((factor, one) => (rest[at + one] ^= product(factor, lead)));
  });
  return rest.slice(block.length);
}

function product(one, other) {
  return one && other ? EXP[LOG[one] + LOG[other]] : 0;
}

function draw(words, version, mask) {
  const size = version * 4 + 17;
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (x, y, isDark) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = isDark;
    fixed[y][x] = true;
  };
  drawPatterns(set, size, version, fixed);
  drawFormat(set, size, mask);
  if (version >= 7) drawVersion(set, size, version);
  drawWords(words, dark, fixed, size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) if (!fixed[y][x] && MASKS[mask](x, y)) dark[y][x] = !dark[y][x];
  }
  return dark;
}

function drawPatterns(set, size, version, fixed) {
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]]) {
    for (let y = -1; y <= 7; y += 1) {
      for (let x = -1; x <= 7; x += 1) {
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3));
        set(left + x, top + y, ring !== 2 && ring !== 4);
      }
    }
  }
  const middles = ALIGNED[version - 1];
  for (const y of middles) {
    for (const x of middles) {
      const isCorner = fixed[y][x] && (x !== 6 || y === 6 || y === size - 7) && (y !== 6 || x === 6 || x === size - 7);
      if (isCorner) continue;
      for (let dy = -2; dy <= 2; dy += 1) {
        for (let dx = -2; dx <= 2; dx += 1) set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }
  }
}

function drawFormat(set, size, mask) {
  const data = (1 << 3) | mask; // level L
  let rest = data;
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((data << 10) | rest) ^ 0x5412;
  const bit = (at) => ((bits >> at) & 1) === 1;
  for (let at = 0; at <= 5; at += 1) set(8, at, bit(at));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let at = 9; at < 15; at += 1) set(14 - at, 8, bit(at));
  for (let at = 0; at < 8; at += 1) set(size - 1 - at, 8, bit(at));
  for (let at = 8; at < 15; at += 1) set(8, size - 15 + at, bit(at));
  set(8, size - 8, true);
}

function drawVersion(set, size, version) {
  let rest = version;
  for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let at = 0; at < 18; at += 1) {
    const isDark = ((bits >> at) & 1) === 1;
    set(size - 11 + (at % 3), Math.floor(at / 3), isDark);
    set(Math.floor(at / 3), size - 11 + (at % 3), isDark);
  }
}

function drawWords(words, dark, fixed, size) {
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const isUp = ((right + 1) & 2) === 0;
      const y = isUp ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x] || at >= words.length * 8) continue;
        dark[y][x] = ((words[at >> 3] >> (7 - (at & 7))) & 1) === 1;
        at += 1;
      }
    }
  }
}

function penalty(dark) {
  const size = dark.length;
  const lines = [...dark, ...dark.map((_, x) => dark.map((row) => row[x]))];
  let sum = lines.reduce((all, line) => all + runs(line), 0);
  for (let y = 0; y + 1 < size; y += 1) {
    for (let x = 0; x + 1 < size; x += 1) {
      if (dark[y][x] === dark[y][x + 1] && dark[y][x] === dark[y + 1][x] && dark[y][x] === dark[y + 1][x + 1]) sum += 3;
    }
  }
  const share = dark.flat().filter(Boolean).length / (size * size);
  return sum + Math.floor(Math.abs(share * 20 - 10)) * 10;
}

function runs(line) {
  let sum = 0;
  for (let at = 0, length = 0; at <= line.length; at += 1) {
    if (at < line.length && at && line[at] === line[at - 1]) length += 1;
    else {
      if (length >= 5) sum += length - 2;
      length = 1;
    }
  }
  const text = line.map((isDark) => (isDark ? "1" : "0")).join("");
  for (const finder of ["10111010000", "00001011101"]) {
    for (let at = text.indexOf(finder); at >= 0; at = text.indexOf(finder, at + 1)) sum += 40;
  }
  return sum;
}
