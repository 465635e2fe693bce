import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import {
  DATATYPE_CODES,
  encodeOnnx,
  tensorOf,
  toHex,
  sha256,
  type PlainGraph,
  type PlainNode,
  type Tensor,
} from '@openimo/donnx';
import type { TensorSpec } from '@openimo/domain';
import { createProgram } from '../program.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openimo-model-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs a command as a person types it, with `--json`, and returns the object it printed. */
async function openimo(...words: string[]): Promise<Record<string, unknown>> {
  let printed = '';
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed += text), true));
  await createProgram().parseAsync(['node', 'openimo', '--json', 'model', ...words]);
  return JSON.parse(printed) as Record<string, unknown>;
}

interface Parts {
  readonly opset?: number;
  readonly input?: TensorSpec;
  readonly nodes: readonly (readonly [operator: string, inputs: readonly string[], output: string, to?: number])[];
  readonly weights?: Readonly<Record<string, Tensor>>;
}

/** Writes a model of one input `x`, UINT8 [1, 4] unless said otherwise, whose last node makes its answer. */
function model({
  opset = 17,
  input = { name: 'x', datatype: 'UINT8', shape: [1, 4] },
  nodes,
  weights = {},
}: Parts): string {
  const plain = nodes.map(([operator, inputs, output, to]): PlainNode => {
    const attributes = new Map(to === undefined ? [] : [['to', to]]);
    return { operator, inputs, outputs: [output], attributes, name: output, where: output };
  });
  const outputs = [plain.at(-1)!.outputs[0]!];
  const graph: PlainGraph = {
    opset,
    inputs: [input],
    outputs,
    nodes: plain,
    initializers: new Map(Object.entries(weights)),
  };
  return write('model.onnx', encodeOnnx(graph, { outputs: outputs.map((name) => ({ name })) }));
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A model whose input has an open dimension: the last length of a shape becomes a name of no letters. */
function openDimension(): string {
  const file = readFileSync(
    model({ input: { name: 'x', datatype: 'UINT8', shape: [1, 77] }, nodes: [['Identity', ['x'], 'y']] }),
  );
  const at = file.indexOf(Uint8Array.of(0x0a, 0x02, 0x08, 77));
  file.set([0x12, 0x00], at + 2);
  return write('open.onnx', file);
}

const digitsCnn = (name: string) =>
  fileURLToPath(new URL(`../../../../libs/models/digits-cnn/${name}`, import.meta.url));
const digits = (name: string) => fileURLToPath(new URL(`../../../../libs/models/digits/${name}`, import.meta.url));
const FLOAT_INPUT: TensorSpec = { name: 'x', datatype: 'FP32', shape: [1, 4] };
const examples = (count: number) =>
  write(
    'examples.bin',
    Uint8Array.from({ length: 4 * count }, (_, at) => (at * 37) % 256),
  );

describe('openimo model lower', () => {
  it('lowers a trained float model and says how near it is', async () => {
    const out = join(folder, 'lowered.onnx');

    const report = await openimo(
      ...['lower', digitsCnn('digits-cnn.float.onnx'), '--encode', 'pixels=0.0625', '--out', out],
      ...['--calibration', digitsCnn('calibration.bin')],
    );

    expect(report).toMatchObject({ out, sha256: toHex(sha256(readFileSync(out))), inputBytes: 64, outputBytes: 48 });
    const { examples: compared, values } = report['fidelity'] as {
      examples: number;
      values: Record<string, unknown>[];
    };
    expect(compared).toBe(40);
    expect(values).toMatchObject([
      { name: 'label', agreement: 1 },
      { name: 'logits', agreement: 1 },
    ]);
    expect(values[1]!['worstCosine']).toBeGreaterThan(0.999);
  });

  it('lowers a QDQ model with the scales of its export', async () => {
    const file = model({
      input: FLOAT_INPUT,
      nodes: [
        ['QuantizeLinear', ['x', 'xs', 'xz'], 'q'],
        ['DequantizeLinear', ['q', 'xs', 'xz'], 'd'],
        ['DequantizeLinear', ['w8', 'ws', 'wz'], 'w'],
        ['MatMul', ['d', 'w'], 'y'],
      ],
      weights: {
        xs: tensorOf('FP32', [], [0.5]),
        xz: tensorOf('UINT8', [], [128]),
        w8: tensorOf('INT8', [4, 2], [10, -20, 30, -40, 50, -60, 70, -80]),
        ws: tensorOf('FP32', [], [0.125]),
        wz: tensorOf('INT8', [], [0]),
      },
    });

    const report = await openimo(
      ...['lower', file, '--encode', 'x=0.5,128', '--calibration', examples(20), '--held-back', examples(20)],
    );

    expect(report['fidelity']).toMatchObject({ examples: 20, values: [{ name: 'y', agreement: 1 }] });
    expect((report['fidelity'] as { values: { worstCosine: number }[] }).values[0]!.worstCosine).toBeGreaterThan(0.999);
  });

  it('asks what the bytes of a float input stand for', async () => {
    const file = model({ input: FLOAT_INPUT, nodes: [['Relu', ['x'], 'y']] });

    await expect(openimo('lower', file, '--calibration', examples(5))).rejects.toThrow(
      /Input "x" is FP32.*--encode x=<scale>/,
    );
  });

  it('names a node without a recipe, and those that there are', async () => {
    const file = model({ nodes: [['Atan', ['x'], 'bend']], input: FLOAT_INPUT });

    await expect(openimo('lower', file, '--encode', 'x=1', '--calibration', examples(5))).rejects.toThrow(
      /Node "bend" \(Atan\) has no recipe\. There are recipes for .*MatMul/,
    );
  });

  it('counts the bytes of the examples', async () => {
    const file = model({ nodes: [['Identity', ['x'], 'y']] });

    await expect(openimo('lower', file, '--calibration', write('odd.bin', new Uint8Array(6)))).rejects.toThrow(
      /odd\.bin has 6 bytes\. An example has 4/,
    );
  });
});

describe('openimo model verify', () => {
  it('recomputes the roots from the file alone', async () => {
    const roots = await openimo('verify', digits('digits.onnx'));

    expect(roots).toEqual({
      sha256: '0xe54e85c5843830844e967431089d4a26d00c677a5eaadfd346194ce002e555f8',
      graphRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      constRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      modelRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      steps: expect.any(Number),
      outNode: expect.any(Number),
      inputBytes: 64,
      outputBytes: 48,
    });
  });

  it('gives a model with one other weight another root', async () => {
    const identity = (weight: number) =>
      model({
        nodes: [['MatMulInteger', ['x', 'w'], 'y']],
        weights: { w: tensorOf('INT8', [4, 1], [1, 2, 3, weight]) },
      });

    const one = await openimo('verify', identity(4));
    const other = await openimo('verify', identity(5));

    expect(other['graphRoot']).toBe(one['graphRoot']);
    expect(other['constRoot']).not.toBe(one['constRoot']);
    expect(other['modelRoot']).not.toBe(one['modelRoot']);
  });
});

describe('openimo model trace', () => {
  it('prints the root of every step, from the input to the answer', async () => {
    const pixels = readFileSync(digits('heldback.bin')).subarray(1, 65);

    const { steps, inputRoot, outputRoot, output, outNode } = (await openimo(
      ...['trace', digits('digits.onnx'), '--input', write('pixels.bin', pixels)],
    )) as { steps: { id: number; op: string; root: string }[] } & Record<string, string>;

    expect(steps[0]).toMatchObject({ id: 0, op: 'Input', root: inputRoot });
    expect(steps[Number(outNode)]!.root).toBe(outputRoot);
    expect(output).toMatch(/^0x[0-9a-f]{96}$/);
  });

  it('pads a text to the length that the model reads', async () => {
    const file = model({ nodes: [['Identity', ['x'], 'y']] });

    expect((await openimo('trace', file, '--text', 'abc'))['output']).toBe('0x61626300');
    await expect(openimo('trace', file, '--text', 'abcde')).rejects.toThrow(/has 5 bytes and the model reads 4/);
  });

  it('asks for an input', async () => {
    await expect(openimo('trace', digits('digits.onnx'))).rejects.toThrow(/--input <file> or --text/);
  });
});

describe('a model outside of the profile is refused by node, with the remedy', () => {
  const s7 = { w: tensorOf('INT8', [4, 1], [1, 2, 3, 100]) };
  const cases: readonly [what: string, file: () => string, says: RegExp][] = [
    [
      'a banned operator',
      () =>
        model({
          nodes: [
            ['Cast', ['x'], 'f', DATATYPE_CODES.FP32],
            ['Softmax', ['f'], 'weigh'],
          ],
        }),
      /Node "weigh" \(Softmax\) is not in the profile\. Replace it by/,
    ],
    [
      'weights that would saturate',
      () => model({ nodes: [['MatMulInteger', ['x', 'w'], 'sums']], weights: s7 }),
      /Node "sums" \(MatMulInteger\).*\[-64, 63\]/,
    ],
    [
      'a range that cannot be proven',
      () =>
        model({
          nodes: [
            ['Cast', ['x'], 'i', DATATYPE_CODES.INT32],
            ['Div', ['i', 'i'], 'share'],
          ],
        }),
      /Node "share" \(Div\).*zero/,
    ],
    ['an open dimension', () => openDimension(), /Input "x" has an open dimension.*fixed input shapes/],
    [
      'a float input',
      () => model({ input: FLOAT_INPUT, nodes: [['Relu', ['x'], 'y']] }),
      /Input "x" is FP32.*move scaling and tables into the graph/,
    ],
    ['an old operator set', () => model({ opset: 12, nodes: [['Identity', ['x'], 'y']] }), /operator set 12.*13 to 21/],
  ];

  it.each(cases)('%s', async (_, file, says) => {
    const path = file();

    await expect(openimo('verify', path)).rejects.toThrow(says);
    await expect(openimo('trace', path, '--input', examples(1))).rejects.toThrow(says);
  });

  it('before it is lowered, too: an open dimension, an old operator set', async () => {
    await expect(openimo('lower', openDimension(), '--calibration', examples(5))).rejects.toThrow(/fixed input shapes/);
    const old = model({ opset: 12, nodes: [['Identity', ['x'], 'y']] });
    await expect(openimo('lower', old, '--calibration', examples(5))).rejects.toThrow(/13 to 21/);
  });
});
