import { goldenInput, hashOfOutput } from '@openimo/donnx/conformance';
import { DomainError, totalTensorBytes, type Hex, type ModelRunner, type Sha256 } from '@openimo/domain';
import type { ModelProfile } from '@openimo/inference';
import type { ModelProfileRepository, StoredProfile } from '@openimo/persistence';
import type { Logger, Vitals } from '@openimo/service';

export type AttestationErrorCode =
  /** onnxruntime does not answer the model's golden input as the specification does. */
  | 'RuntimeDisagrees'
  /** The file changed while its root was computed. */
  | 'ModelCorrupt';

export interface ProfileLimits {
  readonly timeoutMs?: number;
}

/**
 * What an operator attests of a file: its model root, recomputed from the bytes, and that onnxruntime runs it here as the
 * specification says. Remembers; what takes seconds to compute is kept in the database, by the file's hash.
 */
export class RootAttester {
  readonly #roots = new Map<Sha256, Promise<Hex>>();
  /** Files that onnxruntime runs otherwise here, and what to say of them. */
  readonly #disagreements = new Map<Sha256, string>();

  constructor(
    private readonly profiles: Pick<ModelProfileRepository, 'find' | 'keep'>,
    private readonly profile: (path: string, limits: ProfileLimits) => Promise<ModelProfile>,
    private readonly runner: Pick<ModelRunner, 'describe' | 'run'>,
    private readonly vitals: Vitals,
    private readonly log: Logger,
  ) {}

  /**
   * @param limits of the process that computes the root, where that was not done before
   * @returns the root of the stored file
   * @throws DomainError with an AttestationErrorCode, a refusal of the profile, or what a runner says
   */
  async attest(fileHash: Sha256, path: string, limits: ProfileLimits = {}): Promise<Hex> {
    const known = this.#roots.get(fileHash) ?? this.#attest(fileHash, path, limits);
    this.#roots.set(fileHash, known);
    try {
      return await known;
    } catch (error) {
      this.#roots.delete(fileHash);
      throw error;
    }
  }

  /** Whether onnxruntime was seen to run this file otherwise here. */
  disagreesOn(fileHash: Sha256): boolean {
    return this.#disagreements.has(fileHash);
  }

  async #attest(fileHash: Sha256, path: string, limits: ProfileLimits): Promise<Hex> {
    const { modelRoot, goldenHash } = await this.#profileOf(fileHash, path, limits);
    const { inputs } = await this.runner.describe(fileHash);
    const output = await this.runner.run(fileHash, goldenInput(fileHash, totalTensorBytes(inputs)));
    const answered = hashOfOutput(output);
    if (answered === goldenHash) return modelRoot;
    const error = new DomainError<AttestationErrorCode>(
      'RuntimeDisagrees',
      `onnxruntime on this machine runs model ${fileHash} otherwise than the specification, so its answers could be proven wrong. ` +
        'Run the node on another machine or with another build of onnxruntime.',
      { data: { fileHash, expected: goldenHash, answered } },
    );
    this.#disagreements.set(fileHash, `${error.code}: ${error.message}`);
    // Anybody may publish a graph that a runtime gets wrong: no reason to serve the others less.
    this.vitals.warn('golden answers', [...this.#disagreements.values()]);
    this.log.error({ err: error }, 'a model is not served: the runtime disagrees with the specification');
    throw error;
  }

  async #profileOf(fileHash: Sha256, path: string, limits: ProfileLimits): Promise<StoredProfile> {
    const stored = await this.profiles.find(fileHash);
    if (stored !== undefined) return stored;
    const startedAt = performance.now();
    const profile = await this.profile(path, limits);
    if (profile.sha256 !== fileHash) {
      throw new DomainError<AttestationErrorCode>('ModelCorrupt', 'The stored file has another hash.', {
        data: { fileHash, actual: profile.sha256 },
        retryable: true,
      });
    }
    await this.profiles.keep(fileHash, profile);
    const ms = Math.round(performance.now() - startedAt);
    this.log.info({ fileHash, modelRoot: profile.modelRoot, ms }, 'model root computed');
    return profile;
  }
}
