// Gas of what a one-step proof computes, inside of a contract: the dearest of several operands. Transaction and calldata are not in it.
import { withChain } from './chain.mjs';

const BARS = {
  'float.add': 1_600,
  'float.sub': 1_600,
  'float.mul': 1_600,
  'float.div': 1_600,
  'float.max': 1_600,
  'float.roundHalfEven': 1_600,
  'float.floor': 1_600,
  'float.fromInt32': 1_600,
  'float.toInt32': 1_600,
  'float.quantize': 2_100,
  'float.dequantize': 2_100,
  'float.requantize': 2_100,
  // 15.3 gas per multiply-add. A dot product has 1.0k of its own, whatever its length.
  'dot.512': 7_833,
  'dot.1024': 15_667,
  'merkle.chunk.path10': null,
  'merkle.range5.path10': null,
  'merkle.children64': null,
};

/** Zero, subnormals, ties, carries, far apart, the greatest: bits of binary32. */
const FLOATS = [
  0, 1, 0x007fffff, 0x00800000, 0x33800001, 0x3e99999a, 0x3f7fffff, 0x3f800000, 0xbfc00001, 0x42c90000, 0x4b7fffff,
  0x5e123457,
];
const SCALES = [0x3b03126f, 0x3c23d70b, 0x3f800000];
const INTEGERS = [0, -1, 100_000, -16_777_217, 2 ** 31 - 1];

/** @returns {Promise<{ name: string, gas: number, bar: number | null, peers: Record<string, number> }[]>} */
export async function rows() {
  return withChain(async (chain) => {
    const bench = await chain.deploy(await chain.account('judge'), 'test/dispute/StepBench.sol:StepBench');
    /** The dearest call; what is refused (overflow, division by zero) costs nobody a proof. */
    const dearest = async (name, calls) => {
      const measured = await Promise.all(calls.map((args) => chain.read(bench, name, args).catch(() => 0n)));
      return Number(measured.reduce((most, gas) => (gas > most ? gas : most)));
    };
    const pairs = FLOATS.flatMap((a) => FLOATS.map((b) => [a, b]));
    const single = FLOATS.filter((bits) => bits < 0x4f000000).map((bits) => [bits]);
    const scaled = (values) => values.flatMap((value) => SCALES.map((scale) => [value, scale]));
    const words = (count) => Array.from({ length: count }, (_, at) => `0x${(at + 1).toString(16).padStart(64, '0')}`);
    const bytes = (count) => `0x${'a7'.repeat(count)}`;

    const measured = {
      'float.add': await dearest('add', pairs),
      'float.sub': await dearest('sub', pairs),
      'float.mul': await dearest('mul', pairs),
      'float.div': await dearest('div', pairs),
      'float.max': await dearest('max', pairs),
      'float.roundHalfEven': await dearest('roundHalfEven', single),
      'float.floor': await dearest('floor', single),
      'float.fromInt32': await dearest(
        'fromInt32',
        INTEGERS.map((value) => [value]),
      ),
      'float.toInt32': await dearest('toInt32', single),
      'float.quantize': await dearest('quantize', scaled([0x42c90000, 0xbfc00001, 0x3e99999a])),
      'float.dequantize': await dearest('dequantize', scaled([0, 255, -128])),
      'float.requantize': await dearest('requantize', scaled(INTEGERS)),
      'dot.512': await dearest('dot', [[bytes(512), bytes(512)]]),
      'dot.1024': await dearest('dot', [[bytes(1_024), bytes(1_024)]]),
      'merkle.chunk.path10': await dearest('rootOfChunks', [[bytes(256), 5n, 10n, words(10)]]),
      // The most one Dot of 1,024 bytes reads: five chunks, here with two siblings on the lower levels.
      'merkle.range5.path10': await dearest('rootOfChunks', [[bytes(1_280), 6n, 10n, words(10)]]),
      'merkle.children64': await dearest('rootOfChildren', [[words(64), 6n]]),
    };
    return Object.entries(BARS).map(([name, bar]) => ({ name, gas: measured[name], bar, peers: {} }));
  });
}
