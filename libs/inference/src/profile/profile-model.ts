import { resolve } from 'node:path';
import type { DonnxErrorCode } from '@openimo/donnx';
import { DomainError, isDomainError, type Hex, type Sha256 } from '@openimo/domain';
import type { ProfileReply, ProfileRequest } from '../child/profile-child.js';
import { askChild, type AskLimits } from '../process/ask-child.js';
import { toDomainError } from '../process/error-message.js';
import { DEFAULT_MEMORY_LIMIT_BYTES, type ChildDeath } from '../process/limited-child.js';

/** What a file is in the bit-exact profile, recomputed from its bytes alone. */
export interface ModelProfile {
  /** Of the very bytes that were read. */
  readonly sha256: Sha256;
  /** What operators attest. */
  readonly modelRoot: Hex;
  /** sha256 of what the specification answers to `goldenInput(sha256)`. */
  readonly goldenHash: Hex;
}

/** Why a file has no roots: it is outside of the profile (the message names the node), or there was no room to tell. */
export type ProfileRefusalCode = DonnxErrorCode | 'ProfileTimedOut' | 'ProfileOutOfMemory' | 'ProfileCrashed';

// A model of a million weights takes two seconds.
const DEFAULT_LIMITS: AskLimits = { memoryLimitBytes: DEFAULT_MEMORY_LIMIT_BYTES, timeoutMs: 300_000 };

// The folder above is src under test and dist when built; children only exist built.
const PROFILE_CHILD = new URL('../../dist/child/profile-child.js', import.meta.url);

/**
 * Proves a model's ranges, commits its graph and its weights and runs the specification on it, in a process that may not hurt
 * us and that nobody waits behind.
 *
 * @throws DomainError with a ProfileRefusalCode, and only that, whatever the file holds
 * @example
 * const { modelRoot } = await profileModel('/models/gpt.onnx');
 */
export async function profileModel(path: string, limits: Partial<AskLimits> = {}): Promise<ModelProfile> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const request: ProfileRequest = { path: resolve(path) };
  const answer = await askChild<ProfileReply>(PROFILE_CHILD, request, all);
  if (!('type' in answer)) throw refusalOfDeath(answer, all);
  if (answer.type === 'refused') throw toDomainError<ProfileRefusalCode>(answer.error);
  return answer.profile;
}

/** As `profileModel`, for files that need not be in the profile: what they are in it, or why they are not. */
export async function tryProfile(
  path: string,
  limits: Partial<AskLimits> = {},
): Promise<{ readonly profile: ModelProfile } | { readonly profile: null; readonly refusal: DomainError }> {
  try {
    return { profile: await profileModel(path, limits) };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { profile: null, refusal: error };
  }
}

function refusalOfDeath(death: ChildDeath, limits: AskLimits): DomainError<ProfileRefusalCode> {
  const { memoryLimitBytes, timeoutMs } = limits;
  const retryable = true;
  switch (death.reason) {
    case 'killed':
      return new DomainError('ProfileTimedOut', `Computing the model's roots took more than ${timeoutMs} ms.`, {
        data: { timeoutMs },
        retryable,
      });
    case 'memory':
      return new DomainError(
        'ProfileOutOfMemory',
        `Computing the model's roots took more than ${memoryLimitBytes} bytes of memory.`,
        { data: { memoryLimitBytes }, retryable },
      );
    case 'ended':
      return new DomainError('ProfileCrashed', "The process that computed the model's roots died.", {
        data: { exitCode: death.exitCode, signal: death.signal, stderr: death.stderr },
        retryable,
      });
  }
}
