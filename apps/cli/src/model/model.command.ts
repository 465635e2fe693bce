import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseUnits } from '@openimo/domain';
import { checkModel, tryProfile } from '@openimo/inference';
import { type Session, parseRole } from '../session/session.js';
import { eth, gas } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { publishVersion, registerFamily } from './publish-model.js';
import { tierOf } from './tier.js';

const ETHER_DECIMALS = 18;

/** Parses and checks an ONNX file in the sandbox. Refusals say which node or tensor, and what to do. */
export async function check(output: Output, file: string): Promise<void> {
  const report = await checkModel(file);
  const profiled = await tryProfile(file);
  const modelRoot = profiled.profile?.modelRoot ?? null;
  if (output.json) return output.result({ ...report, modelRoot });
  output.fact('file', `${basename(file)}, ${report.sizeBytes} bytes`);
  output.fact('sha256', report.sha256);
  output.fact('weights root', report.weightsRoot);
  output.fact('model root', modelRoot ?? 'none');
  output.fact('opset', String(report.opset));
  output.fact('parameters', String(report.parameterCount));
  for (const { name, datatype, shape } of report.inputs)
    output.fact('input', `${name} ${datatype} [${shape.join(', ')}]`);
  for (const { name, datatype, shape } of report.outputs)
    output.fact('output', `${name} ${datatype} [${shape.join(', ')}]`);
  output.fact('bytes', `${report.inputBytes} in, ${report.outputBytes} out`);
  output.fact(
    'operators',
    Object.entries(report.operators)
      .map(([name, count]) => `${name} ×${count}`)
      .join(', '),
  );
  if (profiled.profile !== null) output.line('The model can be published, and a wrong answer of it proven wrong.');
  else
    output.line(
      `The model can be published as Unverified. Outside of the bit-exact profile: ${profiled.refusal.message}`,
    );
}

export interface PublishOptions {
  as: string;
  name: string;
  licence: string;
  price: string;
  card?: string;
  family?: string;
  /** Most bytes that it writes on from a prompt. */
  text?: string;
}

export async function publish(session: Session, output: Output, file: string, options: PublishOptions): Promise<void> {
  const publisher = session.actor(parseRole(options.as));
  const familyId = options.family
    ? BigInt(options.family)
    : (
        await registerFamily(session, publisher, {
          name: options.name,
          operatorBps: 2_000,
          publisherBps: 2_000,
          holdersFloorBps: 5_000,
          lineage: [],
        })
      ).familyId;
  const price = parseUnits(options.price, ETHER_DECIMALS);
  const published = await publishVersion(session, publisher, familyId, {
    file,
    licence: options.licence,
    price,
    cardUri: options.card ? basename(options.card) : basename(file),
    card: options.card ? await readFile(options.card, 'utf8') : '',
    mostNewBytes: options.text === undefined ? undefined : Number(options.text),
  });
  const { versionId, report, modelRoot, outside } = published;
  const tier = await tierOf(session, versionId);
  if (output.json) return output.result({ familyId, versionId, report, modelRoot, tier });
  output.fact('family', String(familyId));
  output.fact('version', String(versionId));
  output.fact('sha256', report.sha256);
  output.fact('model root', modelRoot ?? `none: ${outside!.message}`);
  output.fact('tier', modelRoot === null ? tier : `${tier}, until enough operators attest the root`);
  output.fact('price', `${eth(price)} ${options.text ? 'a text' : 'an inference'}`);
  output.fact('gas', gas(published.gasUsed));
}
