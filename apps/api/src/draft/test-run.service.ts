import { Injectable } from '@nestjs/common';
import { type Address, isDomainError } from '@openimo/domain';
import { RunnerPool } from '@openimo/inference';
import { DraftRepository } from '@openimo/persistence';
import { draftHasNoFile, draftNotFound } from './draft.service.js';
import { type TensorInput, TestRun, TestRunFailed } from './draft.types.js';
import { toBytes, toTensors } from './tensors.js';

/** Lets publishers try what they uploaded, in the same child processes and limits that operators run models in. */
@Injectable()
export class TestRunService {
  constructor(
    private readonly drafts: DraftRepository,
    private readonly runner: RunnerPool,
  ) {}

  async run(account: Address, draftId: string, inputs: readonly TensorInput[]) {
    const draft = await this.drafts.find(account, draftId);
    if (draft === undefined) return draftNotFound();
    if (draft.fileHash === null) return draftHasNoFile();
    if (draft.checkStatus !== 'accepted')
      return new TestRunFailed('Check the file first (checkDraft); it must be accepted.');
    const startedAt = performance.now();
    try {
      const model = await this.runner.describe(draft.fileHash);
      const output = await this.runner.run(draft.fileHash, toBytes(inputs, model.inputs));
      const outputs = toTensors(output, model.outputs);
      return Object.assign(new TestRun(), { outputs, milliseconds: performance.now() - startedAt });
    } catch (error) {
      if (isDomainError(error)) return new TestRunFailed(error.message);
      throw error;
    }
  }
}
