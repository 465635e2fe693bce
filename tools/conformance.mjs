// npm run conformance [-- --json]: whether this machine's onnxruntime, native and in WebAssembly, computes what the specification says.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const build = spawnSync(
  process.execPath,
  ['node_modules/nx/dist/bin/nx.js', 'run', '@openimo/models:build', '--outputStyle=static'],
  { cwd: root, encoding: 'utf8', env: { ...process.env, NX_TUI: 'false' } },
);
if (build.status !== 0) {
  process.stderr.write(`${build.stdout ?? ''}${build.stderr ?? ''}${build.error ?? ''}\n`);
  process.exit(build.status ?? 1);
}
const run = ['--no-warnings', 'libs/models/dist/conformance/main.js', ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, run, { cwd: root, stdio: 'inherit' }).status ?? 1);
