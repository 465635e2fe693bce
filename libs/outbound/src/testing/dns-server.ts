import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * A DNS server on the loopback interface. It gives the answers of a name one after another, then the last for ever, with a time
 * to live of zero: what an attacker's server does to change its mind between a check and a connection.
 */
export class DnsServer {
  /** Names asked for an IPv4 address, in order. */
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly answers: Readonly<Record<string, readonly (readonly string[])[]>>,
  ) {
    socket.on('message', (query, from) => socket.send(this.#answer(query), from.port, from.address));
  }

  /** @param answers by name, the IPv4 addresses of each answer in turn; a name that is not there does not exist */
  static async start(answers: Readonly<Record<string, readonly (readonly string[])[]>>): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket, answers);
  }

  get server(): string {
    return `127.0.0.1:${(this.socket.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.socket.close();
  }

  /** RFC 1035, section 4: header, the question as it came, answers that point back at it. */
  #answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (; query[at] !== 0; at += query[at]! + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const name = labels.join('.').toLowerCase();
    const isIpv4 = query.readUInt16BE(at + 1) === 1;
    if (isIpv4) this.asked.push(name);
    const turns = this.answers[name];
    const turn = this.asked.filter((each) => each === name).length - 1;
    const addresses = (isIpv4 && turns?.[Math.min(turn, turns.length - 1)]) || [];
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(turns === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(addresses.length, 6);
    header.fill(0, 8);
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    return Buffer.concat([header, query.subarray(12, at + 5), ...records]);
  }
}
