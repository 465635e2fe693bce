import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { DomainError } from '@openimo/domain';
import {
  buildModel,
  buildNode,
  buildShape,
  buildTensor,
  buildValue,
  encode,
  FLOAT,
  INT32,
  INT64,
  INT8,
  STRING,
  UINT8,
  type ModelParts,
} from '../testing/onnx-builder.js';
import { inspectModel, type InspectLimits } from './inspect-model.js';

const LIMITS: InspectLimits = { maxFileBytes: 1_000_000, maxTensorBytes: 1_000_000, maxIoBytes: 100_000 };
const inspect = (parts: ModelParts | Uint8Array, limits = LIMITS) =>
  inspectModel(parts instanceof Uint8Array ? parts : buildModel(parts), limits);

/** The refusal's code, and the message for the words that matter. */
function refusalOf(parts: ModelParts | Uint8Array): { code: string; message: string } {
  try {
    inspect(parts);
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('the model was accepted');
}

describe('inspectModel', () => {
  it('reports what the file says', () => {
    const bytes = buildModel({
      input: [buildValue('x', UINT8, [1, 4]), buildValue('n', INT64, [])],
      output: [buildValue('y', INT32, [1, 2]), buildValue('f', FLOAT, [3])],
      node: [
        buildNode('MatMulInteger', ['x', 'w'], ['y']),
        buildNode('QGemm', [], ['q'], { domain: 'com.microsoft' }),
        buildNode('Identity', ['x'], ['z'], { domain: 'ai.onnx' }),
      ],
      initializer: [buildTensor('w', INT8, [4, 2], { rawData: new Uint8Array(8) })],
      model: {
        producerName: 'test',
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'com.microsoft', version: 1 },
          { domain: 'unused.domain', version: 3 },
        ],
      },
    });

    expect(inspect(bytes)).toEqual({
      sha256: `0x${createHash('sha256').update(bytes).digest('hex')}`,
      sizeBytes: bytes.length,
      irVersion: 8,
      opset: 17,
      producer: 'test',
      inputs: [
        { name: 'x', datatype: 'UINT8', shape: [1, 4] },
        { name: 'n', datatype: 'INT64', shape: [] },
      ],
      outputs: [
        { name: 'y', datatype: 'INT32', shape: [1, 2] },
        { name: 'f', datatype: 'FP32', shape: [3] },
      ],
      inputBytes: 12,
      outputBytes: 20,
      parameterCount: 8,
      operators: { Identity: 1, MatMulInteger: 1, 'com.microsoft.QGemm': 1 },
      weightsRoot: expect.stringMatching(/^0x[0-9a-f]{64}$/),
    });
  });

  it('does not count an input that has an initializer, as files before IR 4 list them', () => {
    const weights = buildTensor('w', INT8, [1], { rawData: Uint8Array.of(1) });

    const report = inspect({
      input: [buildValue('x', UINT8, [4]), buildValue('w', INT8, [1])],
      initializer: [weights],
    });

    expect(report.inputs.map(({ name }) => name)).toEqual(['x']);
  });
});

describe('a file that is not a model', () => {
  it('is refused when empty or too large', () => {
    expect(refusalOf(new Uint8Array()).code).toBe('ModelFileEmpty');
    expect(() => inspect(buildModel(), { ...LIMITS, maxFileBytes: 10 })).toThrow(
      expect.objectContaining({
        code: 'ModelFileTooLarge',
        data: { sizeBytes: buildModel().length, maxFileBytes: 10 },
      }),
    );
  });

  it('is refused wherever it is cut off', () => {
    const bytes = buildModel({ initializer: [buildShape('s', [1, 2, 300])] });

    for (let length = 1; length < bytes.length; length++) {
      expect(refusalOf(bytes.subarray(0, length)).code).toMatch(/^(ModelMalformed|ModelVersionUnsupported)$/);
    }
  });

  it('gives a coded error or a report for any bytes', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        codes.add(refusalOf(bytes).code);
      }),
      { numRuns: 2_000 },
    );
    expect(codes).toContain('ModelMalformed');
  });

  it('gives a coded error or a report when any bytes of a model change', () => {
    const bytes = buildModel({
      node: [buildNode('ConstantOfShape', ['s'], ['c']), buildNode('Identity', ['x'], ['y'])],
      initializer: [buildShape('s', [4]), buildTensor('f', FLOAT, [2], { floatData: [1, -0] })],
    });
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [position, value] of changes) changed[position] = value;
          try {
            inspect(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
            refused += 1;
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});

describe('a file that two readers could read differently', () => {
  it('is refused when the graph occurs twice: one library merges them, another takes the last', () => {
    const hidden = encode('Model', { graph: { node: [buildNode('Loop', [], [])] } });

    const { code, message } = refusalOf(Buffer.concat([hidden, buildModel()]));

    expect(code).toBe('ModelMalformed');
    expect(message).toContain('field graph twice');
  });

  it('is refused when it has a field that ONNX does not know', () => {
    const unknownField = Uint8Array.of((31 << 3) | 2, 1, 1, 0);

    expect(refusalOf(Buffer.concat([buildModel(), unknownField])).message).toContain('field 31');
  });

  it('is refused when a field has the wrong wire type, is in a group, or a number never ends', () => {
    expect(refusalOf(Uint8Array.of((1 << 3) | 5, 0, 0, 0, 0)).message).toContain('irVersion has wire type 5');
    expect(refusalOf(Uint8Array.of((1 << 3) | 3)).message).toContain('wire type 3');
    expect(refusalOf(Uint8Array.of(1 << 3, ...new Array<number>(11).fill(0xff))).message).toContain('ten bytes');
    expect(refusalOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)).message).toContain('tag is out of range');
  });

  it('is refused when a name is not UTF-8', () => {
    expect(refusalOf(Uint8Array.of((2 << 3) | 2, 2, 0xc3, 0x28)).message).toContain('UTF-8');
  });
});

describe('a version we do not run', () => {
  it.each([0, 2, 13, 99])('is refused: IR %d', (irVersion) => {
    expect(refusalOf({ model: { irVersion } }).code).toBe('ModelVersionUnsupported');
  });

  it.each([[[]], [[6]], [[25]], [[17, 13]], [[-1]]])('is refused: opsets %j', (versions) => {
    const opsetImport = versions.map((version) => ({ domain: '', version }));
    expect(refusalOf({ model: { opsetImport } }).code).toBe('ModelVersionUnsupported');
  });
});

describe('operators', () => {
  const nested = (opType: string) => ({ name: 'inner', node: [buildNode(opType, [], [])] });

  it.each(['Loop', 'Scan', 'If', 'SequenceMap'])('%s is refused, naming the node and what to do', (opType) => {
    const { code, message } = refusalOf({ node: [buildNode(opType, ['x'], ['y'], { name: 'decoder/step' })] });

    expect(code).toBe('OperatorNotAllowed');
    expect(message).toContain(`Node "decoder/step" (${opType})`);
    expect(message).toContain('Unroll it');
  });

  it('hide nothing in subgraphs: every attribute that holds a graph is refused', () => {
    const attribute = (value: object) => ({ attribute: [{ name: 'body', ...value }] });

    expect(refusalOf({ node: [buildNode('Add', ['x'], ['y'], attribute({ g: nested('Loop'), type: 5 }))] })).toEqual({
      code: 'SubgraphNotAllowed',
      message: 'Node 0 (Add) holds a graph in its attribute "body". Inline it.',
    });
    expect(refusalOf({ node: [buildNode('Add', ['x'], ['y'], attribute({ graphs: [nested('If')] }))] }).code).toBe(
      'SubgraphNotAllowed',
    );
    expect(refusalOf({ node: [buildNode('If', ['x'], ['y'], attribute({ g: nested('Loop') }))] }).code).toBe(
      'OperatorNotAllowed',
    );
  });

  it('that draw random numbers are refused', () => {
    expect(refusalOf({ node: [buildNode('RandomNormal', [], ['y'])] }).message).toContain('random');
  });

  it.each([
    ['my.company', 'Add', 1],
    ['com.microsoft', 'Gelu', 1],
    ['com.microsoft', 'QGemm', 2],
    ['ai.onnx.ml', 'TreeEnsemble', 5],
  ])('of the domain %s (%s version %d) are refused', (domain, opType, version) => {
    const opsetImport = [
      { domain: '', version: 17 },
      { domain, version },
    ];

    const { code, message } = refusalOf({
      node: [buildNode(opType, ['x'], ['y'], { domain })],
      model: { opsetImport },
    });

    expect(code).toBe('OperatorDomainNotAllowed');
    expect(message).toContain(`(${domain}.${opType})`);
  });

  it('that the file defines itself are refused, and so are training graphs', () => {
    expect(refusalOf({ model: { functions: [{ name: 'f', domain: 'd' }] } }).code).toBe('LocalFunctionNotAllowed');
    expect(refusalOf({ model: { trainingInfo: [{ initialization: {} }] } }).code).toBe('TrainingNotAllowed');
  });
});

describe('tensors', () => {
  const initializer = (tensor: Record<string, unknown>) => ({ initializer: [tensor] });

  it.each(['weights.bin', '../../etc/passwd', '/etc/passwd', ''])('outside the file are refused: %j', (location) => {
    const external = buildTensor('w', INT8, [4], {
      dataLocation: 1,
      externalData: [{ key: 'location', value: location }],
    });

    const { code, message } = refusalOf(initializer(external));

    expect(code).toBe('ExternalDataNotAllowed');
    expect(message).toContain('Initializer "w"');
    expect(message).toContain(JSON.stringify(location));
  });

  it('outside the file are refused also in attributes, and by either of the two marks', () => {
    const value = { ...buildTensor('', INT8, [1], {}), externalData: [{ key: 'location', value: 'w' }] };
    const attribute = [{ name: 'value', t: value, type: 4 }];

    expect(refusalOf({ node: [buildNode('Constant', [], ['y'], { attribute })] }).code).toBe('ExternalDataNotAllowed');
    expect(refusalOf({ node: [buildNode('ConstantOfShape', ['x'], ['y'], { attribute })] }).code).toBe(
      'ExternalDataNotAllowed',
    );
    expect(refusalOf(initializer(buildTensor('w', INT8, [0], { dataLocation: 1 }))).code).toBe(
      'ExternalDataNotAllowed',
    );
  });

  it('stored sparse are refused', () => {
    expect(refusalOf({ graph: { sparseInitializer: [{ dims: ['1'] }] } }).code).toBe('SparseTensorNotAllowed');
    const attribute = [{ name: 'sparse_value', sparseTensor: { dims: ['1'] }, type: 11 }];
    expect(refusalOf({ node: [buildNode('Constant', [], ['y'], { attribute })] }).code).toBe('SparseTensorNotAllowed');
  });

  it('of strings or unknown types are refused', () => {
    expect(refusalOf(initializer(buildTensor('w', STRING, [1], {}))).code).toBe('DatatypeNotAllowed');
    expect(refusalOf(initializer(buildTensor('w', 99, [1], { rawData: Uint8Array.of(0) }))).code).toBe(
      'DatatypeNotAllowed',
    );
  });

  it.each([
    ['too few bytes', { rawData: new Uint8Array(11) }],
    ['too many bytes', { rawData: new Uint8Array(16) }],
    ['no data', {}],
    ['a field of another type', { floatData: [1, 2, 3] }],
    ['data twice', { rawData: new Uint8Array(12), int32Data: [1, 2, 3] }],
  ])('that do not hold what they declare are refused: %s', (_, data) => {
    expect(refusalOf(initializer(buildTensor('w', INT32, [3], data))).code).toBe('TensorDataMismatch');
  });

  it('that declare more than the limit are refused before their data is looked at', () => {
    const { code, message } = refusalOf(initializer(buildTensor('w', INT64, [1 << 20, 1 << 20], {})));

    expect(code).toBe('TensorTooLarge');
    expect(message).toContain('Initializer "w" takes 8796093022208 bytes; the limit is 1000000');
  });

  it('whose dimensions overflow 64 bits, or are negative, are refused', () => {
    const huge = 2n ** 62n;
    expect(refusalOf(initializer(buildTensor('w', INT8, [huge, huge, 4], {}))).code).toBe('TensorTooLarge');
    expect(refusalOf(initializer(buildTensor('w', INT8, [-1, -4], { rawData: new Uint8Array(4) }))).code).toBe(
      'ModelMalformed',
    );
  });

  it('are not named twice', () => {
    const one = buildTensor('w', INT8, [1], { rawData: Uint8Array.of(1) });
    expect(refusalOf({ initializer: [one, one] }).code).toBe('DuplicateName');
  });
});

describe('a small file that asks for gigabytes', () => {
  const constant = (name: string, values: number[]) =>
    buildNode('Constant', [], [name], { attribute: [{ name: 'value_ints', ints: values.map(String), type: 7 }] });
  const shape = buildShape('s', [46_341, 46_341]);

  it('is refused in 145 bytes or so', () => {
    const bomb = buildModel({ node: [buildNode('ConstantOfShape', ['s'], ['y'])], initializer: [shape] });

    expect(bomb.length).toBeLessThanOrEqual(145);
    expect(refusalOf(bomb)).toEqual({
      code: 'TensorTooLarge',
      message: 'Node 0 (ConstantOfShape) takes 8589953124 bytes; the limit is 1000000. Make it smaller.',
    });
  });

  it.each([
    ['Expand', { node: [buildNode('Expand', ['x', 's'], ['y'])], initializer: [shape] }],
    [
      'Tile of a known input',
      { node: [buildNode('Tile', ['x', 's'], ['y'])], initializer: [buildShape('s', [300_000])] },
    ],
    ['Resize', { node: [buildNode('Resize', ['x', '', '', 's'], ['y'])], initializer: [shape] }],
    ['Pad', { node: [buildNode('Pad', ['x', 's'], ['y'])], initializer: [buildShape('s', [0, 9_000_000])] }],
    ['OneHot', { node: [buildNode('OneHot', ['x', 's'], ['y'])], initializer: [buildShape('s', [400_000])] }],
    ['a shape from a Constant node', { node: [constant('s', [9e6]), buildNode('ConstantOfShape', ['s'], ['y'])] }],
    [
      'Range',
      {
        node: [buildNode('Range', ['a', 'b', 'c'], ['y'])],
        initializer: [buildShape('a', [0]), buildShape('b', [9e9]), buildShape('c', [1])],
      },
    ],
    ['a declared intermediate', { graph: { valueInfo: [buildValue('v', FLOAT, [1_000, 1_000])] } }],
    ['a huge input', { input: [buildValue('x', UINT8, [100_001])] }],
    ['inputs beyond 64 bits', { input: [buildValue('x', UINT8, [2 ** 40, 2 ** 40, 2 ** 40])] }],
    ['a huge output', { output: [buildValue('y', INT64, [12_501])] }],
  ])('is refused: %s', (_, parts) => {
    expect(refusalOf(parts).code).toBe('TensorTooLarge');
  });

  it('is no reason to refuse what stays within the limit', () => {
    const parts = { node: [buildNode('Tile', ['x', 's'], ['y'])], initializer: [buildShape('s', [249_999])] };
    expect(inspect(parts).operators).toEqual({ Tile: 1 });
  });
});

describe('the signature', () => {
  const sequence = { name: 'x', type: { sequenceType: { elemType: { tensorType: { elemType: INT64 } } } } };

  it.each([
    ['FLOAT', buildValue('x', FLOAT, [4])],
    ['INT8', buildValue('x', INT8, [4])],
    ['not a plain tensor', sequence],
    ['not a plain tensor', { name: 'x' }],
  ])('takes no input that is %s, and says what to do', (text, value) => {
    const { code, message } = refusalOf({ input: [value] });

    expect(code).toBe('InputNotInteger');
    expect(message).toContain(`Input "x" is ${text}`);
    expect(message).toContain('put the scaling');
  });

  it.each([
    ['[batch, 4]', buildValue('x', UINT8, ['batch', 4])],
    ['[?, 4]', buildValue('x', UINT8, [undefined, 4])],
    ['[0, 4]', buildValue('x', UINT8, [0, 4])],
    ['[-1, 4]', buildValue('x', UINT8, [-1, 4])],
    ['unknown', { name: 'x', type: { tensorType: { elemType: UINT8 } } }],
  ])('takes no input of the shape %s', (text, value) => {
    const { code, message } = refusalOf({ input: [value] });

    expect(code).toBe('InputShapeNotFixed');
    expect(message).toContain(`the shape ${text}`);
  });

  it('gives outputs of fixed shape and a type we can write', () => {
    expect(refusalOf({ output: [buildValue('y', STRING, [4])] }).code).toBe('OutputDatatypeNotAllowed');
    expect(refusalOf({ output: [buildValue('y', UINT8, ['n'])] }).code).toBe('OutputShapeNotFixed');
  });

  it('has inputs and outputs, each with a name of its own', () => {
    expect(refusalOf({ input: [] }).code).toBe('NoInputs');
    expect(refusalOf({ output: [] }).code).toBe('NoOutputs');
    expect(refusalOf({ input: [buildValue('', UINT8, [4])] }).code).toBe('ModelMalformed');
    expect(refusalOf({ input: [buildValue('x', UINT8, [4]), buildValue('x', UINT8, [4])] }).code).toBe('DuplicateName');
  });
});

describe('weightsRoot', () => {
  const a = buildTensor('a', FLOAT, [2], { floatData: [0, 1.5] });
  const b = buildTensor('b', INT32, [2, 1], { int32Data: [-1, 7] });
  const rootOf = (parts: ModelParts) => inspect(parts).weightsRoot;

  it('is the same for the same weights in another file', () => {
    const raw = Buffer.from([0, 0, 0, 0x80, 0, 0, 0xc0, 0x3f]);
    const constant = buildNode('Constant', [], ['b'], {
      attribute: [{ name: 'value', t: { ...b, name: '' }, type: 4 }],
    });

    const root = rootOf({ initializer: [a, b] });

    expect(rootOf({ initializer: [b, a] })).toBe(root);
    expect(rootOf({ initializer: [a, b], model: { producerName: 'renamed' } })).toBe(root);
    expect(rootOf({ initializer: [buildTensor('a', FLOAT, [2], { rawData: raw }), b] })).toBe(root);
    expect(rootOf({ initializer: [a], node: [constant, buildNode('Identity', ['x'], ['y'])] })).toBe(root);
  });

  it('is another for other values, names, types or shapes', () => {
    const others = [
      [buildTensor('a', FLOAT, [2], { floatData: [0, 1.25] }), b],
      [buildTensor('c', FLOAT, [2], { floatData: [0, 1.5] }), b],
      [buildTensor('a', FLOAT, [2, 1], { floatData: [0, 1.5] }), b],
      [a, buildTensor('b', FLOAT, [2, 1], { rawData: Buffer.from(Int32Array.of(-1, 7).buffer) })],
      [a],
      [],
    ];

    const roots = [[a, b], ...others].map((initializer) => rootOf({ initializer }));

    expect(new Set(roots).size).toBe(roots.length);
  });

  it('is what its documentation says', () => {
    const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
    const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
    const dims = Buffer.from(BigUint64Array.of(2n, 1n).buffer);
    const elements = Buffer.from(Int32Array.of(-1, 7).buffer);
    const leaf = sha256(Uint8Array.of(0), u32(1), Buffer.from('b'), u32(INT32), u32(2), dims, elements);

    expect(rootOf({ initializer: [b] })).toBe(`0x${sha256(Uint8Array.of(1), leaf).toString('hex')}`);
  });
});
