import { type AssertedAnswer, judgeAnswer, type Judgement, type TraceService } from '@openimo/disputes';
import { DomainError, type ModelRunner, type ModelStore } from '@openimo/domain';
import type { AttestationErrorCode, RootAttester } from '../self-test/root-attester.js';
import type { SelfTest } from '../self-test/self-test.js';

export type JudgeTroubleCode =
  /** Whether this machine's onnxruntime may judge is not known yet; retryable. */
  'RuntimeNotTested';

export interface JudgeOptions {
  readonly signal: AbortSignal;
  /** End of the answer's window, in seconds: what is due first is run first. */
  readonly finalAt: number;
}

type Asserted = Pick<AssertedAnswer, 'answer' | 'version'>;

/**
 * Runs answers again: with onnxruntime, which takes milliseconds, where this machine's was found to compute what the specification
 * says; otherwise by the specification itself, which takes seconds, and only where the version has a model root.
 */
export class Judge {
  constructor(
    private readonly runner: Pick<ModelRunner, 'run' | 'generate'>,
    private readonly selfTest: Pick<SelfTest, 'verdict'>,
    private readonly attester: Pick<RootAttester, 'disagreesOn'>,
    private readonly tracer: Pick<TraceService, 'run'>,
    private readonly store: Pick<ModelStore, 'pathOf'>,
  ) {}

  /** @throws DomainError of who ran the model, `RuntimeNotTested`, `RuntimeDisagrees`: then nothing is known about the answer */
  async judge(asserted: Asserted, options: JudgeOptions): Promise<Judgement> {
    const { answer, version } = asserted;
    const { signal } = options;
    const runtime = await this.selfTest.verdict();
    if (!runtime.sound && !runtime.final) {
      throw new DomainError<JudgeTroubleCode>('RuntimeNotTested', runtime.reason, { retryable: true });
    }
    if (runtime.sound && !this.attester.disagreesOn(version.fileHash)) {
      return judgeAnswer(this.runner, version.fileHash, answer, { signal });
    }
    return this.#bySpecification(asserted, options);
  }

  async #bySpecification(
    { answer, version }: Asserted,
    { signal, finalAt: urgency }: JudgeOptions,
  ): Promise<Judgement> {
    const { fileHash, modelRoot, versionId } = version;
    if (modelRoot === undefined) {
      throw new DomainError<AttestationErrorCode>(
        'RuntimeDisagrees',
        `onnxruntime on this machine does not compute what the specification says, and of version ${versionId}, which has no model root, nothing else does.`,
        { data: { versionId: versionId.toString() } },
      );
    }
    const file = { modelPath: await this.store.pathOf(fileHash), modelRoot };
    const run = (_: unknown, input: Uint8Array) => this.tracer.run({ ...file, input }, { signal, urgency });
    return judgeAnswer({ run }, fileHash, answer, { signal });
  }
}
