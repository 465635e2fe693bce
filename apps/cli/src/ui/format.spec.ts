import { parseEther } from 'viem';
import { duration, eth, gas, percent, printable, short, tokens } from './format.js';

describe('eth', () => {
  it.each([
    [0n, '0 ETH'],
    [parseEther('1.5'), '1.5 ETH'],
    [parseEther('0.000001'), '0.000001 ETH'],
    [parseEther('14.999999999999999998'), '15 ETH'],
    [-parseEther('2'), '-2 ETH'],
  ])('shows %d wei as %s', (wei, shown) => {
    expect(eth(wei)).toBe(shown);
  });

  it('shows wei where six decimals would make a zero of something', () => {
    expect(eth(189_737_998_297n)).toBe('189737998297 wei');
  });
});

describe('the other figures', () => {
  it('group whole tokens and keep two decimals', () => {
    expect(tokens(parseEther('500000000'))).toBe('500,000,000');
    expect(tokens(parseEther('166666666.669'))).toBe('166,666,666.66');
  });

  it('group gas', () => {
    expect(gas(4_640_416n)).toBe('4,640,416 gas');
  });

  it('show basis points as percent', () => {
    expect(percent(2_050)).toBe('20.5 %');
  });

  it('shorten addresses and leave short ones alone', () => {
    expect(short('0xB7aa4c318000BB9bD16108F81C40D02E48af1C42')).toBe('0xB7aa…1C42');
    expect(short('0x1234')).toBe('0x1234');
  });

  it.each([
    [45, '45 s'],
    [1_800, '30 min'],
    [26 * 3_600, '26 h'],
    [14 * 86_400, '14 days'],
  ])('show %d seconds as %s', (seconds, shown) => {
    expect(duration(seconds)).toBe(shown);
  });
});

describe('printable', () => {
  it('keeps letters and line ends, and obeys no control character', () => {
    expect(printable('é\n\u001b[2J\u202e\u0007')).toBe('é\n\\u{1b}[2J\\u{202e}\\u{7}');
  });
});
