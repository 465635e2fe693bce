import { DomainError } from '@openimo/domain';
import type { PlainGraph } from '../onnx/plain-graph.js';
import { tensorOf } from '../tensor/tensor.js';
import { buildGraph, type GraphParts } from '../onnx/build-graph.js';
import { checkSteps } from './check-steps.js';
import { compileModel } from './compile-model.js';

const ints = (...values: number[]) => tensorOf('INT64', [values.length], values);
const f32 = (...values: number[]) => tensorOf('FP32', values.length === 1 ? [] : [values.length], values);
const s8 = (dims: number[], ...values: number[]) => tensorOf('INT8', dims, values);

function refusalOf(graph: PlainGraph): { code: string; message: string } {
  try {
    compileModel(graph);
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('the model was accepted');
}

const toFloat = { operator: 'Cast', inputs: ['x'], outputs: ['f'], attributes: { to: 1 }, name: 'to_float' };
const toInt32 = { operator: 'Cast', inputs: ['x'], outputs: ['i'], attributes: { to: 6 }, name: 'to_int' };

describe('an operator outside of the profile', () => {
  it.each([
    ['MatMul', /Node "here" \(MatMul\) is not in the profile\. Quantise it to MatMulInteger/],
    ['Softmax', /table of exponentials/],
    ['Loop', /Unroll it/],
    ['NonZero', /Use the operators of the profile: MatMulInteger, /],
    ['toString', /is not in the profile/],
  ])('%s is refused with what to do instead', (operator, says) => {
    const refusal = refusalOf(buildGraph({ nodes: [{ operator, inputs: ['x'], name: 'here' }] }));

    expect(refusal.code).toBe('OperatorNotAllowed');
    expect(refusal.message).toMatch(says);
  });
});

describe('a node that the profile does not admit is refused by name', () => {
  const cases: readonly [what: string, parts: GraphParts, code: string, says: RegExp][] = [
    [
      'an attribute with a meaning of its own',
      { nodes: [{ operator: 'ArgMax', inputs: ['x'], attributes: { select_last_index: 1 }, name: 'best' }] },
      'AttributeNotAllowed',
      /Node "best" \(ArgMax\) has select_last_index = 1/,
    ],
    [
      'an unknown attribute',
      { nodes: [{ operator: 'Identity', inputs: ['x'], attributes: { magic: 1 } }] },
      'AttributeNotAllowed',
      /"magic"/,
    ],
    [
      'a shape that is computed',
      { inputs: [{ name: 'x', datatype: 'INT64', shape: [1] }], nodes: [{ operator: 'Reshape', inputs: ['x', 'x'] }] },
      'NotConstant',
      /computes its input 1.*initializer/,
    ],
    [
      'shapes that do not fit',
      {
        nodes: [toInt32, { operator: 'Add', inputs: ['i', 'c'] }],
        initializers: { c: tensorOf('INT32', [3], [1, 2, 3]) },
      },
      'ShapeMismatch',
      /\[1, 4\] and \[3\]/,
    ],
    [
      'a tensor that a small file asks for',
      {
        nodes: [
          { operator: 'Expand', inputs: ['x', 'shape'], outputs: ['e'] },
          { operator: 'Cast', inputs: ['e'], attributes: { to: 6 }, name: 'big' },
        ],
        initializers: { shape: ints(1 << 25, 4) },
      },
      'TooLarge',
      /Node "big" \(Cast\) makes a tensor of 536870912 bytes/,
    ],
    ['arithmetic on 8 bits', { nodes: [{ operator: 'Add', inputs: ['x', 'x'] }] }, 'DatatypeNotAllowed', /UINT8.*Cast/],
    [
      'INT8 by UINT8',
      { nodes: [{ operator: 'MatMulInteger', inputs: ['w', 'x'] }], initializers: { w: s8([4, 1], 1, 2, 3, 4) } },
      'DatatypeNotAllowed',
      /INT8 by UINT8/,
    ],
    [
      'ConvInteger with INT8 weights',
      {
        inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 1, 2, 2] }],
        nodes: [{ operator: 'ConvInteger', inputs: ['x', 'w'] }],
        initializers: { w: s8([1, 1, 1, 1], 1) },
      },
      'DatatypeNotAllowed',
      /Older builds/,
    ],
    [
      'zero points per column that differ',
      {
        nodes: [{ operator: 'MatMulInteger', inputs: ['x', 'w', 'za', 'zb'] }],
        initializers: { w: s8([4, 2], 1, 2, 3, 4, 5, 6, 7, 8), za: tensorOf('UINT8', [], [0]), zb: s8([2], 0, 1) },
      },
      'AttributeNotAllowed',
      /more than one zero point/,
    ],
    [
      'a reciprocal that onnxruntime turns into a division',
      {
        nodes: [
          toFloat,
          { operator: 'Max', inputs: ['f', 'one'], outputs: ['m'] },
          { operator: 'Div', inputs: ['one', 'm'], outputs: ['r'], name: 'inverse' },
          { operator: 'Mul', inputs: ['r', 'f'], name: 'scaled' },
        ],
        initializers: { one: f32(1) },
      },
      'PatternNotDeterministic',
      /Node "scaled" \(Mul\) multiplies by the reciprocal from Node "inverse"/,
    ],
    [
      'a Pad that onnxruntime merges into the MaxPool behind it',
      {
        inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 1, 4] }],
        nodes: [
          { operator: 'Pad', inputs: ['x', 'pads'], outputs: ['p'], name: 'margin' },
          { operator: 'MaxPool', inputs: ['p'], attributes: { kernel_shape: [2] }, name: 'pool' },
        ],
        initializers: { pads: ints(0, 0, 2, 0, 0, 0) },
      },
      'PatternNotDeterministic',
      /Node "pool".*Node "margin".*Write the pads into the MaxPool/,
    ],
    [
      'an 8-bit sum that onnxruntime fuses',
      {
        nodes: [
          { operator: 'DequantizeLinear', inputs: ['x', 'one'], outputs: ['f'], name: 'from_8_bits' },
          { operator: 'Add', inputs: ['f', 'f'], outputs: ['s'] },
          { operator: 'Reshape', inputs: ['s', 'shape'], outputs: ['t'] },
          { operator: 'QuantizeLinear', inputs: ['t', 'one'], name: 'to_8_bits' },
        ],
        initializers: { one: f32(1), shape: ints(4) },
      },
      'PatternNotDeterministic',
      /Node "to_8_bits".*Replace Node "from_8_bits"/,
    ],
  ];

  it.each(cases)('%s', (_what, parts, code, says) => {
    const refusal = refusalOf(buildGraph(parts));

    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(says);
  });
});

describe('a step of every graph', () => {
  const graphOf = (step: number, size: number) =>
    buildGraph({
      nodes: [
        { operator: 'Slice', inputs: ['x', 'start', 'end', 'axis', 'step'], outputs: ['s'] },
        { operator: 'Concat', inputs: ['x', 's'], attributes: { axis: 1 } },
      ],
      initializers: { start: ints(0), end: ints(size), axis: ints(1), step: ints(step) },
    });

  it('has numbers that fit a descriptor, however large the step of a slice', () => {
    const { steps } = compileModel(graphOf(2 ** 40, 4));

    expect(steps.at(-1)?.inputs.map(({ offset, strides }) => [offset, strides])).toEqual([
      [0, [1]],
      [-4, [1]],
    ]);
  });

  it('reads inside of what it reads from, or the graph is refused', () => {
    const { steps, constants } = compileModel(graphOf(1, 4));
    const last = steps.at(-1)!;
    const shifted = (offset: number) => [
      ...steps.slice(0, -1),
      { ...last, inputs: last.inputs.with(0, { ...last.inputs[0]!, offset }) },
    ];

    expect(() => checkSteps(shifted(0), constants)).not.toThrow();
    expect(() => checkSteps(shifted(-1), constants)).toThrow(/reads bytes -1 to 3 of 4/);
    expect(() => checkSteps(shifted(1), constants)).toThrow(/reads bytes 1 to 5 of 4/);
  });
});

describe('the range analysis refuses what some input could break', () => {
  const tokens = [{ name: 'x', datatype: 'INT64', shape: [1, 4] }] as const;
  const numbers = [{ name: 'x', datatype: 'INT32', shape: [1, 4] }] as const;
  const cases: readonly [what: string, parts: GraphParts, code: string, says: RegExp][] = [
    [
      'INT8 weights above 63',
      {
        nodes: [{ operator: 'MatMulInteger', inputs: ['x', 'w'], name: 'dense' }],
        initializers: { w: s8([4, 1], 1, 64, 0, 0) },
      },
      'WeightsOutOfRange',
      /Node "dense" \(MatMulInteger\).*\[-64, 63\]/,
    ],
    [
      'an INT32 sum that overflows',
      { inputs: numbers, nodes: [{ operator: 'Add', inputs: ['x', 'x'], name: 'twice' }] },
      'IntegerOverflow',
      /Node "twice" \(Add\) can reach -4294967296.*Clip/,
    ],
    [
      'an INT32 product that overflows',
      { inputs: numbers, nodes: [{ operator: 'Mul', inputs: ['x', 'x'] }] },
      'IntegerOverflow',
      /4611686018427388000/,
    ],
    [
      'the one INT32 quotient that overflows',
      {
        inputs: numbers,
        nodes: [{ operator: 'Div', inputs: ['x', 'c'] }],
        initializers: { c: tensorOf('INT32', [], [-1]) },
      },
      'IntegerOverflow',
      /2147483648/,
    ],
    [
      'squares without a Clip',
      { inputs: numbers, nodes: [{ operator: 'ReduceSumSquare', inputs: ['x'], name: 'norm' }] },
      'IntegerOverflow',
      /Node "norm" \(ReduceSumSquare\).*Clip/,
    ],
    [
      'a float sum that is not exact',
      {
        inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 70_000] }],
        nodes: [toFloat, { operator: 'ReduceSum', inputs: ['f'], name: 'total' }],
      },
      'SumNotExact',
      /Node "total" \(ReduceSum\).*2\^24/,
    ],
    [
      'a float sum of fractions',
      {
        nodes: [
          toFloat,
          { operator: 'Mul', inputs: ['f', 'h'], outputs: ['g'] },
          { operator: 'ReduceSum', inputs: ['g'] },
        ],
        initializers: { h: f32(0.5) },
      },
      'SumNotExact',
      /need not be integers/,
    ],
    [
      'a division by what may be zero',
      { nodes: [toFloat, { operator: 'Div', inputs: ['one', 'f'], name: 'inverse' }], initializers: { one: f32(3) } },
      'DivisionByZero',
      /Node "inverse" \(Div\).*Max/,
    ],
    [
      'a product that may be infinite',
      { nodes: [toFloat, { operator: 'Mul', inputs: ['f', 'huge'] }], initializers: { huge: f32(3e38) } },
      'NotFinite',
      /finite/,
    ],
    [
      'an index that may be outside its table',
      {
        inputs: tokens,
        nodes: [{ operator: 'Gather', inputs: ['table', 'x'], name: 'embed' }],
        initializers: { table: f32(1, 2, 3) },
      },
      'IndexOutOfRange',
      /Node "embed" \(Gather\).*Clip the indices to \[0, 2\]/,
    ],
    [
      'a cast that may not fit',
      {
        nodes: [
          toInt32,
          { operator: 'Mul', inputs: ['i', 'i'], outputs: ['s'] },
          { operator: 'Cast', inputs: ['s'], attributes: { to: 2 } },
        ],
      },
      'IntegerOverflow',
      /casts values from 0 to 65025, which UINT8 does not hold/,
    ],
    [
      'a scale that is not positive',
      { nodes: [toFloat, { operator: 'QuantizeLinear', inputs: ['f', 's'] }], initializers: { s: f32(-1) } },
      'NotFinite',
      /positive/,
    ],
  ];

  it.each(cases)('%s', (_what, parts, code, says) => {
    const refusal = refusalOf(buildGraph(parts));

    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(says);
  });

  it('and admits the same nodes once the remedy is taken', () => {
    const lo = tensorOf('INT64', [], [0]);
    const hi = tensorOf('INT64', [], [2]);

    const graph = compileModel(
      buildGraph({
        inputs: tokens,
        nodes: [
          { operator: 'Clip', inputs: ['x', 'lo', 'hi'], outputs: ['safe'] },
          { operator: 'Gather', inputs: ['table', 'safe'] },
        ],
        initializers: { table: f32(1, 2, 3), lo, hi },
      }),
    );

    expect(graph.ranges.at(-1)).toEqual({ lo: 1, hi: 3, integer: true, leastMagnitude: 1 });
  });

  it('bounds a product with constant weights by the weights themselves, not by the worst there could be', () => {
    const graph = compileModel(
      buildGraph({
        nodes: [{ operator: 'MatMulInteger', inputs: ['x', 'w'] }],
        initializers: { w: s8([4, 2], 1, -1, 2, 0, -3, 0, 0, 0) },
      }),
    );

    // Columns (1, 2, -3, 0) and (-1, 0, 0, 0) times 0 to 255.
    expect(graph.ranges.at(-1)).toMatchObject({ lo: -765, hi: 765 });
  });

  it('knows that a square is not negative, and how large it is on either side of zero', () => {
    const square = (offset: number) =>
      compileModel(
        buildGraph({
          nodes: [
            toFloat,
            { operator: 'Sub', inputs: ['f', 'c'], outputs: ['s'] },
            { operator: 'Mul', inputs: ['s', 's'] },
          ],
          initializers: { c: f32(offset) },
        }),
      ).ranges.at(-1);

    expect(square(200)).toMatchObject({ lo: 0, hi: 200 ** 2 });
    expect(square(300)).toMatchObject({ lo: 45 ** 2, hi: 300 ** 2 });
    expect(square(-10)).toMatchObject({ lo: 100, hi: 265 ** 2 });
  });

  it('counts the short last part of a long reduction as short', () => {
    const graph = compileModel(
      buildGraph({
        inputs: [{ name: 'x', datatype: 'UINT8', shape: [1, 300] }],
        nodes: [
          { operator: 'Cast', inputs: ['x'], outputs: ['i'], attributes: { to: 6 } },
          { operator: 'Max', inputs: ['i', 'one'], outputs: ['m'] },
          { operator: 'ReduceSum', inputs: ['m'] },
        ],
        initializers: { one: tensorOf('INT32', [], [1]) },
      }),
    );

    // 256 and 44 of them, each from 1 to 255.
    expect(graph.ranges.at(-2)).toMatchObject({ lo: 44, hi: 256 * 255 });
  });
});
