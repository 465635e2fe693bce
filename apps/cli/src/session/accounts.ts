import { type HDAccount, mnemonicToAccount } from 'viem/accounts';

/** The mnemonic every development chain uses. Its keys are public: they are worth nothing outside a local chain. */
const MNEMONIC = 'test test test test test test test test test test test junk';

/** Who plays whom on the local chain, by derivation index. */
const ROLES = [
  'deployer',
  'publisher',
  'operator-1',
  'operator-2',
  'operator-3',
  'contributor',
  'team',
  'alice',
  'bob',
  'carol',
  'dave',
  'developer',
  'treasury',
  'watcher',
  'mallory',
] as const;

export type LocalRole = (typeof ROLES)[number];

export const localRoles: readonly LocalRole[] = ROLES;

export function isLocalRole(name: string): name is LocalRole {
  return (ROLES as readonly string[]).includes(name);
}

export function localAccount(role: LocalRole): HDAccount {
  return mnemonicToAccount(MNEMONIC, { addressIndex: ROLES.indexOf(role) });
}
