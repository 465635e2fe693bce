import type { Session } from '../session/session.js';
import { eth } from '../ui/format.js';
import type { Shutdown } from '../stack/shutdown.js';
import type { Output } from '../ui/output.js';
import { ask } from './ask.chapter.js';
import { earn } from './earn.chapter.js';
import { offer } from './offer.chapter.js';
import { publish } from './publish.chapter.js';
import { reconcile } from './reconcile.js';

/**
 * The whole story on real digit images: publish, offer, sell, ask, answer, pay, stream, claim, redeem; then the books.
 * @returns whether the books close
 */
export async function runDemo(session: Session, output: Output, shutdown: Shutdown): Promise<boolean> {
  const startedAt = Date.now();
  const families = await publish(session, output);
  const sold = await offer(session, output, families);
  const answered = await ask(session, output, shutdown, families);
  const earned = await earn(session, output, families, sold, answered);

  output.heading('6  The books, from the chain');
  const books = await reconcile(session, families, sold, answered);
  for (const [who, amount] of Object.entries({ fees: books.fees, ...books.paid })) output.fact(who, eth(amount));
  for (const { what, expected, actual } of books.checks) {
    output.fact(
      expected === actual ? 'equal' : 'DIFFERENT',
      `${what}: ${eth(actual)}${expected === actual ? '' : ` instead of ${eth(expected)}`}`,
    );
  }
  const reconciled = books.dust === 0n && books.checks.every(({ expected, actual }) => expected === actual);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  output.line();
  output.line(`${reconciled ? 'Every wei is accounted for.' : 'The books do not close.'} The story took ${seconds} s.`);

  if (output.json) {
    output.result({
      fees: books.fees,
      paid: books.paid,
      dust: books.dust,
      answers: { total: answered.total, correct: answered.correct },
      claimed: earned.claimed + earned.redeemed,
      refunded: sold.refunded + earned.refunded,
      reconciled,
      seconds,
    });
  }
  return reconciled && answered.correct === answered.total;
}
