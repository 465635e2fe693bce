// Builds what changed since the last run, then hands the arguments to the command line program.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isBuilt, sourcesOf, writeBuilt } from './build-record.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = sourcesOf(root);
if (!isBuilt(root, sources)) build();

const cli = spawn(process.execPath, ['--no-warnings', 'apps/cli/dist/main.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to the whole group; a signal sent to this process alone is passed on. Either way the program
// decides when it is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') cli.kill(signal);
  });
}
cli.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));

function build() {
  const started = Date.now();
  const quiet = process.argv.includes('--json');
  if (!quiet) process.stderr.write('Building what changed (the first time takes a minute or two) ... ');
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'build', '--outputStyle=static'],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NX_TUI: 'false' },
    },
  );
  if (status !== 0) {
    process.stderr.write(`failed.\n${stdout ?? ''}${stderr ?? ''}${error ?? ''}\n`);
    process.exit(status ?? 1);
  }
  writeBuilt(root, sources);
  if (!quiet) process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s.\n`);
}
