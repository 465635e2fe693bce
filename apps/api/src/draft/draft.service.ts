import { Inject, Injectable } from '@nestjs/common';
import { type Address, type DomainError, isDomainError } from '@openimo/domain';
import { checkModel, FolderModelStore, type ModelReport, tryProfile } from '@openimo/inference';
import { type Draft as DraftRow, type DraftCheck, type DraftRefusal, DraftRepository } from '@openimo/persistence';
import { randomId } from '../auth/keys.js';
import type { ApiConfig } from '../config/config.js';
import { CONFIG } from '../platform/tokens.js';
import { CheckQueue } from './check-queue.js';
import { contentOf, EMPTY_DRAFT } from './draft-content.js';
import { type CheckReport, toDraft } from './draft-view.js';
import { Draft, DraftHasNoFile, type DraftInput, DraftNotFound, TooManyDrafts } from './draft.types.js';

const MOST_DRAFTS = 100;
/** A check may take a core and a gigabyte for a minute. */
const CHECKS_AT_ONCE = 2;
const MOST_CHECKS_WAITING = 16;
/** For the roots of a model; ten million weights take half of it. */
const PROFILE_TIMEOUT_MS = 60_000;

@Injectable()
export class DraftService {
  readonly #checks = new CheckQueue(CHECKS_AT_ONCE, MOST_CHECKS_WAITING);

  constructor(
    private readonly drafts: DraftRepository,
    private readonly models: FolderModelStore,
    @Inject(CONFIG) private readonly config: ApiConfig,
  ) {}

  async list(account: Address): Promise<Draft[]> {
    return (await this.drafts.list(account)).map(toDraft);
  }

  async find(account: Address, draftId: string): Promise<Draft | null> {
    const row = await this.drafts.find(account, draftId);
    return row === undefined ? null : toDraft(row);
  }

  async create(account: Address, input: DraftInput) {
    const draftId = randomId();
    const content = { name: 'Untitled', ...EMPTY_DRAFT, ...contentOf(input) };
    if (!(await this.drafts.add(account, draftId, content, MOST_DRAFTS))) {
      return new TooManyDrafts(`An account has at most ${MOST_DRAFTS} drafts. Delete one first.`);
    }
    return this.#shown(account, draftId);
  }

  async update(account: Address, draftId: string, input: DraftInput) {
    const exists = await this.drafts.update(account, draftId, contentOf(input));
    return exists ? this.#shown(account, draftId) : draftNotFound();
  }

  remove(account: Address, draftId: string): Promise<boolean> {
    return this.drafts.remove(account, draftId);
  }

  /** Reads and tries the draft's file in the sandbox, and keeps what it finds. A refusal is an outcome, and kept too. */
  async check(account: Address, draftId: string) {
    const row = await this.drafts.find(account, draftId);
    if (row === undefined) return draftNotFound();
    if (row.fileHash === null) return draftHasNoFile();
    const path = await this.models.pathOf(row.fileHash);
    const check = await this.#checks.run(account, () => checkFile(path, this.config.limits.uploadBytes));
    await this.drafts.setCheck(account, draftId, row.fileHash, check);
    return this.#shown(account, draftId);
  }

  async #shown(account: Address, draftId: string) {
    const row: DraftRow | undefined = await this.drafts.find(account, draftId);
    return row === undefined ? draftNotFound() : toDraft(row);
  }
}

export const draftNotFound = () => new DraftNotFound('You have no draft of this id. List them with myDrafts.');
export const draftHasNoFile = () => new DraftHasNoFile('Upload the ONNX file of this draft first.');

async function checkFile(path: string, maxFileBytes: number): Promise<DraftCheck> {
  try {
    const report: ModelReport = await checkModel(path, { maxFileBytes });
    const profiled = await tryProfile(path, { timeoutMs: PROFILE_TIMEOUT_MS });
    const checkReport: CheckReport = {
      ...report,
      modelRoot: profiled.profile?.modelRoot ?? null,
      profileRefusal: profiled.profile === null ? refusalOf(profiled.refusal) : null,
    };
    return { checkStatus: 'accepted', checkReport: { ...checkReport }, checkRefusal: null };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { checkStatus: 'refused', checkReport: null, checkRefusal: refusalOf(error) };
  }
}

function refusalOf(error: DomainError): DraftRefusal {
  const { code, message, data } = error.toJSON();
  // The path is ours, not the publisher's.
  return { code, message, data: { ...(data as Record<string, unknown>), path: undefined } };
}
