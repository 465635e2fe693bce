import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isBuilt, sourcesOf, writeBuilt } from '../../tools/build-record.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'openimo-sources-'));
  for (const project of ['contracts', 'test', 'apps/node', 'libs/domain']) {
    await write(`${project}/package.json`);
    await write(`${project}/src/index.ts`);
    await write(`${project}/dist/index.js`);
  }
  writeBuilt(root, sourcesOf(root));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text = path): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const needsBuild = () => !isBuilt(root, sourcesOf(root));

describe('The record of what is built', () => {
  it('says that there is nothing to build, whatever was built or installed meanwhile', async () => {
    await write('libs/domain/dist/more.js');
    await write('libs/domain/tsconfig.tsbuildinfo');
    await write('apps/node/node_modules/viem/index.js');
    await write('contracts/ts/generated/abi.ts');

    expect(needsBuild()).toBe(false);
  });

  it.each(['libs/domain/src/index.ts', 'contracts/package.json', 'package-lock.json'])(
    'notices that %s has changed',
    async (path) => {
      await write(path, 'something else');

      expect(needsBuild()).toBe(true);
    },
  );

  it('notices a source that was touched and is as long as before', async () => {
    await utimes(join(root, 'libs/domain/src/index.ts'), new Date(0), new Date(0));

    expect(needsBuild()).toBe(true);
  });

  it('notices a source that came or went, and a project that is not built any more', async () => {
    await write('libs/domain/src/more.ts');
    expect(needsBuild()).toBe(true);
    await rm(join(root, 'libs/domain/src/more.ts'));
    expect(needsBuild()).toBe(false);

    await rm(join(root, 'apps/node/dist'), { recursive: true });
    expect(needsBuild()).toBe(true);
  });

  it('says so where nothing has been built yet', async () => {
    await rm(join(root, '.nx'), { recursive: true });

    expect(needsBuild()).toBe(true);
  });
});
