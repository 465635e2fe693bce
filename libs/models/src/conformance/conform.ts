import { conformanceCases, type CaseOptions } from './cases.js';
import { loadRuntime, openIn, type Configuration } from './runtime.js';

export interface ConformanceRow extends Configuration {
  readonly version: string;
  /** Answers compared. */
  readonly cases: number;
  readonly agree: number;
  /** What came out otherwise, or why nothing did. */
  readonly disagree: readonly string[];
}

/** Runs every case at every level, in one build of onnxruntime with one number of threads. */
export async function* conform(
  { runtime, threads }: Pick<Configuration, 'runtime' | 'threads'>,
  levels: readonly Configuration['level'][],
  options: CaseOptions = {},
): AsyncGenerator<ConformanceRow> {
  const loaded = await loadRuntime({ runtime, threads });
  const cases = conformanceCases(options);
  for (const level of levels) {
    const configuration = { runtime, threads, level };
    const open = openIn(loaded, configuration);
    let compared = 0;
    const disagree: string[] = [];
    let agree = 0;
    for (const { name, count, disagreements } of cases) {
      compared += count;
      try {
        const wrong = await disagreements(open);
        agree += count - wrong.length;
        disagree.push(...wrong);
      } catch (error) {
        disagree.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    yield { ...configuration, version: loaded.version, cases: compared, agree, disagree };
  }
}
