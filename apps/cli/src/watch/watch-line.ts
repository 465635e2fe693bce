import { printable } from '../ui/format.js';

/** A line of the node's log: fields as it wrote them, numbers of the chain as decimal strings. */
export interface LogLine {
  readonly level: number;
  readonly time?: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const INFO = 30;
const WARN = 40;
const ERROR = 50;

/** Of a node's log what concerns whoever watches; undefined: nothing. */
export function readLogLine(text: string): LogLine | undefined {
  let line: LogLine;
  try {
    line = JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
  if (typeof line !== 'object' || line === null || typeof line.msg !== 'string') return undefined;
  const isNews = line.level >= WARN || (line.level >= INFO && (line['verdict'] ?? line['dispute']) !== undefined);
  return isNews ? line : undefined;
}

/** Whether it is about an end: during a start whoever waits hears of that anyway. */
export function isFailure({ level, verdict }: LogLine): boolean {
  return level >= ERROR && verdict === undefined;
}

/** For people: what was thought of an answer, or what went wrong. */
export function describeLine(line: LogLine): string {
  const at = new Date(line.time ?? 0).toISOString().slice(11, 19);
  return printable(`${at}  ${describe(line)}`).replaceAll('\n', ' ');
}

function describe(line: LogLine): string {
  const { verdict, requestId, round, operator, versionId } = line;
  const answer = `request ${String(requestId)}, answer ${String(round)} of version ${String(versionId)} by ${String(operator)}`;
  switch (verdict) {
    case undefined:
      return `${line.level >= WARN ? '!      ' : '       '} ${line.msg}${reasonOf(line)}`;
    case 'right':
      return `right    ${answer}: ${String(line['claims'])} run again in ${String(line['ms'])} ms`;
    case 'wrong': {
      const next =
        line['disputable'] === true ? 'to be disputed' : 'its version has no model root, so nobody can dispute it';
      const bytes = `${shortened(line['asserted'])} asserted, the model gives ${shortened(line['expected'])}`;
      return `WRONG    ${answer}: at ${String(line['item'])}, ${bytes}; ${next}`;
    }
    default:
      return `${String(verdict)}  ${answer}: ${line.msg}${reasonOf(line)}`;
  }
}

function reasonOf({ msg, err, trouble, problem, reason }: LogLine): string {
  const { message } = (err ?? trouble ?? {}) as { message?: unknown };
  const why = message ?? problem ?? reason;
  return why === undefined || msg.includes(String(why)) ? '' : ` (${String(why)})`;
}

function shortened(hex: unknown): string {
  const text = String(hex);
  return text.length <= 34 ? text : `${text.slice(0, 32)}…`;
}
