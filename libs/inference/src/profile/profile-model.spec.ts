import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitFile, toHex } from '@openimo/donnx';
import { goldenHash } from '@openimo/donnx/conformance';
import { profileModel } from './profile-model.js';

const example = (name: string) => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

describe('profileModel', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openimo-profile-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const write = async (content: Uint8Array) => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, content);
    return path;
  };

  it('says what anybody recomputes from the file', async () => {
    const path = example('digits-cnn/digits-cnn.onnx');
    const model = commitFile(await readFile(path));
    const sha256 = toHex(model.commitment.fileHash);

    expect(await profileModel(path)).toEqual({
      sha256,
      modelRoot: toHex(model.modelRoot),
      goldenHash: goldenHash(model, sha256),
    });
  });

  it('names the node that is outside of the profile, and what to do', async () => {
    await expect(profileModel(example('gpt/gpt.float.onnx'))).rejects.toMatchObject({
      code: 'OperatorNotAllowed',
      message: expect.stringMatching(/^Node .* is not in the profile. Replace it by/),
      retryable: false,
    });
  });

  it('refuses bytes that are no model', async () => {
    await expect(profileModel(await write(Buffer.from('not a model')))).rejects.toMatchObject({
      code: 'ModelMalformed',
    });
  });

  it('takes no longer than it may', async () => {
    const refused = profileModel(example('gpt/gpt.onnx'), { timeoutMs: 50 });

    await expect(refused).rejects.toMatchObject({ code: 'ProfileTimedOut', retryable: true });
  });
});
