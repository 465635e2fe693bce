import { refusalOfAddress } from './address-policy.js';

describe('refusalOfAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2001:4860:4860::8888'])('lets %s pass', (address) => {
    expect(refusalOfAddress(address)).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['169.254.169.254', 'linkLocal'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'linkLocal'],
    ['fd00::1', 'uniqueLocal'],
    ['ff02::1', 'multicast'],
    ['::ffff:127.0.0.1', 'ipv4Mapped'],
    ['::ffff:7f00:1', 'ipv4Mapped'],
    ['64:ff9b::7f00:1', 'rfc6052'],
    ['2002:7f00:1::', '6to4'],
    ['2001:0:7f00:1::', 'teredo'],
  ])('refuses %s as %s', (address, reason) => {
    expect(refusalOfAddress(address)).toBe(reason);
  });

  it.each([
    ['the NAT64 prefix for local use', '64:ff9b:1::7f00:1'],
    ['an IPv4-compatible address', '::127.0.0.1'],
    ['a site-local address', 'fec0::1'],
    ['a benchmark range', '198.18.0.1'],
    ['IETF assignments', '192.0.0.1'],
    ['what is no address', 'localhost'],
  ])('refuses %s', (_, address) => {
    expect(refusalOfAddress(address)).toBeDefined();
  });

  it('refuses ranges of our own, and lets pass what a development machine allows', () => {
    expect(refusalOfAddress('8.8.8.8', { denied: ['8.8.0.0/16'] })).toBe('denied');
    expect(refusalOfAddress('127.0.0.1', { allowed: ['127.0.0.0/8'] })).toBeUndefined();
    expect(refusalOfAddress('::1', { allowed: ['127.0.0.0/8'] })).toBe('loopback');
  });
});
