import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
} from 'viem';
import { ABIS } from './contracts.js';
import { EventDecoder } from './decode-event.js';

/** A value of a type, different for every seed. */
function sample(parameter: AbiParameter, seed: number): unknown {
  const { type } = parameter;
  if (type.endsWith('[]')) return [1, 2, 3].map((n) => sample({ ...parameter, type: type.slice(0, -2) }, seed + n));
  const array = /^(.+)\[(\d+)\]$/.exec(type);
  if (array) {
    return Array.from({ length: Number(array[2]) }, (_, n) => sample({ ...parameter, type: array[1]! }, seed + n));
  }
  if (type === 'tuple') {
    const { components } = parameter as { components: readonly AbiParameter[] };
    return Object.fromEntries(components.map((component, i) => [component.name!, sample(component, seed + i)]));
  }
  if (type === 'address') return `0x${seed.toString(16).padStart(40, 'a')}`;
  if (type === 'bool') return seed % 2 === 1;
  if (type === 'string') return `a ü text of ${'some '.repeat(seed % 20)}length ${seed}`;
  if (type === 'bytes') return `0x${'ab'.repeat(seed % 70)}`;
  const fixed = /^bytes(\d+)$/.exec(type);
  if (fixed) return `0x${seed.toString(16).padStart(Number(fixed[1]) * 2, '0')}`;
  const bits = Number(/\d+/.exec(type)![0]);
  return bits <= 48 ? (seed * 31) % 200 : (1n << BigInt(bits - 1)) + BigInt(seed);
}

function encode(event: AbiEvent, seed: number): { topics: [Hex, ...Hex[]]; data: Hex } {
  const args = Object.fromEntries(event.inputs.map((input, i) => [input.name!, sample(input, seed + i)]));
  const plain = event.inputs.filter((input) => !input.indexed);
  return {
    topics: encodeEventTopics({ abi: [event], args } as never) as [Hex, ...Hex[]],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => args[name!]),
    ),
  };
}

/** viem writes addresses with upper case. */
function lowered(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v)).toLowerCase());
}

const events = Object.entries(ABIS).flatMap(([kind, abi]) =>
  (abi as Abi).filter((item) => item.type === 'event').map((event) => ({ kind, event })),
);

describe('EventDecoder', () => {
  it.each(events.map(({ kind, event }) => [`${kind}.${event.name}`, event] as const))(
    'decodes %s as viem does',
    (_, event) => {
      const decoder = new EventDecoder([event]);
      for (let seed = 1; seed < 60; seed += 7) {
        const log = encode(event, seed);
        const expected = decodeEventLog({ abi: [event], ...log });
        const actual = decoder.decode(log)!;
        expect(actual.name).toBe(expected.eventName);
        expect(lowered(actual.args)).toEqual(lowered(expected.args ?? {}));
      }
    },
  );

  it('knows nothing of other events', () => {
    const log = encode(events[0]!.event, 1);
    expect(new EventDecoder([events[1]!.event]).decode(log)).toBeUndefined();
    expect(new EventDecoder([]).decode({ topics: [], data: '0x' })).toBeUndefined();
  });

  it('refuses data that is shorter than it should be', () => {
    const { event } = events.find((found) => found.event.name === 'VersionPublished')!;
    const { topics, data } = encode(event, 5);
    expect(() => new EventDecoder([event]).decode({ topics, data: data.slice(0, -64) as Hex })).toThrow(RangeError);
  });
});
