import { isAddress, isSha256 } from './hex.js';

describe('isSha256', () => {
  it('accepts 0x and 64 lower-case digits, and nothing else', () => {
    expect(isSha256(`0x${'0a'.repeat(32)}`)).toBe(true);
    expect(isSha256(`0x${'0A'.repeat(32)}`)).toBe(false);
    expect(isSha256('0a'.repeat(32))).toBe(false);
    expect(isSha256(`0x${'0a'.repeat(31)}/.`)).toBe(false);
    expect(isSha256(`0x${'0a'.repeat(32)}\n`)).toBe(false);
    expect(isSha256(undefined)).toBe(false);
  });
});

describe('isAddress', () => {
  it('accepts 20 bytes in either letter case', () => {
    expect(isAddress('0x5FbDB2315678afecb367f032d93F642f64180aa3')).toBe(true);
    expect(isAddress('0x5FbDB2315678afecb367f032d93F642f64180a')).toBe(false);
    expect(isAddress('5FbDB2315678afecb367f032d93F642f64180aa3')).toBe(false);
  });
});
