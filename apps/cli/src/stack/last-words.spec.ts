import { LastWords } from './last-words.js';

const log = (fields: object) => JSON.stringify(fields);

describe('LastWords', () => {
  it('are the last trouble in the log, by its cause', () => {
    const words = new LastWords();
    words.readLog(log({ level: 40, msg: 'waiting for the database', err: { message: 'connection refused' } }));
    words.readLog(log({ level: 60, msg: 'the node cannot go on', err: { message: 'The keystore cannot be read.' } }));
    words.readLog(log({ level: 30, msg: 'ended' }));
    words.readLog('Debugger listening');

    expect(String(words)).toBe('The keystore cannot be read.');
  });

  it('are what was printed where there is no log', () => {
    const words = new LastWords();
    for (const line of [
      'file:///main.js:3',
      '  throw new Error("x");',
      '  ^',
      '',
      'DomainError: Port 80 is taken.',
      '    at main.js:3',
      '}',
      'Node.js v24.0.0',
    ]) {
      words.readError(line);
    }
    expect(String(words)).toBe('DomainError: Port 80 is taken.');
  });

  it('are none of a silent end', () => expect(String(new LastWords())).toBe(''));
});
