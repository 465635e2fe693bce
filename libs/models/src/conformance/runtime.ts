import type { TensorDatatype } from '@openimo/domain';
import { canonicalBytes, tensorFromBytes, type Tensor } from '@openimo/donnx';
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node';

export const RUNTIMES = ['onnxruntime-node', 'onnxruntime-web'] as const;
export const THREADS = [1, 2] as const;
export const LEVELS = ['disabled', 'basic', 'extended', 'layout', 'all'] as const;

/** One way to run a model: a build of onnxruntime, its threads, and how far it rewrites the graph first. */
export interface Configuration {
  readonly runtime: (typeof RUNTIMES)[number];
  readonly threads: (typeof THREADS)[number];
  readonly level: (typeof LEVELS)[number];
}

export interface Feed {
  readonly datatype: TensorDatatype;
  readonly shape: readonly number[];
  /** Canonical. */
  readonly bytes: Uint8Array;
}

/** Canonical bytes of every output, by name. */
export type Run = (feeds: ReadonlyMap<string, Feed>) => Promise<ReadonlyMap<string, Uint8Array>>;
/** Opens an ONNX file; the same array is opened once. */
export type Open = (file: Uint8Array) => Promise<Run>;

interface Runtime {
  readonly InferenceSession: {
    create(file: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
  readonly version: string;
}

const ORT_TYPES = {
  ...{ BOOL: 'bool', UINT8: 'uint8', INT8: 'int8', INT32: 'int32', INT64: 'int64', FP32: 'float32' },
} satisfies Record<TensorDatatype, OrtTensor.Type>;

/** @param threads of the WebAssembly build: for all sessions of a process, so it takes one process per number */
export async function loadRuntime({ runtime, threads }: Pick<Configuration, 'runtime' | 'threads'>): Promise<Runtime> {
  // Both packages have one interface, that of onnxruntime-common.
  const { InferenceSession, Tensor, env } = (await import(runtime)) as typeof import('onnxruntime-node');
  if (runtime === 'onnxruntime-web') env.wasm.numThreads = threads;
  const version = runtime === 'onnxruntime-web' ? env.versions.web : env.versions.node;
  return { InferenceSession, Tensor, version: String(version) };
}

export function openIn({ InferenceSession, Tensor }: Runtime, { runtime, threads, level }: Configuration): Open {
  const opened = new Map<Uint8Array, Promise<Run>>();
  const open = async (file: Uint8Array): Promise<Run> => {
    const session = await InferenceSession.create(file, {
      executionProviders: [runtime === 'onnxruntime-web' ? 'wasm' : 'cpu'],
      graphOptimizationLevel: level,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return async (feeds) => {
      const given = [...feeds].map(([name, { datatype, shape, bytes }]) => {
        const { data } = tensorFromBytes(datatype, shape, bytes);
        return [name, new Tensor(ORT_TYPES[datatype] as 'uint8', data as Uint8Array, shape)] as const;
      });
      const answers = await session.run(Object.fromEntries(given));
      return new Map(Object.entries(answers).map(([name, answer]) => [name, bytesOf(name, answer)]));
    };
  };
  return (file) => {
    const run = opened.get(file) ?? open(file);
    opened.set(file, run);
    return run;
  };
}

function bytesOf(name: string, { type, data }: OrtTensor): Uint8Array {
  const datatype = (Object.keys(ORT_TYPES) as TensorDatatype[]).find((key) => ORT_TYPES[key] === type);
  if (datatype === undefined) throw new Error(`Output "${name}" is of type ${type}, which the profile has not.`);
  return canonicalBytes({ datatype, data: data as Tensor['data'] }, name);
}
