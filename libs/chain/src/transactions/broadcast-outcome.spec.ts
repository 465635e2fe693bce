import { RpcRequestError } from 'viem';
import { broadcastOutcome } from './broadcast-outcome.js';

/** As viem hands it on. */
const said = (message: string) =>
  new RpcRequestError({ body: {}, error: { code: -32000, message }, url: 'http://127.0.0.1' });

describe('broadcastOutcome', () => {
  it.each([
    ['geth, anvil', 'already known', 'accepted'],
    ['anvil', 'transaction already imported', 'accepted'],
    ['Nethermind', 'AlreadyKnown', 'accepted'],
    ['Besu', 'Known transaction', 'accepted'],
    ['geth, anvil', 'nonce too low', 'nonceTooLow'],
    ['geth', 'nonce too low: next nonce 5, tx nonce 4', 'nonceTooLow'],
    ['Nethermind', 'OldNonce', 'nonceTooLow'],
    ['geth, anvil', 'replacement transaction underpriced', 'underpriced'],
    ['geth', 'transaction underpriced: gas tip cap 0, minimum needed 1', 'feeTooLow'],
    ['geth', 'max fee per gas less than block base fee: address 0x0, maxFeePerGas: 1, baseFee: 2', 'feeTooLow'],
    ['anvil', 'max fee per gas less than block base fee', 'feeTooLow'],
    ['geth', 'insufficient funds for gas * price + value: balance 0, tx cost 1', 'insufficientFunds'],
    ['anvil', 'Insufficient funds for gas * price + value', 'insufficientFunds'],
    ['geth', 'intrinsic gas too low: gas 21000, minimum needed 22000', 'invalid'],
    ['anvil', 'intrinsic gas too high -- tx.gas_limit > env.block.gas_limit', 'invalid'],
    ['geth', 'exceeds block gas limit', 'invalid'],
    ['geth', 'max initcode size exceeded: code size 50000, limit 49152', 'invalid'],
    ['anyone', 'the moon is in the seventh house', 'unknown'],
  ])('understands %s: %s', (_, message, outcome) => {
    expect(broadcastOutcome(said(message))).toBe(outcome);
  });
});
