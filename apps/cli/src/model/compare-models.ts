import { compareOutputs, encodeOnnx, type FidelityReport, type InputEncoding, type PlainGraph } from '@openimo/donnx';
import { DomainError } from '@openimo/domain';
import { openModel, type Answers } from './local-model.js';

/** How near a value of the lowered model is to the original's. Of integers, which are labels, only the agreement. */
export interface ComparedValue extends Partial<Omit<FidelityReport, 'examples' | 'top1Agreement'>> {
  readonly name: string;
  /** Share of rows with the greatest score at the same place, or of equal integers. */
  readonly agreement: number;
}

/**
 * Runs original and lowered model side by side.
 *
 * @param names outputs, or values within that exist in FP32 in both
 * @param examples as `exampleBytes` counts them
 */
export async function compareModels(
  original: PlainGraph,
  lowered: PlainGraph,
  names: readonly string[],
  examples: readonly Uint8Array[],
  encodings: Readonly<Record<string, InputEncoding>>,
): Promise<ComparedValue[]> {
  for (const graph of [original, lowered]) requireValues(graph, names);
  const outputs = names.map((name) => ({ name }));
  const runOriginal = await openModel(encodeOnnx(original, { outputs }), original.inputs, encodings);
  const runLowered = await openModel(encodeOnnx(lowered, { outputs }), lowered.inputs);
  const answers: [Answers, Answers][] = [];
  for (const example of examples) answers.push([await runOriginal(example), await runLowered(example)]);
  return names.map((name) => {
    const originals = answers.map(([{ [name]: answer }]) => numbersOf(answer!));
    const ours = answers.map(([, { [name]: answer }]) => numbersOf(answer!));
    const { datatype, dims } = answers[0]![0][name]!;
    if (datatype !== 'FP32') return { name, agreement: shareOfEqual(originals.flat(), ours.flat()) };
    const report = compareOutputs(originals, ours, dims.at(-1) ?? 1);
    const { top1Agreement: agreement, meanCosine, worstCosine, largestError, worstClass } = report;
    return { name, agreement, meanCosine, worstCosine, largestError, worstClass };
  });
}

function requireValues({ nodes }: PlainGraph, names: readonly string[]): void {
  const missing = names.find((name) => !nodes.some(({ outputs }) => outputs.includes(name)));
  if (missing === undefined) return;
  throw new DomainError(
    'ValueNotFound',
    `"${missing}" is not a value of both models. Name an output of a node that stays FP32.`,
    { data: { name: missing } },
  );
}

function numbersOf({ data }: Answers[string]): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

function shareOfEqual(a: readonly number[], b: readonly number[]): number {
  return a.filter((value, at) => value === b[at]).length / a.length;
}
