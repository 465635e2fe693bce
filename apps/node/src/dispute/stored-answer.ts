import type { Answer, TensorsAnswer, TextAnswer } from '@openimo/disputes';
import { bytesToHex, type Hex, hexToBytes } from 'viem';

type Stored = Readonly<Record<string, unknown>>;

/** An answer as JSON, bytes in hexadecimal. */
export function toStoredAnswer(answer: Answer): Stored {
  if (answer.kind === 'text') {
    return { ...answer, prompt: bytesToHex(answer.prompt), output: bytesToHex(answer.output) };
  }
  return {
    ...answer,
    inputs: answer.inputs.map((bytes) => bytesToHex(bytes)),
    outputs: answer.outputs.map((bytes) => bytesToHex(bytes)),
  };
}

export function fromStoredAnswer(stored: Stored): Answer {
  const answer = stored as unknown as InHex<TensorsAnswer> | InHex<TextAnswer>;
  if (answer.kind === 'text') {
    return { ...answer, prompt: hexToBytes(answer.prompt), output: hexToBytes(answer.output) };
  }
  return { ...answer, inputs: answer.inputs.map(bytesOf), outputs: answer.outputs.map(bytesOf) };
}

type InHex<T> = {
  [Key in keyof T]: T[Key] extends Uint8Array ? Hex : T[Key] extends readonly Uint8Array[] ? readonly Hex[] : T[Key];
};

function bytesOf(hex: Hex): Uint8Array {
  return hexToBytes(hex);
}
