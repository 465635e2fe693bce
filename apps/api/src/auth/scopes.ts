/**
 * What a caller may do. A key has those it was made with; whoever signed in has all of them.
 *
 * - `read`: see what is the account's own: drafts, uploads, webhooks, usage
 * - `publish`: make drafts, upload, try models, prepare transactions
 * - `webhooks`: change webhooks
 * - `manage`: keys and sessions. No key has it: a leaked key must not be able to make more.
 */
export const SCOPES = ['read', 'publish', 'webhooks', 'manage'] as const;
export type Scope = (typeof SCOPES)[number];

export const KEY_SCOPES = ['read', 'publish', 'webhooks'] as const satisfies readonly Scope[];
export type KeyScope = (typeof KEY_SCOPES)[number];
