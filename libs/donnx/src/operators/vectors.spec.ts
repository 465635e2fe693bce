import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDomainError, type TensorDatatype } from '@openimo/domain';
import { compileModel } from '../model/compile-model.js';
import { execute, outputOf } from '../model/execute.js';
import type { Attribute } from '../onnx/plain-graph.js';
import { canonicalBytes, tensorFromBytes } from '../tensor/canonical.js';
import type { Tensor } from '../tensor/tensor.js';
import { buildGraph } from '../onnx/build-graph.js';
import { OPERATORS } from './operators.js';

interface StoredTensor {
  readonly datatype: TensorDatatype;
  readonly dims: readonly number[];
  readonly data: string;
}

interface Vector {
  readonly name: string;
  readonly opset: number;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: number;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly operands: readonly StoredTensor[];
  readonly results: readonly StoredTensor[];
}

const path = fileURLToPath(new URL('../../vectors/onnx-node-tests.jsonl', import.meta.url));
const vectors = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

function tensorOfStored({ datatype, dims, data }: StoredTensor): Tensor {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return tensorFromBytes(datatype, dims, canonicalBytes(tensorFromBytes(datatype, dims, bytes), 'A vector'));
}

/** The operator on the vector's operands as weights; the graph's input is not used. */
function answerOf({ opset, operator, inputs, outputs, attributes, operands }: Vector): Uint8Array {
  const names = inputs.filter((name) => name !== '');
  const results = Array.from({ length: outputs }, (_, at) => `result${at}`);
  const graph = compileModel(
    buildGraph({
      opset,
      inputs: [{ name: 'unused', datatype: 'UINT8', shape: [1] }],
      nodes: [{ operator, inputs, outputs: results, attributes }],
      initializers: Object.fromEntries(names.map((name, at) => [name, tensorOfStored(operands[at]!)])),
      outputs: results,
    }),
  );
  return outputOf(graph, execute(graph, Uint8Array.of(0)));
}

describe("the ONNX project's own operator tests", () => {
  const refused = new Map<string, string[]>();
  const passed: Vector[] = [];
  for (const vector of vectors) {
    it(vector.name, () => {
      const expected = Buffer.concat(
        vector.results.map((result) => canonicalBytes(tensorOfStored(result), 'A result')),
      );
      let answer: Uint8Array;
      try {
        answer = answerOf(vector);
      } catch (error) {
        if (!isDomainError(error)) throw error;
        refused.set(error.code, [...(refused.get(error.code) ?? []), vector.name]);
        return;
      }
      expect(Buffer.from(answer)).toEqual(expected);
      passed.push(vector);
    });
  }

  it('refuses only those that are outside of the profile', () => {
    expect(Object.fromEntries([...refused].sort())).toMatchInlineSnapshot(`
      {
        "AttributeNotAllowed": [
          "argmax_default_axis_example_select_last_index",
          "argmax_default_axis_random_select_last_index",
          "argmax_keepdims_example_select_last_index",
          "argmax_keepdims_random_select_last_index",
          "argmax_negative_axis_keepdims_example_select_last_index",
          "argmax_negative_axis_keepdims_random_select_last_index",
          "argmax_no_keepdims_example_select_last_index",
          "argmax_no_keepdims_random_select_last_index",
          "clip_min_greater_than_max",
          "convinteger_with_padding",
          "dequantizelinear_axis",
          "dequantizelinear_blocked",
          "edge_pad",
          "quantizelinear_axis",
          "quantizelinear_blocked_asymmetric",
          "reflect_pad",
          "wrap_pad",
        ],
        "DatatypeNotAllowed": [
          "add_int8",
          "add_uint8",
          "div_int8",
          "div_uint8",
          "max_int8",
          "max_uint8",
          "maxpool_1d_default",
          "maxpool_2d_ceil",
          "maxpool_2d_ceil_output_size_reduce_by_one",
          "maxpool_2d_dilations",
          "maxpool_2d_precomputed_pads",
          "maxpool_2d_precomputed_same_upper",
          "maxpool_2d_precomputed_strides",
          "maxpool_3d_dilations",
          "maxpool_3d_dilations_use_ref_impl",
          "maxpool_with_argmax_2d_precomputed_pads",
          "maxpool_with_argmax_2d_precomputed_strides",
          "min_int8",
          "min_uint8",
          "mul_int8",
          "mul_uint8",
          "reduce_max_bool_inputs",
          "reduce_sum_square_do_not_keepdims_example",
          "reduce_sum_square_do_not_keepdims_random",
          "reduce_sum_square_keepdims_example",
          "reduce_sum_square_keepdims_random",
          "reduce_sum_square_negative_axes_keepdims_example",
          "reduce_sum_square_negative_axes_keepdims_random",
          "sub_int8",
          "sub_uint8",
        ],
        "IndexOutOfRange": [
          "gather_elements_negative_indices",
          "gather_negative_indices",
        ],
        "SumNotExact": [
          "reduce_sum_do_not_keepdims_random",
          "reduce_sum_keepdims_random",
          "reduce_sum_negative_axes_keepdims_random",
        ],
        "WeightsOutOfRange": [
          "qlinearmatmul_2D_int8_float32",
          "qlinearmatmul_3D_int8_float32",
        ],
      }
    `);
  });

  it('passes some for every operator that ONNX has tests for', () => {
    const tested = new Set(passed.map(({ operator }) => operator));
    const untested = Object.keys(OPERATORS).filter((operator) => !tested.has(operator));

    expect(untested).toMatchInlineSnapshot(`
      [
        "com.microsoft.QGemm",
        "Cast",
        "ReduceSumSquare",
      ]
    `);
    expect(passed.length).toMatchInlineSnapshot(`141`);
  });
});
