import { Alarm } from './alarm.js';

describe('Alarm', () => {
  const { signal } = new AbortController();

  it('ends a wait when it rings', async () => {
    const alarm = new Alarm();
    const waiting = alarm.wait(60_000, signal);

    alarm.ring();

    await expect(waiting).resolves.toBeUndefined();
  });

  it('remembers a ring nobody waited for, once', async () => {
    const alarm = new Alarm();
    alarm.ring();
    alarm.ring();

    await alarm.wait(60_000, signal);
    let early = false;
    const second = alarm.wait(60_000, signal).then(() => (early = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(early).toBe(false);

    alarm.ring();
    await second;
  });

  it('ends a wait when the signal aborts', async () => {
    const controller = new AbortController();
    const waiting = new Alarm().wait(60_000, controller.signal);

    controller.abort();

    await expect(waiting).resolves.toBeUndefined();
  });
});
