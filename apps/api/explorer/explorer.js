// A page to try the API with. Everything it loads comes from the API itself.
import { EXAMPLES } from './examples.js';
import { drawDocs } from './docs.js';
import { INTROSPECTION } from './introspection.js';

const at = (id) => document.getElementById(id);
const [query, variables, headers, answer, status] = ['query', 'variables', 'headers', 'answer', 'status'].map(at);
const url = new URL('graphql', location.href);

let stop = () => undefined;

function parsed(field, name) {
  const text = field.value.trim();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} are not JSON.`);
  }
}

async function ask(body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-openimo-request': '1', ...parsed(headers, 'Headers') },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

async function run() {
  stop();
  answer.textContent = '';
  try {
    const operation = { query: query.value, variables: parsed(variables, 'Variables') };
    if (/^\s*subscription\b/m.test(query.value)) follow(operation);
    else await show(operation);
  } catch (error) {
    status.textContent = error.message;
  }
}

async function show(operation) {
  status.textContent = 'asking …';
  const startedAt = performance.now();
  const { status: code, text } = await ask(operation);
  status.textContent = `${code}, ${Math.round(performance.now() - startedAt)} ms, ${text.length} bytes`;
  answer.textContent = pretty(text);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The protocol graphql-transport-ws, as far as one subscription needs it. */
function follow(payload) {
  const address = new URL(url);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address, 'graphql-transport-ws');
  const say = (message) => socket.send(JSON.stringify(message));
  let count = 0;
  socket.onopen = () => say({ type: 'connection_init', payload: parsed(headers, 'Headers') });
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'connection_ack') say({ type: 'subscribe', id: '1', payload });
    else if (message.type === 'ping') say({ type: 'pong' });
    else if (message.type === 'complete') stop();
    else if (message.payload) {
      status.textContent = `${++count} received`;
      answer.textContent = `${JSON.stringify(message.payload, null, 2)}\n${answer.textContent}`.slice(0, 200_000);
    }
  };
  socket.onclose = ({ reason }) => {
    status.textContent = `${status.textContent}; ended${reason ? `: ${reason}` : ''}`;
    at('stop').hidden = true;
  };
  status.textContent = 'following';
  at('stop').hidden = false;
  stop = () => socket.close(1000);
}

async function loadDocs() {
  const { data, errors } = JSON.parse((await ask({ query: INTROSPECTION })).text);
  if (errors) at('docs').textContent = errors[0].message;
  else drawDocs(at('docs'), at('search'), data.__schema, (text) => (query.value = text));
}

function choose(example) {
  query.value = example.query;
  variables.value = JSON.stringify(example.variables ?? {}, null, 2);
}

for (const [index, { name }] of EXAMPLES.entries()) at('examples').append(new Option(name, String(index)));
at('examples').onchange = ({ target }) => choose(EXAMPLES[Number(target.value)]);
at('run').onclick = () => void run();
at('stop').onclick = () => stop();
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
});
choose(EXAMPLES[0]);
await loadDocs().catch((error) => (at('docs').textContent = error.message));
await run();
