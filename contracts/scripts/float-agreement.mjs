// SoftFloat32, compiled, against JavaScript's doubles rounded by Math.fround: a million random operands per operation and all
// pairs of edge cases. `node scripts/float-agreement.mjs [operands per operation] [seed]`; part of test:deep, a minute long.
import { withChain } from '../bench/chain.mjs';

const OPERANDS = Number(process.argv[2] ?? 1_000_000);
const SEED = Number(process.argv[3] ?? 0x1d0);
const PER_CALL = 8_000;

const view = new DataView(new ArrayBuffer(4));
const valueOf = (bits) => (view.setUint32(0, bits), view.getFloat32(0));
const bitsOf = (value) => (view.setFloat32(0, value), view.getUint32(0));

// One double operation rounded once more is the binary32 operation, because 53 >= 2 * 24 + 2 (Figueroa 1995).
const OPERATIONS = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  roundHalfEven: (x) => roundHalfEven(x),
  floor: (x) => Math.floor(x),
  ceil: (x) => Math.ceil(x),
  fromInt32: (_x, _y, bits) => bits | 0,
};

/** With both signs: where something begins, ends, ties or carries. */
const EDGES = [
  0, 1, 2, 3, 0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0xffffff, 0x1000000, 0x33000000, 0x33000001, 0x337fffff,
  0x33800000, 0x33800001, 0x34000000, 0x3effffff, 0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001,
  0x3fbfffff, 0x3fc00000, 0x3fc00001, 0x40000000, 0x40200000, 0x40600000, 0x4afffffe, 0x4affffff, 0x4b000000,
  0x4b7fffff, 0x4b800000, 0x4b800001, 0x4effffff, 0x4f000000, 0x5effffff, 0x5f000000, 0x7e7fffff, 0x7e800000,
  0x7f000000, 0x7f7ffffe, 0x7f7fffff,
].flatMap((bits) => [bits, (bits | 0x80000000) >>> 0]);

/** Mulberry32. */
let state = SEED;
function random32() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

await withChain(async (chain) => {
  const batch = await chain.deploy(await chain.account('judge'), 'test/dispute/FloatBatch.sol:FloatBatch');
  for (const [op, [name, operation]] of Object.entries(OPERATIONS).entries()) {
    let compared = 0;
    for (const operands of batches(name, operation)) {
      const results = Buffer.from((await chain.read(batch, 'run', [BigInt(op), hexOf(operands)])).slice(2), 'hex');
      operands.forEach(([a, b], at) => {
        const [expected, actual] = [resultOf(name, operation, a, b), results.readUInt32BE(4 * at)];
        if (actual === expected) return;
        const say = (bits) => `0x${bits.toString(16).padStart(8, '0')}`;
        throw new Error(
          `${name}(${say(a)}, ${say(b)}) is ${say(actual)} and should be ${say(expected)}; seed ${SEED}.`,
        );
      });
      compared += operands.length;
    }
    console.log(`${name}: ${compared} results agree`);
  }
});

/** Operands by the call: all pairs of edges, then random ones. */
function* batches(name, operation) {
  let batch = [];
  const add = (pair) => {
    if (isAdmitted(name, operation, pair)) batch.push(pair);
    return batch.length === PER_CALL ? batch.splice(0) : undefined;
  };
  for (const a of EDGES) {
    for (const b of EDGES) {
      const full = add([a, b]);
      if (full) yield full;
    }
  }
  yield batch.splice(0);
  for (let left = OPERANDS; left > 0;) {
    const full = add(random32() & 1 ? [random32(), random32()] : nearPair());
    if (full) yield full.slice(0, left);
    left -= full?.length ?? 0;
  }
}

/** What is refused, being no number or giving none, is for other tests. */
function isAdmitted(name, operation, pair) {
  if (name === 'fromInt32') return true;
  return [...pair, resultOf(name, operation, ...pair)].every((bits) => Number.isFinite(valueOf(bits)));
}

/** Exponents less than 32 apart, and fractions that end in many zeros or ones: ties, carries and cancellations are common. */
function nearPair() {
  const exponent = random32() % 255;
  const other = Math.min(254, Math.max(0, exponent + (random32() % 64) - 32));
  return [ragged(exponent), ragged(other)];
}

function ragged(exponent) {
  const low = (1 << (random32() % 24)) - 1;
  const fraction = (random32() & 0x7fffff & ~low) | (random32() & 1 ? low : 0);
  return (((random32() & 1) << 31) | (exponent << 23) | fraction) >>> 0;
}

function resultOf(name, operation, a, b) {
  const result = Math.fround(operation(valueOf(a), valueOf(b), a));
  return bitsOf(result);
}

/** The sign of a zero is that of `value`. */
function roundHalfEven(value) {
  const under = Math.floor(value);
  const rest = value - under;
  const even = under % 2 === 0 ? under : under + 1;
  const rounded = rest === 0.5 ? even : rest < 0.5 ? under : under + 1;
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

function hexOf(operands) {
  const bytes = Buffer.alloc(8 * operands.length);
  operands.forEach(([a, b], at) => (bytes.writeUInt32BE(a, 8 * at), bytes.writeUInt32BE(b, 8 * at + 4)));
  return `0x${bytes.toString('hex')}`;
}
