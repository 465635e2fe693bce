import { encodeErrorResult, parseAbi, type Abi } from 'viem';
import { decodeRevert } from './decode-revert.js';

const abi = parseAbi([
  'error InferenceOracle_DeadlinePassed(uint256 requestId, uint256 deadline)',
  'error InferenceOracle_Reentered()',
  'error Error(string reason)',
  'error Panic(uint256 code)',
]);
const abis = [abi as Abi];

describe('decodeRevert', () => {
  it('says what a custom error says, with its values', () => {
    const data = encodeErrorResult({ abi, errorName: 'InferenceOracle_DeadlinePassed', args: [7n, 1_700_000_000n] });

    expect(decodeRevert(data, abis)).toMatchObject({
      code: 'ContractReverted',
      message: 'The contract refused: deadline passed (requestId 7, deadline 1700000000).',
      data: { errorName: 'InferenceOracle_DeadlinePassed', args: { requestId: 7n, deadline: 1_700_000_000n } },
      retryable: false,
    });
  });

  it('needs no values', () => {
    const data = encodeErrorResult({ abi, errorName: 'InferenceOracle_Reentered' });
    expect(decodeRevert(data, abis)?.message).toBe('The contract refused: reentered.');
  });

  it('repeats the reason of a require', () => {
    const data = encodeErrorResult({ abi, errorName: 'Error', args: ['not today'] });
    expect(decodeRevert(data)?.message).toBe('The contract refused: not today.');
  });

  it('explains a panic', () => {
    const data = encodeErrorResult({ abi, errorName: 'Panic', args: [0x11n] });
    expect(decodeRevert(data)?.message).toBe('The contract refused: a number overflowed.');
  });

  it('shows the selector of an error it does not know', () => {
    expect(decodeRevert('0xdeadbeef')).toMatchObject({
      message: 'The contract refused: an unknown error 0xdeadbeef.',
      data: { revertData: '0xdeadbeef' },
    });
  });

  it('says so when there is no reason', () => {
    expect(decodeRevert('0x')?.message).toBe('The contract refused: no reason given.');
  });

  it('finds the bytes wherever they are nested', () => {
    const cause = Object.assign(new Error('execution reverted'), { code: 3, data: '0xdeadbeef' });
    expect(decodeRevert(new Error('outer', { cause }))?.data['revertData']).toBe('0xdeadbeef');
  });

  it('is not for errors of other kinds', () => {
    expect(decodeRevert(new Error('socket hang up'))).toBeUndefined();
  });
});
