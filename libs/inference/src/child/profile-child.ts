import { readFile } from 'node:fs/promises';
import { commitFile, toHex } from '@openimo/donnx';
import { goldenHash } from '@openimo/donnx/conformance';
import type { ModelProfile } from '../profile/profile-model.js';
import { toErrorMessage, type ErrorMessage } from '../process/error-message.js';
import { reply, startChild } from './start-child.js';

export interface ProfileRequest {
  readonly path: string;
}

export type ProfileReply =
  | { readonly type: 'profile'; readonly profile: ModelProfile }
  | { readonly type: 'refused'; readonly error: ErrorMessage };

startChild<ProfileRequest>(async ({ path }) => {
  let answer: ProfileReply;
  try {
    const model = commitFile(await readFile(path));
    const sha256 = toHex(model.commitment.fileHash);
    const profile = { sha256, modelRoot: toHex(model.modelRoot), goldenHash: goldenHash(model, sha256) };
    answer = { type: 'profile', profile };
  } catch (error) {
    answer = { type: 'refused', error: toErrorMessage(error, 'ProfileCrashed', 'ProfileOutOfMemory') };
  }
  reply(answer);
});
