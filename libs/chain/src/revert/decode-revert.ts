import { BaseError, decodeErrorResult, parseAbi, type Abi, type AbiParameter } from 'viem';
import { DomainError, type Hex } from '@openimo/domain';

export type RevertErrorCode = 'ContractReverted';

const SOLIDITY = parseAbi(['error Error(string reason)', 'error Panic(uint256 code)']);

/** Source: Solidity documentation, "Panic via assert and Error via require". */
const PANICS: Readonly<Record<string, string>> = {
  '1': 'an assertion failed',
  '17': 'a number overflowed',
  '18': 'division by zero',
  '33': 'a value is outside its enumeration',
  '34': 'a byte array in storage is malformed',
  '49': 'pop from an empty array',
  '50': 'an index is out of bounds',
  '65': 'out of memory',
  '81': 'a call of an empty function',
};

/**
 * What a contract said when it refused, in words and as data: `{ errorName, args, revertData }`.
 *
 * @param error what viem threw, or the bytes the contract returned
 * @param abis where custom errors are looked up, the first match wins
 * @returns undefined when `error` is not a contract's refusal
 */
export function decodeRevert(error: unknown, abis: readonly Abi[] = []): DomainError<RevertErrorCode> | undefined {
  const revertData = typeof error === 'string' ? (error as Hex) : revertDataOf(error);
  if (revertData === undefined) return undefined;
  for (const abi of [...abis, SOLIDITY]) {
    try {
      const decoded = decodeErrorResult({ abi: abi as Abi, data: revertData });
      const { errorName, args = [], abiItem } = decoded;
      return refused(
        errorName,
        named((abiItem as { inputs: readonly AbiParameter[] }).inputs, args),
        revertData,
        error,
      );
    } catch {
      // Not of this ABI.
    }
  }
  const selector = revertData.slice(0, 10);
  return refused(revertData === '0x' ? 'no reason given' : `an unknown error ${selector}`, {}, revertData, error);
}

function refused(
  errorName: string,
  args: Readonly<Record<string, unknown>>,
  revertData: Hex,
  cause: unknown,
): DomainError<RevertErrorCode> {
  return new DomainError('ContractReverted', `The contract refused: ${inWords(errorName, args)}.`, {
    data: { errorName, args, revertData },
    // viem's message repeats the calldata and the URL.
    ...(cause instanceof BaseError && { cause: new Error(cause.shortMessage) }),
  });
}

/** `InferenceOracle_DeadlinePassed(requestId, deadline)` becomes `deadline passed (requestId 7, deadline 1700000000)`. */
function inWords(errorName: string, args: Readonly<Record<string, unknown>>): string {
  if (errorName === 'Error') return String(args['reason']);
  if (errorName === 'Panic') return PANICS[String(args['code'])] ?? `panic ${args['code']}`;
  const words = errorName
    .replace(/^[A-Za-z0-9]+_/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const values = Object.entries(args).map(([name, value]) => `${name} ${show(value)}`);
  return values.length === 0 ? words : `${words} (${values.join(', ')})`;
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner))
    : String(value);
}

function named(inputs: readonly AbiParameter[], args: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(inputs.map(({ name }, index) => [name || String(index), args[index]]));
}

/** viem nests the bytes at different depths for calls, gas estimates and contract reads, as `data` or within it. */
function revertDataOf(error: unknown): Hex | undefined {
  let reverted = false;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { data, code } = at as { data?: unknown; code?: unknown };
    const bytes = hexOf(data) ?? hexOf((data as { data?: unknown } | undefined)?.data);
    if (bytes !== undefined) return bytes;
    reverted ||= code === 3 || at.name === 'ExecutionRevertedError' || /execution reverted/i.test(at.message);
  }
  return reverted ? '0x' : undefined;
}

function hexOf(value: unknown): Hex | undefined {
  return typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value) ? (value as Hex) : undefined;
}
