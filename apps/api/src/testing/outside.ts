import { DnsServer } from '@openimo/outbound/testing';
import { PUBLIC, Receiver } from './receiver.js';

/** What lies outside of the API, as names see it: a public server, one inside, and a name that leads to the one, then to the other. */
export class Outside {
  private constructor(
    readonly server: Receiver,
    /** On the same port of the loopback interface, where nobody's address may lead. */
    readonly inside: Receiver,
    private readonly names: DnsServer,
  ) {}

  static async start(): Promise<Outside> {
    const server = await Receiver.start();
    const inside = await Receiver.start('127.0.0.1', server.port);
    const names = await DnsServer.start({
      'good.test': [[PUBLIC]],
      'inside.test': [['127.0.0.1']],
      'rebind.test': [[PUBLIC], ['127.0.0.1']],
    });
    return new Outside(server, inside, names);
  }

  /** Settings of an API that sees it. */
  get env(): Readonly<Record<string, string>> {
    return {
      OPENIMO_OUTBOUND_HTTP: 'on',
      OPENIMO_OUTBOUND_ALLOWED: `${PUBLIC}/32`,
      OPENIMO_OUTBOUND_DNS: this.names.server,
    };
  }

  close(): void {
    this.names.stop();
    this.server.close();
    this.inside.close();
  }
}
