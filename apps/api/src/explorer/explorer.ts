import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../explorer/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
/** Nothing from anywhere else, and nothing written into the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the page to try the API with: at `/explorer`, its parts below. All of them are read once. */
export function serveExplorer() {
  const files = new Map(
    readdirSync(FOLDER).map((name) => {
      const path = name === 'index.html' ? '/explorer' : `/explorer/${name}`;
      return [path, { body: readFileSync(FOLDER + name), type: TYPES[extname(name)]! }];
    }),
  );
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const file = request.method === 'GET' ? files.get(request.url!.split('?')[0]!) : undefined;
    if (file === undefined) return next();
    response.writeHead(200, {
      'content-type': file.type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
    response.end(file.body);
  };
}
