import {
  DomainError,
  isDomainError,
  textContextOf,
  type Hex,
  type ModelStore,
  type ModelStoreErrorCode,
} from '@openimo/domain';
import type { ModelRefusalCode, ModelReport } from '@openimo/inference';
import type { VersionFacts } from '../protocol/protocol.js';

export type EnrolmentErrorCode =
  /** The model's inputs and outputs are not as long as the registry says. */
  | 'WrongIOLength'
  /** The registry says that the version writes text, and the file is no text model of that context. */
  | 'WrongContext'
  /** The registry names a root of the bit-exact profile, which this node cannot recompute. */
  | 'ModelRootUnsupported';

export type Verdict =
  | { readonly fit: true }
  /** `final`: the file never becomes another, so there is no point in looking again. */
  | { readonly fit: false; readonly reason: string; readonly final: boolean };

/** What may be otherwise next time: the file is copied here later, or the machine has more room. */
const PASSING = ['ModelNotFound', 'ModelCorrupt', 'ModelTimedOut', 'ModelOutOfMemory'] as const satisfies readonly (
  ModelStoreErrorCode | ModelRefusalCode
)[];

type CheckModel = (path: string) => Promise<ModelReport>;

/** Whether the file of a version may be served: it is what the registry says, and it passes our checks. Remembers. */
export class ModelCatalogue {
  readonly #reports = new Map<Hex, ModelReport>();
  readonly #verdicts = new Map<bigint, Promise<Verdict>>();

  constructor(
    private readonly store: ModelStore,
    private readonly check: CheckModel,
  ) {}

  async verdict(version: VersionFacts): Promise<Verdict> {
    const known = this.#verdicts.get(version.versionId) ?? this.#judge(version);
    this.#verdicts.set(version.versionId, known);
    const verdict = await known;
    if (!verdict.fit && !verdict.final) this.#verdicts.delete(version.versionId);
    return verdict;
  }

  async #judge(version: VersionFacts): Promise<Verdict> {
    try {
      if (version.modelRoot !== undefined) refuseRoot(version);
      const report =
        this.#reports.get(version.fileHash) ?? (await this.check(await this.store.pathOf(version.fileHash)));
      if (report.sha256 !== version.fileHash)
        return { fit: false, final: false, reason: 'the stored file has another hash' };
      this.#reports.set(version.fileHash, report);
      checkLengths(version, report);
      return { fit: true };
    } catch (error) {
      if (!isDomainError(error)) return { fit: false, final: false, reason: (error as Error).message };
      const final = !error.retryable && !isDomainError(error, ...PASSING);
      return { fit: false, final, reason: `${error.code}: ${error.message}` };
    }
  }
}

function checkLengths({ io }: VersionFacts, report: ModelReport): void {
  if (io.context !== 0) return checkContext(io, report);
  const { inputBytes, outputBytes } = report;
  const fits =
    io.minInput === inputBytes &&
    io.maxInput === inputBytes &&
    io.minOutput <= outputBytes &&
    outputBytes <= io.maxOutput;
  if (fits) return;
  throw new DomainError<EnrolmentErrorCode>(
    'WrongIOLength',
    `The file takes ${inputBytes} bytes and answers ${outputBytes}; the registry says otherwise. Publish a version with the right bounds.`,
    { data: { inputBytes, outputBytes, ...io } },
  );
}

function checkContext({ context }: VersionFacts['io'], report: ModelReport): void {
  if (textContextOf(report) === context) return;
  throw new DomainError<EnrolmentErrorCode>(
    'WrongContext',
    `The registry says that the version writes text from UINT8 [${context}], one byte of UINT8 [1] at a time; the file has another signature. ` +
      'Publish a version with the right context, or without one.',
    { data: { context, inputs: report.inputs, outputs: report.outputs } },
  );
}

function refuseRoot({ versionId, modelRoot }: VersionFacts): never {
  throw new DomainError<EnrolmentErrorCode>(
    'ModelRootUnsupported',
    'The registry names a model root, which an operator attests by recomputing it. This node cannot do that yet.',
    { data: { versionId, modelRoot } },
  );
}
