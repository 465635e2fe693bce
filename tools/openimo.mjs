// Builds what changed since the last run, then hands the arguments to the command line program.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const started = Date.now();
const quiet = process.argv.includes('--json');

if (!quiet) process.stderr.write('Building what changed (the first time takes a minute or two) ... ');
const build = spawnSync(
  process.execPath,
  ['node_modules/nx/dist/bin/nx.js', 'run-many', '-t', 'build', '--outputStyle=static'],
  {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NX_TUI: 'false' },
  },
);
if (build.status !== 0) {
  process.stderr.write(`failed.\n${build.stdout ?? ''}${build.stderr ?? ''}${build.error ?? ''}\n`);
  process.exit(build.status ?? 1);
}
if (!quiet) process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s.\n`);

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
