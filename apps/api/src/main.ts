import './production.js';
import 'reflect-metadata';
import { once } from 'node:events';
import { runService } from '@openimo/service';
import { readConfig } from './config/config.js';
import type { ReadyMessage } from './ready-message.js';
import { startApi } from './start-api.js';

await runService({
  what: 'the API',
  readConfig: () => readConfig(process.env),
  run: async (parts) => {
    const { port, url, healthPort } = await startApi(parts);
    const ready: ReadyMessage = { ready: true, name: parts.config.name, httpPort: port, url, healthPort };
    process.send?.(ready);
    const { signal } = parts.shutdown;
    if (!signal.aborted) await once(signal, 'abort');
  },
});
