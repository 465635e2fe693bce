// Whether what is built is of the sources as they are. A build that finds nothing to do still takes every output away and puts it
// back, from under a stack that runs on it, and takes seconds; so a command asks here first.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const RECORD = '.nx/built';
const PROJECTS = ['contracts', 'test'];
const FOLDERS_OF_PROJECTS = ['apps', 'libs'];
const SHARED = ['package-lock.json', 'nx.json', 'tsconfig.json', 'tsconfig.base.json'];
/** What builds, tests and installs write. */
const WRITTEN = new Set(['node_modules', 'dist', 'artifacts', 'cache', 'generated', 'coverage']);

/** Names the sources of all projects by their paths, sizes and times, to the millisecond. */
export function sourcesOf(root) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path}\0${size}\0${Math.trunc(mtimeMs)}\n`);
  };
  for (const path of SHARED) if (existsSync(join(root, path))) add(path);
  for (const folder of projectsOf(root)) {
    for (const path of filesUnder(root, folder)) add(path);
  }
  return hash.digest('hex');
}

/** @returns whether the last build that was written down was of these sources, and is all there */
export function isBuilt(root, sources) {
  const record = join(root, RECORD);
  if (!existsSync(record) || readFileSync(record, 'utf8') !== sources) return false;
  return projectsOf(root).every((folder) => existsSync(join(root, folder, 'dist')));
}

/** @param sources as they were when the build began: what has changed since is built next time */
export function writeBuilt(root, sources) {
  const record = join(root, RECORD);
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, sources);
}

function projectsOf(root) {
  const inFolders = FOLDERS_OF_PROJECTS.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return [...PROJECTS, ...inFolders].filter((project) => existsSync(join(root, project, 'package.json'))).sort();
}

function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !WRITTEN.has(name) && !name.endsWith('.tsbuildinfo'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(root, path);
      return entry.isFile() ? [path] : [];
    });
}
