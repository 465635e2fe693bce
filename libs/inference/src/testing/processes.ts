import { execFileSync } from 'node:child_process';

/** The process id of a child of `parent` that runs `program`, if there is one. */
export async function childOf(parent: number, program: string): Promise<number | undefined> {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(parent)], { encoding: 'utf8' });
  const line = list.split('\n').find((text) => text.includes(program) && !text.includes('/bin/sh'));
  return line === undefined ? undefined : Number(line.trim().split(' ')[0]);
}

/** Asks until the answer is there (and equals `wanted` if given), for thirty seconds at most. */
export async function eventually<T>(ask: () => Promise<T | undefined>, wanted?: T): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && (wanted === undefined || answer === wanted)) return answer;
    if (performance.now() > deadline) throw new Error(`still ${String(answer)} after thirty seconds`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a process runs; one that has ended but was not fetched by its parent yet (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    const state = execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return state !== '' && !state.startsWith('Z');
  } catch {
    return false;
  }
}
