// Writes test/dispute/FloatVectors.sol: what JavaScript's doubles, rounded by Math.fround, say of binary32 operations. One
// double operation rounded once more is the binary32 operation, because 53 >= 2 * 24 + 2 (Figueroa 1995). The seed is fixed:
// the same file every time. Run by hand, `node scripts/float-vectors.mjs`; the tests read the committed file.
import { writeFileSync } from 'node:fs';

const view = new DataView(new ArrayBuffer(8));
const valueOf = (bits) => (view.setUint32(0, bits), view.getFloat32(0));
// Every NaN is one of them: payloads are no business of the profile's.
const bitsOf = (value) => (Number.isNaN(value) ? 0x7fc00000 : (view.setFloat32(0, value), view.getUint32(0)));

/** Mulberry32. */
let state = 0x1d0;
function random32() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
const below = (count) => random32() % count;

const OPERATIONS = {
  add: (x, y) => Math.fround(x + y),
  sub: (x, y) => Math.fround(x - y),
  mul: (x, y) => Math.fround(x * y),
  div: (x, y) => Math.fround(x / y),
};

/** With both signs. Each is where something begins, ends, ties or carries. */
const SPECIALS = [
  0x00000000, // 0
  0x00000001, // least subnormal
  0x007fffff, // greatest subnormal
  0x00800000, // least normal
  0x00800001,
  0x33800000, // 2^-24, half an ulp of 1
  0x33800001,
  0x3effffff,
  0x3f000000, // 0.5
  0x3f7fffff,
  0x3f800000, // 1
  0x3f800001,
  0x3fc00000, // 1.5
  0x40200000, // 2.5
  0x4b7fffff, // 2^24 - 1
  0x4b800000, // 2^24
  0x7f7fffff, // greatest
].flatMap((bits) => [bits, (bits | 0x80000000) >>> 0]);

function hex32(value) {
  return (value >>> 0).toString(16).padStart(8, '0');
}

const pairs = (operation) =>
  SPECIALS.flatMap((a) => SPECIALS.map((b) => hex32(bitsOf(OPERATIONS[operation](valueOf(a), valueOf(b)))))).join('');

/** A finite number with any bits. */
function anything() {
  for (;;) {
    const bits = random32();
    if ((bits & 0x7f800000) !== 0x7f800000) return bits;
  }
}

/** Bits in which carries and ties are common: the fraction is mostly zeros or mostly ones at the end. */
function ragged(exponent) {
  const places = below(24);
  const low = (1 << places) - 1;
  const fraction = (random32() & 0x7fffff & ~low) | (below(2) ? low : 0);
  return ((below(2) << 31) | (exponent << 23) | (fraction & 0x7fffff)) >>> 0;
}

/** Operands whose result is finite and not trivial. */
function operands(operation) {
  for (;;) {
    const exponent = 1 + below(253);
    const a = below(4) === 0 ? anything() : ragged(exponent);
    const near = Math.min(253, Math.max(0, exponent + below(52) - 26));
    // Products and quotients of subnormal size, which round at a place of their own.
    const opposite = operation === 'mul' ? 127 - exponent - below(25) : exponent + 126 + below(25);
    const subnormal = Math.min(253, Math.max(0, opposite));
    const exponentOfB = below(2) || operation === 'add' || operation === 'sub' ? near : subnormal;
    const b = ragged(exponentOfB);
    const result = OPERATIONS[operation](valueOf(a), valueOf(b));
    if (Number.isFinite(result) && result !== 0) return hex32(a) + hex32(b) + hex32(bitsOf(result));
  }
}

const list = (count, make) => Array.from({ length: count }, make).join('');

function roundHalfEven(value) {
  const under = Math.floor(value);
  const rest = value - under;
  if (rest !== 0.5) return rest < 0.5 ? under : under + 1;
  return under % 2 === 0 ? under : under + 1;
}

/** a, rounded half to even, floor, ceil; signs of zeros are the standard's, which are those of a. */
function roundings() {
  const a = ragged(118 + below(36));
  const x = valueOf(a);
  const even = roundHalfEven(x);
  const signed = even === 0 && x < 0 ? -0 : even;
  return [a, ...[signed, Math.floor(x), Math.ceil(x)].map(bitsOf)].map(hex32).join('');
}

/** sum, multiplier, zero point, as uint8, as int8 (two's complement). */
function requantisations() {
  const sum = random32() >> below(31);
  const multiplier = (ragged(127 - below(32)) & 0x7fffffff) >>> 0;
  const zeroPoint = below(256) - 128;
  const value = roundHalfEven(Math.fround(Math.fround(sum) * valueOf(multiplier))) + zeroPoint;
  const clamp = (least) => Math.min(least + 255, Math.max(least, value));
  return [sum, multiplier, zeroPoint, clamp(0), clamp(-128)].map(hex32).join('');
}

/** An int32 and what it becomes. */
function conversions() {
  const value = random32() >> below(32);
  return hex32(value) + hex32(bitsOf(value));
}

/** hex"" literals of a line each, which Solidity joins. */
function literal(text) {
  return (text.match(/.{1,96}/g) ?? []).map((line) => `hex"${line}"`).join('\n            ');
}

function functions(entries) {
  return entries
    .map(
      ([name, text]) => `    function ${name}() internal pure returns (bytes memory) {
        return
            ${literal(text)};
    }
`,
    )
    .join('\n');
}

const names = Object.keys(OPERATIONS);
const source = `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.34;

// Written by scripts/float-vectors.mjs, which says what it means. Do not edit.

/// Results of all pairs of specials, row by row, 4 bytes each; infinities and NaN among them.
library SpecialPairs {
${functions([['specials', SPECIALS.map(hex32).join('')], ...['add', 'mul', 'div'].map((name) => [name, pairs(name)])])}}

/// Operands and results, 4 bytes each.
library FloatVectors {
${functions([
  ...names.map((name) => [name, list(name === 'sub' ? 40 : 150, () => operands(name))]),
  ['roundings', list(100, roundings)],
  ['requantisations', list(100, requantisations)],
  ['conversions', list(100, conversions)],
])}}
`;
const file = new URL('../test/dispute/FloatVectors.sol', import.meta.url);
writeFileSync(file, source);
console.log(`${source.length} bytes`);
