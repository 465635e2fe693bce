import { digitReaderAbi, digitReaderBytecode, inferenceOracleAbi } from '@openimo/contracts';
import { digitsCnn } from '@openimo/models';
import { type Address, bytesToHex, encodeDeployData, type Hex, hexToBytes, parseEventLogs } from 'viem';
import type { Session } from '../session/session.js';
import type { Shutdown } from '../stack/shutdown.js';
import { until } from '../session/until.js';
import { eth, gas } from '../ui/format.js';
import type { Output } from '../ui/output.js';
import { createDirectRun } from './direct-run.js';
import { drawDigit } from './draw-digit.js';
import type { Figures } from './figures.js';
import { pauseOperators } from './pause.js';
import type { PublishedPair } from './publish.chapter.js';
import { REQUEST } from './queries.js';

export interface Answered {
  requestIds: bigint[];
  /** The request nobody could answer. */
  unansweredId: bigint;
  total: number;
  correct: number;
}

const QUESTIONS = 12;
const SHOWN = 3;
/** More questions, one by one, until the silenced operator has been drawn. */
const EXTRA_QUESTIONS = 12;
const QUOTE_HEADROOM_PERCENT = 150n;
const OPEN = 1;

/** A client contract asks about digits it has never seen; one operator keeps silent; one request has nobody to serve it. */
export async function ask(
  session: Session,
  output: Output,
  figures: Figures,
  shutdown: Shutdown,
  versions: PublishedPair,
): Promise<Answered> {
  output.heading('3  Ask it, from a contract');
  const developer = session.actor('developer');
  const examples = pickExamples(QUESTIONS + EXTRA_QUESTIONS);

  const reader = await output.step(
    'Deploy a client contract written for the Onchain AI Oracle interface',
    () => deployReader(session, versions.served.versionId),
    (address) => `DigitReader is ${address}`,
  );
  const orphan = await deployReader(session, versions.withheld.versionId);

  const silenced = session.record.operators.at(-1)!;
  const wake = await pauseOperators(session, [silenced], shutdown);
  try {
    output.line(
      `Operator ${silenced.name} is silenced: its process is paused, it keeps its stake and its turns in the draw.`,
    );

    const requestIds: bigint[] = [];
    await output.step(
      `Ask about ${QUESTIONS} held-back images`,
      async (progress) => {
        let used = 0n;
        for (const [index, { pixels }] of examples.slice(0, QUESTIONS).entries()) {
          const sent = await askReader(reader, pixels);
          requestIds.push(sent.requestId);
          used = sent.gasUsed;
          progress(`Ask about ${QUESTIONS} held-back images: ${index + 1}`);
        }
        return used;
      },
      (used) => `${QUESTIONS} requests sent, fee and callback gas in escrow (${gas(used)} each)`,
    );
    const unanswered = await askReader(orphan, examples[0]!.pixels);
    output.line('And one request to the model whose file is withheld: nobody is enrolled, so nobody will answer.');

    await output.step(
      'Operators are drawn by stake and answer under bond',
      (progress) => awaitAnswers(session, requestIds, progress),
      (answered) => `${answered} answers asserted, each under a bond`,
    );
    let penalty = await penaltyOf(session, silenced.address, requestIds);
    for (let extra = 0; extra < EXTRA_QUESTIONS && penalty === 0n; extra++) {
      requestIds.push((await askReader(reader, examples[QUESTIONS + extra]!.pixels)).requestId);
      await awaitAnswers(session, requestIds);
      penalty = await penaltyOf(session, silenced.address, requestIds);
    }
    output.fact(
      'silence',
      `${silenced.name} was drawn and did not answer; after its exclusive window others did, and its stake paid ${eth(penalty)} to the requester`,
    );

    const correct = await compareAnswers(session, output, figures, requestIds, examples);
    return { requestIds, unansweredId: unanswered.requestId, total: requestIds.length, correct };
  } finally {
    wake();
    output.line(`Operator ${silenced.name} runs again.`);
  }

  async function askReader(client: Address, pixels: Uint8Array) {
    const quote = await session.client.readContract({ address: client, abi: digitReaderAbi, functionName: 'price' });
    const receipt = await developer.write({
      address: client,
      abi: digitReaderAbi,
      functionName: 'ask',
      args: [bytesToHex(pixels)],
      value: (quote * QUOTE_HEADROOM_PERCENT) / 100n,
    });
    const [event] = parseEventLogs({ abi: inferenceOracleAbi, logs: receipt.logs, eventName: 'RequestOpened' });
    return { requestId: event!.args.requestId, gasUsed: receipt.gasUsed };
  }
}

async function deployReader(session: Session, versionId: bigint): Promise<Address> {
  const creationCode = encodeDeployData({
    abi: digitReaderAbi,
    bytecode: digitReaderBytecode,
    args: [session.deployment.addresses.inferenceOracle, versionId],
  });
  return session.actor('developer').deploy(creationCode);
}

/** Waits until somebody has answered each of the requests. */
function awaitAnswers(
  session: Session,
  requestIds: bigint[],
  progress: (text: string) => void = () => {},
): Promise<number> {
  const countAnswered = async () => {
    const statuses = await Promise.all(requestIds.map((id) => statusOf(session, id)));
    const answered = statuses.filter((status) => status !== OPEN).length;
    progress(`Operators are drawn by stake and answer under bond: ${answered} of ${requestIds.length}`);
    return answered;
  };
  return until('all answers', countAnswered, (answered) => answered === requestIds.length);
}

async function statusOf(session: Session, requestId: bigint): Promise<number> {
  const { status } = await session.client.readContract({
    address: session.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    functionName: 'request',
    args: [requestId],
  });
  return status;
}

/** What an operator's stake paid for not answering these requests, in wei. */
async function penaltyOf(session: Session, operator: Address, requestIds: bigint[]): Promise<bigint> {
  const events = await session.client.getContractEvents({
    address: session.deployment.addresses.inferenceOracle,
    abi: inferenceOracleAbi,
    eventName: 'LivenessPenalty',
    args: { operator, requestId: requestIds },
    fromBlock: session.deployment.startBlock,
  });
  return events.reduce((sum, { args }) => sum + args.amount!, 0n);
}

async function compareAnswers(
  session: Session,
  output: Output,
  figures: Figures,
  requestIds: bigint[],
  examples: { pixels: Uint8Array; label: number }[],
): Promise<number> {
  const runDirectly = await createDirectRun(digitsCnn);
  let correct = 0;
  for (const [index, requestId] of requestIds.entries()) {
    const { pixels, label } = examples[index]!;
    const [log] = await session.client.getContractEvents({
      address: session.deployment.addresses.inferenceOracle,
      abi: inferenceOracleAbi,
      eventName: 'OutputAsserted',
      args: { requestId },
      fromBlock: session.deployment.startBlock,
    });
    const { request: told } = await figures.read(REQUEST, { requestId });
    const [first] = told.assertions;
    const hex = figures.check(`answer ${index + 1}`, first?.outputs[0] ?? '', String(log!.args.outputs![0]));
    figures.check('who answered', first?.operator.address ?? '', log!.args.operator!.toLowerCase());
    const answer = hexToBytes(hex as Hex);
    const expected = await runDirectly(pixels);
    if (Buffer.compare(answer, expected) === 0) correct++;
    if (index < SHOWN) {
      const read = digitsCnn.decode(answer).label;
      for (const row of drawDigit(pixels)) output.line(row);
      output.line(`the answer is ${read}; whoever wrote it meant ${label}`);
    }
  }
  output.fact('answers', `${correct} of ${requestIds.length} equal a direct onnxruntime run, byte for byte`);
  return correct;
}

/** Spread evenly over the held-back images, so that every run asks the same and all digits come up. */
function pickExamples(count: number) {
  const all = digitsCnn.heldBack();
  const stride = Math.floor(all.length / count);
  return Array.from({ length: count }, (_, index) => all[index * stride]!);
}
