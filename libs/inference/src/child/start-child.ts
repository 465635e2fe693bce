import { Worker } from 'node:worker_threads';
import type { WatchdogData } from './watchdog.js';
import { removeWorkingFolder } from './working-folder.js';

/** Arms the watchdog and hands every message of the parent to `handle`. The child ends when the parent hangs up. */
export function startChild<Message>(handle: (message: Message) => Promise<void>): void {
  const [memoryLimitBytes, parentPid] = process.argv.slice(2).map(Number);
  const workerData = { memoryLimitBytes, parentPid } as WatchdogData;
  new Worker(new URL('./watchdog.js', import.meta.url), { workerData }).unref();
  process.on('disconnect', () => {
    removeWorkingFolder();
    process.exit(0);
  });
  process.on('message', (message) => void handle(message as Message));
}

export function reply(message: object): void {
  process.send?.(message);
}
