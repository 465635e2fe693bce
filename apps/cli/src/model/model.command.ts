import { basename } from 'node:path';
import { checkModel, tryProfile } from '@openimo/inference';
import { etherAmount } from '../input/amount.js';
import { readLocalFile } from '../input/local-file.js';
import { wholeNumber } from '../input/whole-number.js';
import { type Session, parseRole } from '../session/session.js';
import { eth, gas } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { prepareVersion, publishPrepared, registerFamily } from './publish-model.js';
import { tierOf } from './tier.js';

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

/** Who gets what of the fees, in basis points. */
const OWN_FAMILY = { operatorBps: 2_000, publisherBps: 2_000, holdersFloorBps: 5_000, lineage: [] };

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

/** What can be refused without the chain is refused before it: a family is not registered for a file that is no model. */
export async function publish(session: Session, output: Output, file: string, options: PublishOptions): Promise<void> {
  const publisher = session.actor(parseRole(options.as));
  const price = etherAmount(options.price, 'The price');
  const knownFamily = options.family === undefined ? undefined : wholeNumber(options.family, 'The family');
  const prepared = await prepareVersion({
    file,
    licence: options.licence,
    price,
    cardUri: basename(options.card ?? file),
    card: options.card === undefined ? '' : new TextDecoder().decode(await readLocalFile(options.card)),
    mostNewBytes: options.text === undefined ? undefined : Number(wholeNumber(options.text, 'The length of a text')),
  });
  const familyId =
    knownFamily ?? (await registerFamily(session, publisher, { name: options.name, ...OWN_FAMILY })).familyId;
  const published = await publishPrepared(session, publisher, familyId, prepared);
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
