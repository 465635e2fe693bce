import { inferenceOracleAbi, promptAbi } from '@openimo/contracts';
import { toHex } from '@openimo/donnx';
import type { Session } from '../../session/session.js';
import { until } from '../../session/until.js';
import { short } from '../../ui/format.js';
import type { Output } from '../../ui/output.js';
import type { DisputeDemoOptions } from './dispute-demo.js';
import { quoted, type Told } from './lie.chapter.js';
import { passSeconds } from './stage.js';

/** The request is open again: somebody honest answers, nobody disputes it, and the client gets the right text. */
export async function recover(
  session: Session,
  output: Output,
  { requestId, client, writer, cheat, wakeOthers }: Told,
  { prompt, isOwnStack }: DisputeDemoOptions,
): Promise<boolean> {
  output.heading('4  The right text');
  const { exclusiveWindow, safeWindow } = session.deployment.parameters.oracle;
  wakeOthers();
  output.line('The honest operators run again.');
  if (isOwnStack) await passSeconds(session, exclusiveWindow + 1);
  const [answered] = await output.step(
    'Another operator answers',
    () =>
      until(
        'another answer',
        async () => {
          const events = await session.client.getContractEvents({
            address: session.deployment.addresses.inferenceOracle,
            abi: inferenceOracleAbi,
            eventName: 'OutputAsserted',
            args: { requestId },
            fromBlock: session.deployment.startBlock,
          });
          return events.slice(1);
        },
        (later) => later.length > 0,
      ),
    ([later]) => `Operator ${short(later!.args.operator!)} answers`,
  );
  const isRight = answered!.args.outputs![0] === toHex(cheat.right);
  output.fact('which is', isRight ? 'what the model writes' : 'WRONG AGAIN');
  if (isOwnStack) await passSeconds(session, safeWindow + 1);
  const text = await output.step(
    'Its window passes; the client is called',
    () =>
      until(
        'the callback',
        () =>
          session.client.readContract({
            address: client,
            abi: promptAbi,
            functionName: 'getAIResult',
            args: [writer.versionId, prompt],
          }),
        (stored) => stored !== '',
        { timeoutMs: (safeWindow + 60) * 1_000 },
      ),
    () => 'Its window passes without a dispute, and the client is called back',
  );
  output.fact('the client has', quoted(new TextEncoder().encode(text)));
  return isRight && text === new TextDecoder().decode(cheat.right);
}
