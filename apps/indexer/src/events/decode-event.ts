import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  type ContractEventName,
  type Hex,
  type Log,
  toEventSelector,
} from 'viem';
import { safeText } from './values.js';

/** Decoded arguments by name, as viem types them; addresses in lower case, text without zero characters. */
export type EventArgs<abi extends Abi, name extends ContractEventName<abi>> = Log<
  bigint,
  number,
  false,
  undefined,
  true,
  abi,
  name
>['args'];

export interface DecodedEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

interface LogData {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

type Decode = (log: LogData) => DecodedEvent;
type Read = (data: string, headAt: number, base: number) => unknown;

const WORD = 64;

/**
 * Decodes the events of one contract. Reads words straight out of the hexadecimal text: a transfer takes about a microsecond,
 * a twentieth of what viem's general decoder takes, and decoding is what an indexer does most.
 */
export class EventDecoder {
  readonly #byTopic = new Map<Hex, Decode>();

  constructor(abi: Abi) {
    for (const item of abi) {
      if (item.type === 'event' && !item.anonymous) this.#byTopic.set(toEventSelector(item), decoderOf(item));
    }
  }

  get topics(): readonly Hex[] {
    return [...this.#byTopic.keys()];
  }

  /** Undefined for an event that the ABI does not have. */
  decode(log: LogData): DecodedEvent | undefined {
    const topic = log.topics[0];
    return topic === undefined ? undefined : this.#byTopic.get(topic)?.(log);
  }
}

function decoderOf({ name, inputs }: AbiEvent): Decode {
  const indexed = inputs.filter((input) => input.indexed).map((input) => ({ key: input.name!, read: readerOf(input) }));
  const plain = inputs.filter((input) => !input.indexed);
  const readers: { key: string; read: Read; at: number }[] = [];
  let at = 0;
  for (const input of plain) {
    readers.push({ key: input.name!, read: readerOf(input), at });
    at += headWords(input) * WORD;
  }
  return ({ topics, data }) => {
    const args: Record<string, unknown> = {};
    for (let i = 0; i < indexed.length; i++) args[indexed[i]!.key] = indexed[i]!.read(topics[i + 1]!, 2, 2);
    for (const { key, read, at: headAt } of readers) args[key] = read(data, 2 + headAt, 2);
    return { name, args };
  };
}

function isDynamic({ type, ...rest }: AbiParameter): boolean {
  if (type === 'string' || type === 'bytes' || type.endsWith('[]')) return true;
  return type === 'tuple' && components(rest).some(isDynamic);
}

/** Words a value takes where its tuple, or the event, begins. */
function headWords(parameter: AbiParameter): number {
  if (isDynamic(parameter)) return 1;
  const array = fixedArray(parameter);
  if (array) return array.length * headWords(array.element);
  if (parameter.type !== 'tuple') return 1;
  return components(parameter).reduce((words, component) => words + headWords(component), 0);
}

function components(parameter: object): readonly AbiParameter[] {
  return (parameter as { components?: readonly AbiParameter[] }).components ?? [];
}

function readerOf(parameter: AbiParameter): Read {
  const { type } = parameter;
  if (type === 'address') return (data, at) => `0x${word(data, at).slice(24).toLowerCase()}`;
  if (type === 'bool') return (data, at) => word(data, at).endsWith('1');
  if (type === 'string') return dynamic((data, at, bytes) => safeText(utf8(data, at, bytes)));
  if (type === 'bytes') return dynamic((data, at, bytes) => `0x${slice(data, at, bytes * 2)}`);
  if (type === 'bytes[]') return dynamic(readBytesArray);
  if (type === 'bytes32[]') return dynamic(readWords);
  if (type === 'tuple') return tupleReader(components(parameter));
  const array = fixedArray(parameter);
  if (array) return fixedArrayReader(array);
  const fixedBytes = /^bytes(\d+)$/.exec(type);
  if (fixedBytes) return (data, at) => `0x${word(data, at).slice(0, Number(fixedBytes[1]) * 2)}`;
  const uint = /^uint(\d+)$/.exec(type);
  // As viem has it: a number where it fits one.
  if (uint && Number(uint[1]) <= 48) return (data, at) => Number.parseInt(word(data, at), 16);
  if (uint) return (data, at) => BigInt(`0x${word(data, at)}`);
  throw new TypeError(`An event parameter of type ${type} cannot be decoded.`);
}

function tupleReader(parts: readonly AbiParameter[]): Read {
  if (parts.some(isDynamic)) throw new TypeError('A dynamic tuple in an event cannot be decoded.');
  let offset = 0;
  const readers = parts.map((part) => {
    const at = offset;
    offset += headWords(part) * WORD;
    return { key: part.name!, read: readerOf(part), at };
  });
  return (data, headAt, base) =>
    Object.fromEntries(readers.map(({ key, read, at }) => [key, read(data, headAt + at, base)]));
}

interface FixedArray {
  readonly element: AbiParameter;
  readonly length: number;
}

/** Such as `address[2]`, of elements that are not dynamic. */
function fixedArray(parameter: AbiParameter): FixedArray | undefined {
  const parts = /^(.+)\[(\d+)\]$/.exec(parameter.type);
  return parts ? { element: { ...parameter, type: parts[1]! }, length: Number(parts[2]) } : undefined;
}

function fixedArrayReader({ element, length }: FixedArray): Read {
  if (isDynamic(element)) throw new TypeError('A fixed array of dynamic elements in an event cannot be decoded.');
  const [read, words] = [readerOf(element), headWords(element)];
  return (data, headAt, base) => Array.from({ length }, (_, i) => read(data, headAt + i * words * WORD, base));
}

/** Follows the offset in the head to a length and what has it. */
function dynamic(read: (data: string, at: number, length: number) => unknown): Read {
  return (data, headAt, base) => {
    const at = base + count(data, headAt) * 2;
    return read(data, at + WORD, count(data, at));
  };
}

function readBytesArray(data: string, at: number, length: number): Hex[] {
  return Array.from({ length }, (_, i) => {
    const start = at + count(data, at + i * WORD) * 2;
    return `0x${slice(data, start + WORD, count(data, start) * 2)}` as Hex;
  });
}

function readWords(data: string, at: number, length: number): Hex[] {
  return Array.from({ length }, (_, i) => `0x${word(data, at + i * WORD)}` as Hex);
}

function word(data: string, at: number): string {
  return slice(data, at, WORD);
}

function count(data: string, at: number): number {
  return Number.parseInt(word(data, at), 16);
}

function slice(data: string, at: number, digits: number): string {
  if (at + digits > data.length) throw new RangeError('The data of an event is shorter than its ABI says.');
  return data.slice(at, at + digits);
}

function utf8(data: string, at: number, bytes: number): string {
  return Buffer.from(slice(data, at, bytes * 2), 'hex').toString('utf8');
}
