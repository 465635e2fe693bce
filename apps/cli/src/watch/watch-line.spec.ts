import { describeLine, isFailure, readLogLine } from './watch-line.js';

const time = Date.UTC(2026, 0, 2, 3, 4, 5);
const about = { time, requestId: '7', round: 1, operator: '0xab', versionId: '2' };
const read = (fields: Record<string, unknown>) => readLogLine(JSON.stringify(fields));
const say = (fields: Record<string, unknown>) => describeLine(read(fields)!);

describe('readLogLine', () => {
  it.each([
    ['no JSON', 'Debugger listening'],
    ['no log line', '7'],
    ['chatter', JSON.stringify({ level: 30, msg: 'sent' })],
    ['details of a verdict', JSON.stringify({ level: 20, msg: 'x', verdict: 'right' })],
  ])('leaves out %s', (_, text) => expect(readLogLine(text)).toBeUndefined());

  it('takes verdicts, disputes, and what goes wrong', () => {
    expect(read({ level: 30, msg: 'an answer is right', verdict: 'right' })).toBeDefined();
    expect(read({ level: 30, msg: 'challenged', dispute: '0x1' })).toBeDefined();
    expect(read({ level: 40, msg: 'cannot follow the chain' })).toBeDefined();
  });
});

describe('describeLine', () => {
  it('says which answer is right', () => {
    expect(say({ ...about, level: 30, msg: 'an answer is right', verdict: 'right', claims: 3, ms: 12 })).toBe(
      '03:04:05  right    request 7, answer 1 of version 2 by 0xab: 3 run again in 12 ms',
    );
  });

  it('says where an answer is wrong, and whether it can be disputed', () => {
    const wrong = { ...about, level: 50, msg: 'an answer is wrong', verdict: 'wrong', item: 4 };
    expect(say({ ...wrong, asserted: '0x00', expected: '0x68', disputable: true })).toContain(
      'at 4, 0x00 asserted, the model gives 0x68; to be disputed',
    );
    expect(say({ ...wrong, asserted: '0x00', expected: '0x68', disputable: false })).toContain('nobody can dispute it');
  });

  it('says why something went wrong', () => {
    const err = { message: 'No model 0x12 is stored here.' };
    expect(say({ ...about, level: 40, msg: 'cannot judge an answer yet', err })).toContain(
      'cannot judge an answer yet (No model 0x12 is stored here.)',
    );
  });

  it('says it once where the line has its reason', () => {
    const problem = '0xab has 0 ETH';
    expect(say({ time, level: 40, msg: `balance: ${problem}`, problem })).toBe(`03:04:05  !       balance: ${problem}`);
  });

  it('obeys no control character', () => {
    expect(say({ time, level: 40, msg: '\u001b[2Jgone\nline' })).not.toMatch(/\p{Cc}/u);
  });
});

describe('isFailure', () => {
  it.each([
    ['a warning', { level: 40, msg: 'waiting for the database' }, false],
    ['a wrong answer', { level: 50, msg: 'an answer is wrong', verdict: 'wrong' }, false],
    ['the end of the node', { level: 60, msg: 'the node cannot go on' }, true],
  ])('tells whether %s is one', (_, fields, is) => expect(isFailure(read(fields)!)).toBe(is));
});
