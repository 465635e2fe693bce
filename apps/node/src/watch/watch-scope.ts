import type { NodeConfig } from '../config/config.js';

/** Which versions' answers the node watches. */
export function isWatched({ watch, versions }: Pick<NodeConfig, 'watch' | 'versions'>, versionId: bigint): boolean {
  const chosen = watch === 'served' ? versions : watch;
  if (chosen === 'none') return false;
  return chosen === 'all' || chosen.includes(versionId);
}
