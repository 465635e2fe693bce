import { createServer } from 'node:net';
import { DomainError } from '@openimo/domain';

const HOST = '127.0.0.1';

/**
 * @param wanted a port, or 0 for any free one
 * @returns a port nobody listens on now
 * @throws DomainError `PortTaken`
 */
export function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE' || cause.code === 'EACCES'
          ? new DomainError(
              'PortTaken',
              `Port ${wanted} is taken by another program. End that program, or choose another port: npm start -- --rpc-port 9545`,
              { data: { port: wanted }, cause },
            )
          : cause,
      ),
    );
    server.listen(wanted, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
