// Sends requests and takes times, in milliseconds.
import { Agent, request as send } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** `rps` requests a second, whether or not earlier ones were answered; a time counts from when a request was due. */
export async function openLoop(url, bodyOf, { rps, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const count = rps * seconds;
  const startedAt = performance.now() + 50;
  const answers = [];
  for (let i = 0; i < count; i++) {
    const dueAt = startedAt + (i * 1_000) / rps;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    answers.push(post(agent, url, bodyOf(i)).then(() => performance.now() - dueAt));
  }
  const times = (await Promise.all(answers)).sort((a, b) => a - b);
  agent.destroy();
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}

/** @returns answered requests a second with `clients` that each wait for an answer before they ask again */
export async function closedLoop(url, bodyOf, { clients, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const endsAt = performance.now() + seconds * 1_000;
  let count = 0;
  const client = async () => {
    while (performance.now() < endsAt) {
      await post(agent, url, bodyOf(count));
      count++;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return (count * 1_000) / (performance.now() - startedAt);
}

function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200 && text.startsWith('{"data":{"dashboard":{')) resolve(text);
        else reject(new Error(`${response.statusCode} ${text.slice(0, 300)}`));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
