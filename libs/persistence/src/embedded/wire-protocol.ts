/**
 * The little of the PostgreSQL wire protocol (version 3) a server must understand to share one session.
 * Source: PostgreSQL documentation, chapter "Frontend/Backend Protocol", section "Message Formats".
 */

export type Unit =
  | { readonly kind: 'startup' }
  | { readonly kind: 'refuse-encryption' }
  | { readonly kind: 'run'; readonly messages: Uint8Array }
  | { readonly kind: 'leave' }
  | { readonly kind: 'malformed' };

const PROTOCOL_MAJOR = 3;
const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const MAX_STARTUP_BYTES = 10_000;
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/** Bind, Close, Describe, Execute, Flush, Parse, Query, Sync, Terminate. COPY and function calls are not served. */
const KNOWN = new Set([...'BCDEHPQSX'].map((type) => type.charCodeAt(0)));
/** After these the client waits for an answer. */
const ENDS_UNIT = new Set([...'HQS'].map((type) => type.charCodeAt(0)));
const TERMINATE = 'X'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);

/** Splits what a client sent into units the session can run at once; `rest` waits for more bytes. */
export function readUnits(bytes: Uint8Array, started: boolean): { units: Unit[]; rest: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: Unit[] = [];
  let unitStart = 0;
  let at = 0;

  while (!started && bytes.length - at >= 8) {
    const length = view.getInt32(at);
    const code = view.getInt32(at + 4);
    if (length < 8 || length > MAX_STARTUP_BYTES) return malformed(units);
    if (bytes.length - at < length) break;
    if (code === SSL_REQUEST || code === GSS_REQUEST) units.push({ kind: 'refuse-encryption' });
    // There is no process to signal: the statement runs to its end, as it may on any server.
    else if (code === CANCEL_REQUEST) units.push({ kind: 'leave' });
    else if (code >>> 16 === PROTOCOL_MAJOR) units.push({ kind: 'startup' });
    else return malformed(units);
    started = code >>> 16 === PROTOCOL_MAJOR;
    at += length;
    unitStart = at;
  }

  while (started && bytes.length - at >= 5) {
    const type = bytes[at]!;
    const length = view.getInt32(at + 1);
    if (!KNOWN.has(type) || length < 4 || length > MAX_MESSAGE_BYTES) return malformed(units);
    if (bytes.length - at < 1 + length) break;
    at += 1 + length;
    if (type === TERMINATE) return { units: [...units, { kind: 'leave' }], rest: new Uint8Array() };
    if (!ENDS_UNIT.has(type)) continue;
    units.push({ kind: 'run', messages: bytes.slice(unitStart, at) });
    unitStart = at;
  }
  return { units, rest: bytes.subarray(unitStart) };
}

function malformed(units: Unit[]): { units: Unit[]; rest: Uint8Array } {
  return { units: [...units, { kind: 'malformed' }], rest: new Uint8Array() };
}

/** What the ReadyForQuery at the end of an answer says. `open`: in a transaction, a failed one, or not ready at all. */
export function transactionStatus(answer: Uint8Array): 'idle' | 'open' {
  const at = answer.length - 6;
  const ready = at >= 0 && answer[at] === READY_FOR_QUERY && answer[at + 4] === 5;
  return ready && answer[at + 5] === 'I'.charCodeAt(0) ? 'idle' : 'open';
}

export const SYNC = message('S');

export function query(sql: string): Uint8Array {
  return message('Q', text(sql));
}

/** The answer to a startup message: everybody on the loopback interface is welcome. */
export function authenticated(serverVersion: string): Uint8Array {
  const parameters = {
    server_version: serverVersion,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  };
  return Buffer.concat([
    message('R', int32(0)),
    ...Object.entries(parameters).map(([name, value]) => message('S', text(name), text(value))),
    message('K', int32(process.pid), int32(0)),
    message('Z', Buffer.from('I')),
  ]);
}

export function fatal(sqlState: string, explanation: string): Uint8Array {
  const fields = { S: 'FATAL', V: 'FATAL', C: sqlState, M: explanation };
  return message('E', ...Object.entries(fields).map(([name, value]) => text(name + value)), Buffer.from([0]));
}

function message(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = 4 + parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from(type), int32(length), ...parts]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}
