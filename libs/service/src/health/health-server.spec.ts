import { pino } from 'pino';
import type { StatusReport } from './health-routes.js';
import { HealthServer } from './health-server.js';
import { createMetrics, Gauge } from './metrics.js';
import { Vitals } from './vitals.js';

describe('HealthServer', () => {
  const vitals = new Vitals();
  let status: () => Promise<StatusReport> = async () => ({ stake: 5n });
  const metrics = createMetrics({ service: 'alice', vitals });
  const server = new HealthServer({ vitals, status: () => status(), metrics, log: pino({ level: 'silent' }) });
  let base: string;
  beforeAll(async () => {
    base = `http://127.0.0.1:${await server.listen({ port: 0 })}`;
  });
  afterAll(() => server.close());

  const get = async (path: string, method = 'GET') => {
    const response = await fetch(base + path, { method });
    return { status: response.status, body: (await response.json()) as unknown };
  };

  it('is live whatever is wrong, and ready when nothing is', async () => {
    vitals.set('chain', false, 'does not answer');
    expect(await get('/live')).toEqual({ status: 200, body: { live: true } });
    expect(await get('/ready')).toEqual({
      status: 503,
      body: { ready: false, problems: ['chain: does not answer'] },
    });

    vitals.set('chain', true);
    expect(await get('/ready')).toEqual({ status: 200, body: { ready: true } });
  });

  it('tells the status with amounts as decimal strings', async () => {
    expect(await get('/status')).toEqual({ status: 200, body: { stake: '5' } });
  });

  it('does not pass on what went wrong inside', async () => {
    status = async () => {
      throw new Error('postgres://openimo:sesame@db is down');
    };

    expect(await get('/status')).toEqual({ status: 503, body: { error: 'not available now' } });
  });

  it('measures the process, its parts and what it is told to', async () => {
    vitals.set('chain', false, 'does not answer');
    vitals.set('database', true);
    vitals.warn('models', ['version 7 has no file']);
    new Gauge({ name: 'openimo_jobs', help: 'Jobs.', registers: [metrics] }).set(3);

    const response = await fetch(`${base}/metrics`);
    const lines = (await response.text()).split('\n');

    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(lines).toContain('openimo_vital{part="chain",service="alice"} 0');
    expect(lines).toContain('openimo_vital{part="database",service="alice"} 1');
    expect(lines).toContain('openimo_warnings{part="models",service="alice"} 1');
    expect(lines).toContain('openimo_jobs{service="alice"} 3');
    expect(lines.some((line) => line.startsWith('process_resident_memory_bytes{'))).toBe(true);
  });

  it('knows four paths and one method', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/ready', 'POST')).status).toBe(405);
  });
});
