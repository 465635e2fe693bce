const PATIENCE_MS = 2_000;

/** What a service on this machine says of itself at its `/status`, in a few words. */
export async function healthOf(httpPort: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${httpPort}/status`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { ready, problems } = (await response.json()) as { ready: boolean; problems: readonly string[] };
    return ready ? 'ready' : `not ready (${problems.join('; ')})`;
  } catch {
    return 'does not answer';
  }
}
