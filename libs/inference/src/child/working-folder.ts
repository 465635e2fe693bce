import { rmdirSync } from 'node:fs';

/** Removes the child's own folder, which is empty, where the parent is not there any more to do it. */
export function removeWorkingFolder(): void {
  try {
    rmdirSync(process.cwd());
  } catch {
    // The parent was faster, or the system keeps folders that are in use.
  }
}
