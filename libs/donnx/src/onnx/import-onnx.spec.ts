import protobuf from 'protobufjs';
import { DomainError } from '@openimo/domain';
import { tensorOf } from '../tensor/tensor.js';
import { buildGraph } from './build-graph.js';
import { encodeOnnx } from './encode-onnx.js';
import { importOnnx } from './import-onnx.js';
import { ModelType } from './onnx-messages.js';

type Message = Record<string, unknown>;

const INPUT = { name: 'x', type: { tensorType: { elemType: 2, shape: { dim: [{ dimValue: 1 }, { dimValue: 4 }] } } } };
const OUTPUT = { name: 'y' };
const IDENTITY = { opType: 'Identity', name: 'copy', input: ['x'], output: ['y'] };

/** An ONNX file; without parts, one that copies `x` to `y`. */
function fileOf(graph: Message = {}, model: Message = {}): Uint8Array {
  const message = ModelType.fromObject({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    graph: { name: 'g', node: [IDENTITY], input: [INPUT], output: [OUTPUT], ...graph },
    ...model,
  });
  return ModelType.encode(message).finish();
}

function refusalOf(file: Uint8Array): { code: string; message: string } {
  try {
    importOnnx(file);
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('importOnnx', () => {
  it('reads back what encodeOnnx wrote', () => {
    const graph = buildGraph({
      nodes: [
        {
          operator: 'com.microsoft.QGemm',
          inputs: ['x', 's'],
          attributes: { alpha: 0.5, transB: 1 },
          outputs: ['a'],
          name: 'q',
        },
        { operator: 'Pad', inputs: ['a', 'w'], attributes: { mode: 'constant', axes: [0, -1] } },
      ],
      initializers: {
        s: tensorOf('FP32', [], [0.25]),
        w: tensorOf('INT8', [2, 2], [1, -2, 3, -64]),
        i: tensorOf('INT64', [1], [-(2n ** 63n)]),
      },
    });

    const file = encodeOnnx(graph, { outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }] });

    expect(importOnnx(file)).toEqual(graph);
  });

  it('puts every node behind those that it reads, and otherwise keeps the order of the file', () => {
    const node = (name: string, input: string[], output: string) => ({
      opType: 'Concat',
      name,
      input,
      output: [output],
    });
    const file = fileOf({
      node: [
        node('late', ['b', 'c'], 'y'),
        node('first', ['x'], 'a'),
        node('second', ['a'], 'b'),
        node('third', ['x'], 'c'),
      ],
    });

    expect(importOnnx(file).nodes.map(({ name }) => name)).toEqual(['first', 'second', 'third', 'late']);
  });

  it('reads weights from raw data and from lists alike, -0 as +0, and takes Constant nodes for initializers', () => {
    const file = fileOf({
      initializer: [
        { name: 'raw', dims: [2], dataType: 1, rawData: new Uint8Array(Float32Array.of(1.5, -0).buffer) },
        { name: 'list', dims: [2], dataType: 3, int32Data: [-7, 7] },
        { name: 'long', dims: [1], dataType: 7, int64Data: ['-9007199254740993'] },
      ],
      node: [
        {
          opType: 'Constant',
          output: ['k'],
          attribute: [{ name: 'value', type: 4, t: { dims: [], dataType: 1, floatData: [2] } }],
        },
        IDENTITY,
      ],
    });

    const { initializers, nodes } = importOnnx(file);

    expect(nodes.map(({ operator }) => operator)).toEqual(['Identity']);
    expect(initializers.get('raw')?.data).toEqual(Float32Array.of(1.5, 0));
    expect(initializers.get('list')?.data).toEqual(Int8Array.of(-7, 7));
    expect(initializers.get('long')?.data).toEqual(BigInt64Array.of(-9007199254740993n));
    expect(initializers.get('k')).toEqual(tensorOf('FP32', [], [2]));
  });
});

describe('a file outside of the profile is refused', () => {
  const cases: readonly [what: string, file: () => Uint8Array, code: string, says: RegExp][] = [
    [
      'bytes that are no model',
      () => Uint8Array.of(0xff, 0xff, 0xff),
      'ModelMalformed',
      /not an ONNX model|does not know/,
    ],
    [
      'an older operator set',
      () => fileOf({}, { opsetImport: [{ domain: '', version: 12 }] }),
      'OpsetNotSupported',
      /set 12.*from 13 to 21/,
    ],
    [
      'a newer operator set',
      () => fileOf({}, { opsetImport: [{ domain: '', version: 22 }] }),
      'OpsetNotSupported',
      /set 22/,
    ],
    [
      'two standard operator sets',
      () =>
        fileOf(
          {},
          {
            opsetImport: [
              { domain: '', version: 17 },
              { domain: 'ai.onnx', version: 17 },
            ],
          },
        ),
      'OpsetNotSupported',
      /several/,
    ],
    [
      'an open dimension',
      () =>
        fileOf({ input: [{ name: 'x', type: { tensorType: { elemType: 2, shape: { dim: [{ dimParam: 'n' }] } } } }] }),
      'ShapeNotStatic',
      /Input "x".*fixed input shapes/,
    ],
    [
      'an input without shape',
      () => fileOf({ input: [{ name: 'x', type: { tensorType: { elemType: 2 } } }] }),
      'ShapeNotStatic',
      /Input "x"/,
    ],
    [
      'an empty dimension',
      () =>
        fileOf({ input: [{ name: 'x', type: { tensorType: { elemType: 2, shape: { dim: [{ dimValue: 0 }] } } } }] }),
      'ShapeNotStatic',
      /dimension of 0/,
    ],
    [
      'a float input',
      () => fileOf({ input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: {} } } }] }),
      'DatatypeNotAllowed',
      /Input "x" is FP32.*move scaling/,
    ],
    [
      'a double tensor',
      () => fileOf({ initializer: [{ name: 'w', dims: [1], dataType: 11 }] }),
      'DatatypeNotAllowed',
      /Tensor "w"/,
    ],
    [
      'a custom operator',
      () =>
        fileOf(
          { node: [{ ...IDENTITY, opType: 'Mine', domain: 'com.example' }] },
          { opsetImport: [{ version: 17 }, { domain: 'com.example', version: 1 }] },
        ),
      'DomainNotAllowed',
      /Node "copy" \(com\.example\.Mine\).*QGemm version 1/,
    ],
    [
      'QGemm of another version',
      () =>
        fileOf(
          { node: [{ ...IDENTITY, opType: 'QGemm', domain: 'com.microsoft' }] },
          { opsetImport: [{ version: 17 }, { domain: 'com.microsoft', version: 2 }] },
        ),
      'DomainNotAllowed',
      /QGemm/,
    ],
    ['a function', () => fileOf({}, { functions: [new Uint8Array(2)] }), 'OperatorNotAllowed', /Inline/],
    [
      'a subgraph',
      () => fileOf({ node: [{ ...IDENTITY, attribute: [{ name: 'body', type: 5, g: new Uint8Array(0) }] }] }),
      'AttributeNotAllowed',
      /"body".*no subgraphs/,
    ],
    [
      'weights outside the file',
      () =>
        fileOf({
          initializer: [{ name: 'w', dims: [1], dataType: 3, externalData: [{ key: 'location', value: 'w.bin' }] }],
        }),
      'ModelMalformed',
      /Save the model with its weights inside/,
    ],
    [
      'weights that are too short',
      () => fileOf({ initializer: [{ name: 'w', dims: [3], dataType: 3, rawData: new Uint8Array(2) }] }),
      'ModelMalformed',
      /2 bytes of data and needs 3/,
    ],
    [
      'weights beyond their type',
      () => fileOf({ initializer: [{ name: 'w', dims: [1], dataType: 3, int32Data: [200] }] }),
      'ModelMalformed',
      /outside of INT8/,
    ],
    [
      'weights that are not finite',
      () => fileOf({ initializer: [{ name: 'w', dims: [1], dataType: 1, floatData: [Infinity] }] }),
      'NotFinite',
      /Tensor "w" holds Infinity/,
    ],
    [
      'two tensors of one name',
      () =>
        fileOf({
          initializer: [
            { name: 'w', dims: [1], dataType: 3, int32Data: [1] },
            { name: 'w', dims: [1], dataType: 3, int32Data: [2] },
          ],
        }),
      'ModelMalformed',
      /called "w"/,
    ],
    [
      'a cycle',
      () =>
        fileOf({
          node: [
            { opType: 'Identity', input: ['b'], output: ['y'] },
            { opType: 'Identity', input: ['y'], output: ['b'] },
          ],
        }),
      'ModelMalformed',
      /depends on itself/,
    ],
    [
      'a value that nothing makes',
      () => fileOf({ node: [{ opType: 'Identity', input: ['z'], output: ['y'] }] }),
      'ModelMalformed',
      /reads "z"/,
    ],
    ['an output that nothing makes', () => fileOf({ output: [{ name: 'z' }] }), 'ModelMalformed', /output "z"/],
    ['a value that two nodes make', () => fileOf({ node: [IDENTITY, IDENTITY] }), 'ModelMalformed', /exists already/],
  ];

  it.each(cases)('%s', (_what, file, code, says) => {
    const refusal = refusalOf(file());

    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(says);
  });

  it('when a field that may occur once occurs twice, since readers differ in what they make of it', () => {
    const file = fileOf();
    const again = protobuf.Writer.create()
      .uint32((1 << 3) | 0)
      .int32(9)
      .finish();

    expect(refusalOf(Buffer.concat([file, again]))).toEqual({
      code: 'ModelMalformed',
      message: expect.stringMatching(/ModelProto has its field irVersion twice/),
    });
  });

  it('when it has fields that ONNX does not know', () => {
    const unknown = protobuf.Writer.create()
      .uint32((99 << 3) | 0)
      .int32(9)
      .finish();

    expect(refusalOf(Buffer.concat([fileOf(), unknown])).message).toMatch(/field 99/);
  });

  it('wherever it is cut off', () => {
    const file = fileOf({ initializer: [{ name: 'w', dims: [3], dataType: 3, rawData: new Uint8Array(3) }] });

    for (let length = 1; length < file.length; length++) {
      expect(refusalOf(file.subarray(0, length)).code).toMatch(/^(ModelMalformed|OpsetNotSupported)$/);
    }
  });
});
