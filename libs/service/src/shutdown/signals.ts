import type { Shutdown } from './shutdown.js';

/** How long cleanups may take before the process leaves without them; what they would have done is in rows. */
const PATIENCE_MS = 8_000;

/** Ends the process in order on SIGTERM, SIGINT, and when the parent that started it with an IPC channel is gone. */
export function shutDownOnSignals(shutdown: Shutdown): void {
  const end = (why: string) => {
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    void shutdown.run(new Error(why));
  };
  process.once('SIGTERM', () => end('SIGTERM'));
  process.once('SIGINT', () => end('SIGINT'));
  if (process.channel) {
    process.once('disconnect', () => end('the parent process is gone'));
    // The channel tells us about the parent; it is no reason to stay.
    process.channel.unref();
  }
}
