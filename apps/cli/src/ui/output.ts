import pc from 'picocolors';

/** What commands print with. People read stderr's progress and stdout's results; programs read stdout's JSON alone. */
export interface Output {
  readonly json: boolean;
  heading(text: string): void;
  line(text?: string): void;
  /** A fact with its value, aligned. */
  fact(name: string, value: string): void;
  /** A step that takes time: `work` may replace the text shown while it runs; what it returns is shown when it is done. */
  step<T>(
    text: string,
    work: (progress: (text: string) => void) => Promise<T>,
    done?: (result: T) => string,
  ): Promise<T>;
  /** The one object of a `--json` run, last on stdout. */
  result(value: unknown): void;
}

const FACT_WIDTH = 22;

export function createOutput(json: boolean): Output {
  const stream = json ? process.stderr : process.stdout;
  const live = Boolean(stream.isTTY);
  const write = (text: string) => stream.write(text);

  return {
    json,
    heading: (text) => write(`\n${pc.bold(text)}\n`),
    line: (text = '') => write(`  ${text}\n`),
    fact: (name, value) => write(`  ${pc.dim(name.padEnd(FACT_WIDTH))} ${value}\n`),
    async step(text, work, done) {
      const startedAt = Date.now();
      let current = text;
      const paint = () => write(`\r\x1b[2K  ${pc.yellow('…')} ${current}`);
      const timer = live ? setInterval(paint, 500) : undefined;
      if (live) paint();
      const finish = (mark: string, shown: string) => {
        clearInterval(timer);
        const seconds = (Date.now() - startedAt) / 1000;
        const took = seconds >= 1 ? pc.dim(` ${seconds.toFixed(1)} s`) : '';
        write(`${live ? '\r\x1b[2K' : ''}  ${mark} ${shown}${took}\n`);
      };
      try {
        const result = await work((progress) => {
          current = progress;
          if (live) paint();
        });
        finish(pc.green('✓'), done ? done(result) : text);
        return result;
      } catch (error) {
        finish(pc.red('✗'), current);
        throw error;
      }
    },
    result(value) {
      process.stdout.write(
        `${JSON.stringify(value, (_, entry) => (typeof entry === 'bigint' ? entry.toString() : entry))}\n`,
      );
    },
  };
}
