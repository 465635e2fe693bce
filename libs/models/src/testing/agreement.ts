import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { canonicalBytes, encodeOnnx, importOnnx, type Tensor } from '@openimo/donnx';
import type { TensorDatatype } from '@openimo/domain';

export const LEVELS = ['disabled', 'basic', 'extended', 'layout', 'all'] as const;

const DATATYPES: Readonly<Record<string, TensorDatatype>> = {
  ...{ bool: 'BOOL', uint8: 'UINT8', int8: 'INT8', int32: 'INT32', int64: 'INT64', float32: 'FP32' },
};

/** A run of a model that reads one UINT8 tensor: canonical bytes of every output, by name. */
export type Run = (input: Uint8Array) => Promise<ReadonlyMap<string, Uint8Array>>;

/** @param values outputs other than the file's own; a runtime may keep more of its graph for them */
export async function openRun(
  path: string,
  { values, ...options }: InferenceSession.SessionOptions & { values?: readonly string[] } = {},
): Promise<Run> {
  const file = readFileSync(path);
  const graph = importOnnx(file);
  const [input] = graph.inputs;
  const opened = values ? encodeOnnx(graph, { outputs: values.map((name) => ({ name })) }) : file;
  const session = await InferenceSession.create(opened, { intraOpNumThreads: 1, logSeverityLevel: 4, ...options });
  return async (bytes) => {
    const answers = await session.run({ [input!.name]: new OrtTensor('uint8', bytes, input!.shape) });
    return new Map(
      Object.entries(answers).map(([name, { type, data }]) => {
        const tensor = { datatype: DATATYPES[type]!, data: data as Tensor['data'] };
        return [name, canonicalBytes(tensor, name)];
      }),
    );
  };
}

/** Every value that a node of the model makes. */
export function valuesOf(path: string): string[] {
  return importOnnx(readFileSync(path)).nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''));
}

// Children only exist built. The executor's loops are many times slower among Jest's globals.
const CHECK = fileURLToPath(new URL('../../dist/testing/check-agreement.js', import.meta.url));

/** Names of the values in which executor and runtime differ, of all that the model has, over all inputs. */
export async function differingValues(path: string, inputs: readonly Uint8Array[]): Promise<string[]> {
  const hex = inputs.map((input) => Buffer.from(input).toString('hex'));
  const { stdout } = await promisify(execFile)(process.execPath, [CHECK, path, ...hex]);
  return JSON.parse(stdout) as string[];
}
