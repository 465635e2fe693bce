import { AbstractLogger } from 'typeorm';

/** Apps have a logger of their own; libraries do not write to the console. */
export class SilentLogger extends AbstractLogger {
  protected override writeLog(): void {}
}
