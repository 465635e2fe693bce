import { basename } from 'node:path';
import {
  commitFile,
  importOnnx,
  lowerFloatModel,
  observableModel,
  observe,
  toHex,
  type InputEncoding,
  type Observation,
  type PlainGraph,
} from '@openimo/donnx';
import { DomainError } from '@openimo/domain';
import { readLocalFile, writeLocalFile } from '../input/local-file.js';
import type { Output } from '../ui/output.js';
import { compareModels, type ComparedValue } from './compare-models.js';
import { exampleBytes, openModel } from './local-model.js';

export interface LowerOptions {
  calibration: string;
  heldBack?: string;
  /** What the bytes of FP32 inputs stand for. */
  encode: Readonly<Record<string, InputEncoding>>;
  /** Values to compare beside the outputs. */
  compare: readonly string[];
  out?: string;
}

/** Without held-back examples of their own, every fifth of the calibration's stays out of it. */
const KEPT_BACK = 5;

/**
 * Lowers a float32 or QDQ model to the bit-exact profile and says how faithful it stayed. Refusals name the node and the
 * remedy; nothing is written then.
 */
export async function lower(output: Output, file: string, options: LowerOptions): Promise<void> {
  const { encode: encodings } = options;
  const bytes = await readLocalFile(file);
  const graph = importOnnx(bytes, { floatInputs: true });
  requireEncodings(graph, encodings);
  const { calibration, heldBack } = await readExamples(graph, options);

  const lowered = await output.step(`calibrate on ${calibration.length} examples and lower`, async () => {
    const observations = await calibrate(graph, calibration, encodings);
    return lowerFloatModel({ graph, observations, encodings });
  });
  const names = [...new Set([...graph.outputs, ...options.compare])];
  const compared = await output.step(`compare on ${heldBack.length} other examples`, () =>
    compareModels(graph, importOnnx(lowered), names, heldBack, encodings),
  );
  const { commitment, modelRoot } = commitFile(lowered);
  const out = options.out ?? `${file.replace(/(\.float)?\.onnx$/, '')}.donnx.onnx`;
  await writeLocalFile(out, lowered);

  const { inputBytes, outputBytes, nodeCount: steps } = commitment;
  const report = {
    out,
    sha256: toHex(commitment.fileHash),
    modelRoot: toHex(modelRoot),
    sizeBytes: lowered.length,
    originalBytes: bytes.length,
    steps,
    inputBytes,
    outputBytes,
    fidelity: { examples: heldBack.length, values: compared },
  };
  if (output.json) return output.result(report);
  output.fact('written', `${out}, ${report.sizeBytes} bytes (the original has ${report.originalBytes})`);
  output.fact('sha256', report.sha256);
  output.fact('model root', report.modelRoot);
  output.fact('steps', `${steps}, in range for every input`);
  output.fact('bytes', `${inputBytes} in, ${outputBytes} out`);
  output.heading(`Beside ${basename(file)}, on ${heldBack.length} examples that calibration did not see`);
  for (const value of compared) output.fact(value.name, describe(value));
}

function describe({ agreement, meanCosine, worstCosine, largestError, worstClass }: ComparedValue): string {
  const share = (part: number) => `${(100 * part).toFixed(2)} %`;
  if (meanCosine === undefined) return `${share(agreement)} equal`;
  return [
    `${share(agreement)} greatest at the same place`,
    ...(worstClass ? [`at worst ${share(worstClass.agreement)} (class ${worstClass.label})`] : []),
    `cosine ${meanCosine.toFixed(5)}, at worst ${worstCosine!.toFixed(5)}`,
    `largest error ${largestError!.toPrecision(3)}`,
  ].join('; ');
}

function requireEncodings({ inputs }: PlainGraph, encodings: LowerOptions['encode']): void {
  const missing = inputs.find(({ name, datatype }) => datatype === 'FP32' && !Object.hasOwn(encodings, name))?.name;
  if (missing === undefined) return;
  throw new DomainError(
    'EncodingMissing',
    `Input "${missing}" is FP32, and the profile takes bytes. Say what they stand for: --encode ${missing}=<scale>[,<zero point>].`,
    { data: { input: missing } },
  );
}

async function readExamples(graph: PlainGraph, { calibration, heldBack }: LowerOptions) {
  const examples = await readRecords(calibration, graph);
  if (heldBack !== undefined) return { calibration: examples, heldBack: await readRecords(heldBack, graph) };
  if (examples.length < KEPT_BACK) {
    throw new DomainError(
      'ExamplesTooFew',
      `${calibration} has ${examples.length} examples. ${KEPT_BACK} are the least.`,
    );
  }
  return {
    calibration: examples.filter((_, at) => at % KEPT_BACK !== 0),
    heldBack: examples.filter((_, at) => at % KEPT_BACK === 0),
  };
}

async function readRecords(path: string, { inputs }: PlainGraph): Promise<Uint8Array[]> {
  const bytes = await readLocalFile(path);
  const size = exampleBytes(inputs);
  if (bytes.length === 0 || bytes.length % size !== 0) {
    throw new DomainError(
      'ExamplesMalformed',
      `${path} has ${bytes.length} bytes. An example has ${size}: its inputs one after another, FP32 as one byte per number.`,
      { data: { path, size, actual: bytes.length } },
    );
  }
  return Array.from({ length: bytes.length / size }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

async function calibrate(
  graph: PlainGraph,
  examples: readonly Uint8Array[],
  encodings: LowerOptions['encode'],
): Promise<Map<string, Observation>> {
  const observations = new Map<string, Observation>();
  const run = await openModel(observableModel(graph).file, graph.inputs, encodings);
  for (const example of examples) {
    for (const [name, { datatype, dims, data }] of Object.entries(await run(example))) {
      if (datatype === 'FP32') observe(observations, name, dims, data as Float32Array);
    }
  }
  return observations;
}
