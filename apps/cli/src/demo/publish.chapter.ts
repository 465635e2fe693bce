import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelRegistryAbi, operatorRegistryAbi } from '@openimo/contracts';
import { digitsCnn } from '@openimo/models';
import { parseEther, zeroAddress } from 'viem';
import { publishVersion, registerFamily } from '../model/publish-model.js';
import type { Session } from '../session/session.js';
import { until } from '../session/until.js';
import { eth, gas, percent } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import type { Figures } from './figures.js';
import { VERSION } from './queries.js';

export interface PublishedPair {
  /** Served by every operator; its token's sale will succeed. */
  served: { familyId: bigint; versionId: bigint };
  /** Its file is withheld, so that nobody can serve it; its token's sale will fail. */
  withheld: { familyId: bigint; versionId: bigint };
}

export const PRICE_WEI = parseEther('0.02');
const SHARES = { operatorBps: 2_000, publisherBps: 1_000, holdersFloorBps: 5_000 };
const PARENT_BPS = 500;
const CONTRIBUTOR_BPS = 500;

/** A model of 12 kB is checked in a sandbox, committed on-chain with its price, lineage and waterfall. */
export async function publish(session: Session, output: Output, figures: Figures): Promise<PublishedPair> {
  output.heading('1  Publish a model');
  const publisher = session.actor('publisher');
  const lineage = [
    { parentFamilyId: BigInt(session.record.example.familyId), contributor: zeroAddress, shareBps: PARENT_BPS },
    { parentFamilyId: 0n, contributor: session.actor('contributor').address, shareBps: CONTRIBUTOR_BPS },
  ];
  const version = {
    file: digitsCnn.modelPath,
    licence: digitsCnn.license,
    price: PRICE_WEI,
    cardUri: 'digits-cnn/card.md',
    card: await readFile(digitsCnn.cardPath, 'utf8'),
  };

  const served = await output.step(
    'Check digits-cnn.onnx in a sandbox, register a family, publish version 1',
    async () => {
      const family = await registerFamily(session, publisher, { name: 'Digits demo', ...SHARES, lineage });
      const published = await publishVersion(session, publisher, family.familyId, version);
      return { ...published, gasUsed: family.gasUsed + published.gasUsed };
    },
    ({ versionId, familyId, gasUsed }) => `Family ${familyId}, version ${versionId} published (${gas(gasUsed)})`,
  );
  await tellVersion(session, output, figures, served.versionId, served.familyId);

  const withheld = await output.step(
    'Publish a second model whose file is withheld',
    async () => {
      const family = await registerFamily(session, publisher, { name: 'Withheld demo', ...SHARES, lineage: [] });
      const file = await writeRelabelledCopy(digitsCnn.modelPath, `Family ${family.familyId}`);
      return publishVersion(session, publisher, family.familyId, { ...version, file }, { withhold: true });
    },
    ({ familyId, versionId }) => `Family ${familyId}, version ${versionId} published; nobody will be able to serve it`,
  );
  const { version: copy } = await figures.read(VERSION, { versionId: withheld.versionId });
  const original = figures.check(
    'duplicateOf',
    copy.duplicateOf?.versionId ?? 0n,
    await session.client.readContract({
      address: session.deployment.addresses.modelRegistry,
      abi: modelRegistryAbi,
      functionName: 'duplicateOf',
      args: [withheld.versionId],
    }),
  );
  output.fact('but', `its weights are those of version ${original}, and the registry says so (duplicateOf)`);

  await output.step(
    'Operators find the file, check it and enrol',
    async () => {
      const enrolled = await until(
        'all operators to enrol',
        () =>
          session.client.readContract({
            address: session.deployment.addresses.operatorRegistry,
            abi: operatorRegistryAbi,
            functionName: 'enrolled',
            args: [served.versionId],
          }),
        (list) => list.length >= session.record.operators.length,
      );
      const { version: told } = await figures.read(VERSION, { versionId: served.versionId });
      return figures.check('enrolled operators', told.operatorCount, enrolled.length);
    },
    (count) => `${count} operators enrolled for version ${served.versionId}, each with stake`,
  );
  return { served, withheld };
}

/** What was published, as GraphQL tells it. */
async function tellVersion(
  session: Session,
  output: Output,
  figures: Figures,
  versionId: bigint,
  familyId: bigint,
): Promise<void> {
  const registry = { address: session.deployment.addresses.modelRegistry, abi: modelRegistryAbi } as const;
  const [{ version: told }, version, [price], waterfall, lineage] = await Promise.all([
    figures.read(VERSION, { versionId }),
    session.client.readContract({ ...registry, functionName: 'version', args: [versionId] }),
    session.client.readContract({ ...registry, functionName: 'priceSchedule', args: [versionId, zeroAddress] }),
    session.client.readContract({ ...registry, functionName: 'waterfall', args: [familyId] }),
    session.client.readContract({ ...registry, functionName: 'lineage', args: [familyId] }),
  ]);
  const { family } = told;
  const sharesOf = (parties: readonly { shareBps: number }[]) => parties.map(({ shareBps }) => shareBps);
  const [parent, contributor] = sharesOf(family.lineage);
  figures.check('lineage', sharesOf(family.lineage).join(), sharesOf(lineage).join());
  output.fact('file', `sha256 ${figures.check('file', told.fileHash, version.fileHash).slice(2)}`);
  const amount = told.prices.find(({ asset }) => asset === zeroAddress)?.amount ?? 0n;
  output.fact('price', `${eth(figures.check('price', amount, price))} an inference`);
  output.fact(
    'waterfall',
    `operator ${percent(figures.check("the operator's share", family.operatorBps, waterfall.operatorBps))}, ` +
      `publisher ${percent(figures.check("the publisher's share", family.publisherBps, waterfall.publisherBps))}, ` +
      `parent model ${percent(parent ?? 0)}, data contributor ${percent(contributor ?? 0)}, ` +
      `protocol ${percent(session.deployment.parameters.protocolBps)}, holders the rest`,
  );
}

const DOC_STRING_TAG = 0x32;

/** The same model under another description: other bytes, another hash, equal weights. */
async function writeRelabelledCopy(original: string, description: string): Promise<string> {
  const text = Buffer.from(description);
  const file = join(await mkdtemp(join(tmpdir(), 'openimo-')), 'relabelled.onnx');
  // A later field of a protobuf message replaces an earlier one: the file grows by one doc_string.
  await writeFile(file, Buffer.concat([await readFile(original), Buffer.from([DOC_STRING_TAG, text.length]), text]));
  return file;
}
