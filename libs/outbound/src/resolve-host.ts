import { lookup, Resolver } from 'node:dns/promises';

/** All addresses of a host name. Rejects when there are none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** As the operating system resolves names. */
export const systemResolver: ResolveHost = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/** Asks a DNS server itself: `127.0.0.1:53`. */
export function dnsResolver(server: string): ResolveHost {
  return async (host) => {
    const resolver = new Resolver({ tries: 1 });
    resolver.setServers([server]);
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length === 0) throw (answers[0] as PromiseRejectedResult).reason;
    return addresses;
  };
}
