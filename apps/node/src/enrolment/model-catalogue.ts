import {
  DomainError,
  isDomainError,
  textContextOf,
  type Hex,
  type ModelStore,
  type ModelStoreErrorCode,
} from '@openimo/domain';
import type { ModelRefusalCode, ModelReport, ProfileRefusalCode } from '@openimo/inference';
import type { VersionFacts } from '../protocol/protocol.js';
import type { RootAttester } from '../self-test/root-attester.js';
import type { SelfTest } from '../self-test/self-test.js';
import { LookLanes } from './look-lanes.js';

export type EnrolmentErrorCode =
  /** The model's inputs and outputs are not as long as the registry says. */
  | 'WrongIOLength'
  /** The registry says that the version writes text, and the file is no text model of that context. */
  | 'WrongContext'
  /** The registry names another model root than the file has: its answers could not be disputed as what they are. */
  | 'ModelRootWrong';

export type Verdict =
  /** `modelRoot`: recomputed from the file; undefined where the registry names none. */
  | { readonly fit: true; readonly modelRoot?: Hex }
  /** `final`: the file never becomes another, so there is no point in looking again. */
  | { readonly fit: false; readonly reason: string; readonly final: boolean };

/** What may be otherwise next time: the file is copied here later, or the machine has more room. */
const PASSING = [
  ...(['ModelNotFound', 'ModelCorrupt', 'ModelTimedOut', 'ModelOutOfMemory'] as const),
  ...(['ProfileTimedOut', 'ProfileOutOfMemory', 'ProfileCrashed'] as const),
] satisfies readonly (ModelStoreErrorCode | ModelRefusalCode | ProfileRefusalCode)[];

/** What a verdict rests on. The limits are of one process each, of which a look takes two. */
export interface Examiners {
  readonly store: Pick<ModelStore, 'pathOf'>;
  check(path: string, limits: { readonly timeoutMs: number }): Promise<ModelReport>;
  readonly selfTest: Pick<SelfTest, 'verdict'>;
  readonly attester: Pick<RootAttester, 'attest'>;
}

export interface LookLimits {
  /** Of a first look, in milliseconds. A file of a million weights takes two seconds. */
  readonly firstMs: number;
  /** Of any look; each has four times as long as the one before it. */
  readonly mostMs: number;
}

const LIMITS: LookLimits = { firstMs: 15_000, mostMs: 300_000 };
/** A look that ended sooner without a verdict costs nobody anything, and is made again when somebody asks. */
const SHORT_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** A file at which looks came to no end. */
interface Slow {
  readonly attempts: number;
  /** ms since 1970. */
  readonly lookAt: number;
  readonly verdict: Verdict;
}

/**
 * Whether the file of a version may be served: it is what the registry says, and it passes our checks. Remembers. Anybody may
 * publish a file that takes minutes or hangs; it is looked at for longer each time, and ever more seldom.
 */
export class ModelCatalogue {
  readonly #reports = new Map<Hex, ModelReport>();
  readonly #verdicts = new Map<bigint, Promise<Verdict>>();
  readonly #slow = new Map<Hex, Slow>();
  readonly #inHand = new Map<Hex, Promise<unknown>>();
  readonly #lanes = new LookLanes();

  constructor(
    private readonly by: Examiners,
    private readonly limits: LookLimits = LIMITS,
  ) {}

  /** @param urgent requests may be waiting for it */
  async verdict(version: VersionFacts, { urgent = false } = {}): Promise<Verdict> {
    const known = this.#verdicts.get(version.versionId) ?? this.#judge(version, urgent);
    this.#verdicts.set(version.versionId, known);
    const verdict = await known;
    if (!verdict.fit && !verdict.final) this.#verdicts.delete(version.versionId);
    return verdict;
  }

  async #judge(version: VersionFacts, urgent: boolean): Promise<Verdict> {
    const { fileHash, familyId } = version;
    const runtime = await this.by.selfTest.verdict();
    if (!runtime.sound) return { fit: false, reason: runtime.reason, final: runtime.final };
    // Of two versions of one file the second learns from the first.
    for (let other; (other = this.#inHand.get(fileHash)) !== undefined;) await other;
    const slow = this.#slow.get(fileHash);
    if (slow !== undefined && slow.lookAt > Date.now()) return slow.verdict;
    const attempts = slow?.attempts ?? 0;
    const look = this.#lanes.run({ attempts, urgent, familyId }, () => this.#look(version, attempts));
    this.#inHand.set(fileHash, look);
    try {
      return await look;
    } finally {
      this.#inHand.delete(fileHash);
    }
  }

  async #look(version: VersionFacts, attempts: number): Promise<Verdict> {
    const { fileHash } = version;
    const startedAt = performance.now();
    const { firstMs, mostMs } = this.limits;
    const verdict = await this.#examine(version, { timeoutMs: Math.min(mostMs, firstMs * 4 ** attempts) });
    const tookMs = performance.now() - startedAt;
    if (verdict.fit || verdict.final || tookMs < Math.min(SHORT_MS, firstMs)) {
      this.#slow.delete(fileHash);
      return verdict;
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, tookMs * 2 ** (attempts + 1));
    this.#slow.set(fileHash, { attempts: attempts + 1, lookAt: Date.now() + pauseMs, verdict });
    return verdict;
  }

  async #examine(version: VersionFacts, limits: { readonly timeoutMs: number }): Promise<Verdict> {
    const { fileHash } = version;
    try {
      const path = await this.by.store.pathOf(fileHash);
      const report = this.#reports.get(fileHash) ?? (await this.by.check(path, limits));
      if (report.sha256 !== fileHash) return { fit: false, final: false, reason: 'the stored file has another hash' };
      this.#reports.set(fileHash, report);
      checkLengths(version, report);
      if (version.modelRoot === undefined) return { fit: true };
      const modelRoot = await this.by.attester.attest(fileHash, path, limits);
      checkRoot(version, modelRoot);
      return { fit: true, modelRoot };
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

function checkRoot({ versionId, fileHash, modelRoot: registered }: VersionFacts, modelRoot: Hex): void {
  if (modelRoot === registered) return;
  throw new DomainError<EnrolmentErrorCode>(
    'ModelRootWrong',
    `The registry names the model root ${registered}; the file's is ${modelRoot}. Publish a version with the right root, or without one.`,
    { data: { versionId, fileHash, registered, modelRoot } },
  );
}
