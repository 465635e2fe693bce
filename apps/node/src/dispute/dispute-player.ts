import type { Chain } from '@openimo/chain';
import type { Deployment } from '@openimo/contracts';
import {
  type Answer,
  claimOf,
  type DisputeRecord,
  type EncodedMove,
  type ModelFile,
  readAnswer,
  type Subject,
  type TraceOptions,
  type TraceService,
} from '@openimo/disputes';
import { DomainError, type Hex, type ModelStore } from '@openimo/domain';
import type { GrievanceRow } from '@openimo/persistence';
import type { Protocol } from '../protocol/protocol.js';
import { fromStoredAnswer } from './stored-answer.js';

export type DisputePlayerErrorCode =
  /** The version has no model root: nothing says what a right answer is. */
  'NotDisputable';

/** What a dispute is about. */
interface Matter {
  readonly answer: Answer;
  readonly model: ModelFile;
}

/** Answers read from the chain that are kept. */
const KEPT = 64;

/** Finds what a dispute is about, the bytes and the model, and asks the tracing process for our moves. */
export class DisputePlayer {
  #read = new Map<string, Matter>();

  constructor(
    private readonly tracer: TraceService,
    private readonly chain: Pick<Chain, 'client'>,
    private readonly deployment: Deployment,
    private readonly protocol: Protocol,
    private readonly store: ModelStore,
  ) {}

  /** Whether an item of an answer is what the profile says after all. */
  async isRight(grievance: GrievanceRow, options: TraceOptions): Promise<boolean> {
    const { answer, model } = await this.#filed(grievance);
    const { input, output } = claimOf(answer, grievance.item);
    const traced = await this.tracer.trace({ ...model, input }, options);
    return Buffer.compare(traced.output, output) === 0;
  }

  /** Our next move; undefined where the other side is right. */
  async nextMove(
    record: DisputeRecord,
    side: 'operator' | 'challenger',
    grievance: GrievanceRow | undefined,
    options: TraceOptions,
  ): Promise<EncodedMove | undefined> {
    const { answer, model } = await this.#matter(record.subject, grievance);
    return this.tracer.nextMove({ ...model, answer, record, side }, options);
  }

  /** The end of a dispute by the clock. */
  async timeout(
    record: DisputeRecord,
    grievance: GrievanceRow | undefined,
    options: TraceOptions,
  ): Promise<EncodedMove> {
    const { model } = await this.#matter(record.subject, grievance);
    return this.tracer.timeout({ ...model, record }, options);
  }

  /** The chain moved back: another answer may stand now. */
  forget(): void {
    // Another one, for what is being read now.
    this.#read = new Map();
  }

  #matter(subject: Subject, grievance: GrievanceRow | undefined): Promise<Matter> {
    return grievance === undefined ? this.#onChain(subject) : this.#filed(grievance);
  }

  async #filed({ versionId, answer }: GrievanceRow): Promise<Matter> {
    return {
      answer: fromStoredAnswer(answer),
      model: await this.#model(versionId, await this.protocol.version(versionId)),
    };
  }

  async #onChain({ requestId, round }: Subject): Promise<Matter> {
    const key = `${requestId}/${round}`;
    const read = this.#read;
    const known = read.get(key);
    if (known !== undefined) return known;
    // The oracle counts answers from 1.
    const { answer, version } = await readAnswer(this.chain.client, this.deployment, { requestId, round: round + 1 });
    const matter = { answer, model: await this.#model(version.versionId, version) };
    if (read.size >= KEPT) read.clear();
    read.set(key, matter);
    return matter;
  }

  async #model(
    versionId: bigint,
    { fileHash, modelRoot }: { readonly fileHash: Hex; readonly modelRoot?: Hex | undefined },
  ): Promise<ModelFile> {
    if (modelRoot === undefined) {
      throw new DomainError<DisputePlayerErrorCode>(
        'NotDisputable',
        `Version ${versionId} was not lowered to the bit-exact profile: nothing says what a right answer is.`,
        { data: { versionId: versionId.toString() } },
      );
    }
    return { modelPath: await this.store.pathOf(fileHash), modelRoot };
  }
}
