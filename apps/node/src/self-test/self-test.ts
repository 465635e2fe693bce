import type { RuntimeFault } from '@openimo/inference';
import { type Logger, pause, type Vitals } from '@openimo/service';

/** Whether this machine's onnxruntime may answer at all. */
export type RuntimeVerdict =
  | { readonly sound: true }
  /** `final`: tested, and found to differ. Otherwise the test itself did not come to an end. */
  | { readonly sound: false; readonly reason: string; readonly final: boolean };

const NAMED = 5;
const AGAIN_MS = 10_000;

/**
 * The first thing a node does: small graphs of every operator of the profile, whose answers the specification knows. Where the
 * runtime of this machine answers otherwise, everything it says could be proven wrong, so the node enrols for nothing and answers
 * nothing; what it has answered before it still settles and defends, and others it judges by the specification.
 */
export class SelfTest {
  #verdict: Promise<RuntimeVerdict> | undefined;
  /** The last verdict; undefined before the first. */
  latest: RuntimeVerdict | undefined;

  constructor(
    private readonly test: () => Promise<readonly RuntimeFault[]>,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /** Tests once; a test that did not come to an end is made again when asked again. */
  async verdict(): Promise<RuntimeVerdict> {
    const verdict = await (this.#verdict ??= this.#run());
    if (!verdict.sound && !verdict.final) this.#verdict = undefined;
    return verdict;
  }

  /** Tests until there is a verdict, whether anybody waits for it or not. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const verdict = await this.verdict();
      if (verdict.sound || verdict.final || signal.aborted) return;
      await pause(AGAIN_MS, signal);
    }
  }

  async #run(): Promise<RuntimeVerdict> {
    const verdict = await this.#judge();
    this.latest = verdict;
    this.vitals.set('runtime', verdict.sound, verdict.sound ? undefined : verdict.reason);
    return verdict;
  }

  async #judge(): Promise<RuntimeVerdict> {
    let faults: readonly RuntimeFault[];
    try {
      faults = await this.test();
    } catch (error) {
      this.log.error({ err: error }, 'the runtime could not be tested');
      return { sound: false, final: false, reason: `the runtime could not be tested: ${(error as Error).message}` };
    }
    if (faults.length === 0) return { sound: true };
    for (const fault of faults) this.log.error(fault, 'onnxruntime does not compute what the specification says');
    const operators = [...new Set(faults.map(({ operator }) => operator))];
    const more = operators.length > NAMED ? ` and ${operators.length - NAMED} more operators` : '';
    return {
      sound: false,
      final: true,
      reason:
        `RuntimeDisagrees: onnxruntime on this machine computes ${operators.slice(0, NAMED).join(', ')}${more} otherwise than the ` +
        'specification, so its answers could be proven wrong. Run the node on another machine or with another build of onnxruntime. ' +
        'Until then it answers nothing, and judges others by the specification alone: slowly, and only where a version has a model root.',
    };
  }
}
