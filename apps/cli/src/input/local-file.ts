import { readFile, writeFile } from 'node:fs/promises';
import { DomainError } from '@openimo/domain';

/** @throws DomainError `FileNotReadable` */
export async function readLocalFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new DomainError('FileNotReadable', `There is no file ${path} that can be read.`, { cause, data: { path } });
  });
}

/** @throws DomainError `FileNotWritable` */
export async function writeLocalFile(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((cause: unknown) => {
    throw new DomainError('FileNotWritable', `The file ${path} cannot be written. Is its folder there, and yours?`, {
      cause,
      data: { path },
    });
  });
}
