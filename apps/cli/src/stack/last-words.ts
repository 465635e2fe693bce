const WARN = 40;
const MOST_CHARACTERS = 500;
/** Of Node's report about an error that nobody caught. */
const NOISE = /^\s+at |^Node\.js v|^\s*[\^~]+\s*$|^\s*[{}]?\s*$/;

/** What a child process said of its trouble, so that whoever started it can say why it ended. */
export class LastWords {
  #logged: string | undefined;
  #printed: string | undefined;

  /** A line of its log, JSON as pino writes it. */
  readLog(line: string): void {
    try {
      const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
      if (level !== undefined && level >= WARN) this.#logged = err?.message ?? msg;
    } catch {
      // Something that is no log.
    }
  }

  /** A line of its stderr: what goes wrong before there is a log. */
  readError(line: string): void {
    if (!NOISE.test(line)) this.#printed = line.trim();
  }

  /** In one line; nothing where it went in silence. */
  toString(): string {
    return (this.#logged ?? this.#printed ?? '').slice(0, MOST_CHARACTERS);
  }
}
