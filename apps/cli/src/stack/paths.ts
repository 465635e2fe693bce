import { join, resolve } from 'node:path';

/** Where a stack keeps everything it has; deleting the folder forgets it all. */
export interface StackPaths {
  readonly folder: string;
  readonly lock: string;
  /** Held while `db rebuild` writes the read model in the indexer's place. */
  readonly indexLock: string;
  readonly record: string;
  readonly chainState: string;
  readonly database: string;
  readonly models: string;
  /** What the API signs with, so that who is signed in stays so over restarts. */
  readonly authSecret: string;
  readonly logs: string;
}

export function stackPaths(folder: string): StackPaths {
  const root = resolve(folder);
  return {
    folder: root,
    lock: join(root, 'stack.lock'),
    indexLock: join(root, 'index.lock'),
    record: join(root, 'stack.json'),
    chainState: join(root, 'chain', 'state.json'),
    database: join(root, 'database'),
    models: join(root, 'models'),
    authSecret: join(root, 'auth-secret'),
    logs: join(root, 'logs'),
  };
}
