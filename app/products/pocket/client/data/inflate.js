/**
 * Deflate (RFC 1951), read by ourselves: `DecompressionStream` knows the raw kind only since 2022, and phones are older.
 */

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const AWAY = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193,
  12289, 16385, 24577,
];
const AWAY_BITS = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_BITS = 15;
const QUICK_BITS = 10; // of codes that are looked up at once; longer ones are rare, and read bit by bit

/**
 * Give what was compressed.
 * @param {Uint8Array} packed
 * @param {number} size of what was compressed, in bytes
 * @returns {Uint8Array}
 */
export function inflate(packed, size) {
  const state = { packed, at: 0, held: 0, bits: 0, out: new Uint8Array(size), end: 0 };
  for (let isLast = false; !isLast; ) {
    isLast = take(state, 1) === 1;
    const kind = take(state, 2);
    if (kind === 0) copyStored(state);
    else if (kind === 1) copyBlock(state, ...fixed());
    else if (kind === 2) copyBlock(state, ...described(state));
    else throw new Error("damaged");
  }
  if (state.end !== size) throw new Error("damaged");
  return state.out;
}

function take(state, count) {
  while (state.bits < count) {
    if (state.at >= state.packed.length) throw new Error("damaged");
    state.held |= state.packed[state.at] << state.bits;
    state.at += 1;
    state.bits += 8;
  }
  const value = state.held & ((1 << count) - 1);
  state.held >>>= count;
  state.bits -= count;
  return value;
}

function copyStored(state) {
  state.at -= state.bits >> 3; // bytes that were held ahead
  state.held = state.bits = 0;
  const size = state.packed[state.at] | (state.packed[state.at + 1] << 8);
  const from = state.at + 4;
  state.out.set(state.packed.subarray(from, from + size), state.end);
  state.at = from + size;
  state.end += size;
}

/** Make a table of codes from the number of bits of each symbol: how many codes of each length, symbols in order, and short codes. */
function codes(lengths) {
  const count = new Uint16Array(MOST_BITS + 1);
  for (const bits of lengths) count[bits] += 1;
  count[0] = 0;
  const next = new Uint16Array(MOST_BITS + 2);
  for (let bits = 1; bits <= MOST_BITS; bits += 1) next[bits + 1] = next[bits] + count[bits];
  const symbol = new Uint16Array(lengths.length);
  lengths.forEach((bits, value) => {
    if (bits) symbol[next[bits]++] = value;
  });
  return { count, symbol, quick: quickly(count, symbol) };
}

/** Give by the bits that come next, the first one lowest, the symbol of a short code and how many bits it takes; 0 for longer ones. */
function quickly(count, symbol) {
  const quick = new Uint16Array(1 << QUICK_BITS);
  let [code, index] = [0, 0];
  for (let bits = 1; bits <= QUICK_BITS; bits += 1) {
    code <<= 1;
    for (let of = 0; of < count[bits]; of += 1) {
      let turned = 0;
      for (let bit = 0; bit < bits; bit += 1) turned |= ((code >> bit) & 1) << (bits - 1 - bit);
      for (let at = turned; at < quick.length; at += 1 << bits) quick[at] = (symbol[index] << 4) | bits;
      code += 1;
      index += 1;
    }
  }
  return quick;
}

function decode(state, { count, symbol, quick }) {
  while (state.bits < QUICK_BITS && state.at < state.packed.length) {
    state.held |= state.packed[state.at] << state.bits;
    state.at += 1;
    state.bits += 8;
  }
  const found = quick[state.held & (quick.length - 1)];
  const taken = found & MOST_BITS;
  if (found && taken <= state.bits) {
    state.held >>>= taken;
    state.bits -= taken;
    return found >> 4;
  }
  let [code, first, index] = [0, 0, 0];
  for (let bits = 1; bits <= MOST_BITS; bits += 1) {
    code |= take(state, 1);
    if (code - count[bits] < first) return symbol[index + (code - first)];
    index += count[bits];
    first = (first + count[bits]) << 1;
    code <<= 1;
  }
  throw new Error("damaged");
}

function fixed() {
  const lengths = Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8));
  return [codes(lengths), codes(new Array(30).fill(5))];
}

function described(state) {
  const [literals, distances, listed] = [take(state, 5) + 257, take(state, 5) + 1, take(state, 4) + 4];
  const own = new Array(19).fill(0);
  for (let at = 0; at < listed; at += 1) own[ORDER[at]] = take(state, 3);
  const table = codes(own);
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = decode(state, table);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) repeat(lengths, lengths[lengths.length - 1], 3 + take(state, 2));
    else repeat(lengths, 0, symbol === 17 ? 3 + take(state, 3) : 11 + take(state, 7));
  }
  return [codes(lengths.slice(0, literals)), codes(lengths.slice(literals))];
}

function repeat(lengths, value, times) {
  for (let time = 0; time < times; time += 1) lengths.push(value);
}

function copyBlock(state, literals, distances) {
  const { out } = state;
  for (;;) {
    const symbol = decode(state, literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      out[state.end++] = symbol;
      continue;
    }
    const length = LENGTHS[symbol - 257] + take(state, LENGTH_BITS[symbol - 257]);
    const far = decode(state, distances);
    let from = state.end - AWAY[far] - take(state, AWAY_BITS[far]);
    if (from < 0) throw new Error("damaged");
    for (let copied = 0; copied < length; copied += 1) out[state.end++] = out[from++];
  }
}
