import { LimitedChild, type ChildDeath, type ChildLimits } from './limited-child.js';

export interface AskLimits extends ChildLimits {
  readonly timeoutMs: number;
}

/** Starts a child, sends it one message and ends it with its first answer: that answer, or how it died. */
export async function askChild<Reply extends object>(
  entry: URL,
  request: object,
  limits: AskLimits,
): Promise<Reply | ChildDeath> {
  const child = await LimitedChild.start(entry, limits);
  const timer = setTimeout(() => child.kill(), limits.timeoutMs);
  try {
    const answer = new Promise<Reply>((settle) => child.onMessage((message) => settle(message as Reply)));
    child.send(request);
    return await Promise.race([answer, child.died]);
  } finally {
    clearTimeout(timer);
    child.kill();
    await child.died;
  }
}
