import { writeSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { removeWorkingFolder } from './working-folder.js';
import { OUT_OF_MEMORY_MARK } from '../process/watchdog-mark.js';

export interface WatchdogData {
  readonly memoryLimitBytes: number;
  readonly parentPid: number;
}

const CHECK_EVERY_MS = 50;

// A thread of its own: onnxruntime keeps the main thread for as long as a run takes, and a parent that was killed
// cannot kill its children.
if (!isMainThread && parentPort !== null) {
  const { memoryLimitBytes, parentPid } = workerData as WatchdogData;
  setInterval(() => {
    if (process.ppid !== parentPid) {
      removeWorkingFolder();
      process.kill(process.pid, 'SIGKILL');
    }
    if (process.memoryUsage.rss() <= memoryLimitBytes) return;
    writeSync(2, `${OUT_OF_MEMORY_MARK}\n`);
    process.kill(process.pid, 'SIGKILL');
  }, CHECK_EVERY_MS);
}
