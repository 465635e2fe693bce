// node tools/local-secrets.mjs [folder]: what compose.yaml needs in secrets/, for a local run. Never overwrites. The operator's
// key is a public development key, which no chain but 31337 accepts; for another chain put a keystore of your own there.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeystore } from '@openimo/chain';
import { toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';

const MNEMONIC = 'test test test test test test test test test test test junk';
const OPERATOR_INDEX = 2;

const folder = process.argv[2] ?? 'secrets';
if (existsSync(join(folder, 'database_url'))) {
  console.error(`${folder} has secrets already; remove it first to make new ones.`);
  process.exit(1);
}
// The folder keeps others out; the files are read in the containers by another user than ours.
mkdirSync(folder, { recursive: true, mode: 0o700 });
const put = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o644, flag: 'wx' });

const databasePassword = randomBytes(24).toString('base64url');
const { privateKey } = mnemonicToAccount(MNEMONIC, { addressIndex: OPERATOR_INDEX }).getHdKey();
const password = randomBytes(24).toString('base64url');
put('postgres_password', databasePassword);
put('database_url', `postgres://openimo:${databasePassword}@postgres:5432/openimo`);
put('auth_secret', randomBytes(32).toString('base64url'));
put('keystore.json', await createKeystore(toHex(privateKey), { password }));
put('keystore_password', password);
console.log(`Wrote ${folder}/{postgres_password,database_url,auth_secret,keystore.json,keystore_password}.`);
