import { GraphqlClient } from '../graphql/graphql-client.js';
import type { Session } from '../session/session.js';
import { eth } from '../ui/format.js';
import type { Shutdown } from '../stack/shutdown.js';
import type { Output } from '../ui/output.js';
import { ask } from './ask.chapter.js';
import { earn } from './earn.chapter.js';
import { Figures } from './figures.js';
import { offer } from './offer.chapter.js';
import { publish, type PublishedPair } from './publish.chapter.js';
import { FEES } from './queries.js';
import { type Reconciliation, reconcile } from './reconcile.js';

/**
 * The whole story on real digit images: publish, offer, sell, ask, answer, pay, stream, claim, redeem; then the books.
 * What it prints comes through GraphQL, each figure held against the chain; the books at the end come from the chain's balances.
 * @returns whether the books close, and GraphQL says the same
 */
export async function runDemo(session: Session, output: Output, shutdown: Shutdown): Promise<boolean> {
  const startedAt = Date.now();
  const figures = new Figures(new GraphqlClient(session.record.api.graphql), session.client);
  const families = await publish(session, output, figures);
  const sold = await offer(session, output, figures, families);
  const answered = await ask(session, output, figures, shutdown, families);
  const earned = await earn(session, output, figures, families, sold, answered);

  output.heading('6  The books, from the chain');
  const books = await reconcile(session, families, sold, answered);
  await compareBooks(figures, families, books);
  for (const [who, amount] of Object.entries({ fees: books.fees, ...books.paid })) output.fact(who, eth(amount));
  for (const { what, expected, actual } of books.checks) {
    output.fact(
      expected === actual ? 'equal' : 'DIFFERENT',
      `${what}: ${eth(actual)}${expected === actual ? '' : ` instead of ${eth(expected)}`}`,
    );
  }
  for (const { what, told, actual } of figures.differences) {
    output.fact('DIFFERENT', `${what}: GraphQL tells ${told}, the chain ${actual}`);
  }
  if (figures.differences.length === 0) output.fact('equal', `${figures.count} figures of GraphQL and of the chain`);
  const closed = books.dust === 0n && books.checks.every(({ expected, actual }) => expected === actual);
  const reconciled = closed && figures.differences.length === 0;
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  output.line();
  output.line(
    `${reconciled ? 'Every wei is accounted for.' : closed ? 'GraphQL tells it otherwise than the chain.' : 'The books do not close.'} The story took ${seconds} s.`,
  );

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

/** Fees and their split, as GraphQL adds them up by day. */
async function compareBooks(
  figures: Figures,
  { served }: PublishedPair,
  { fees, paid }: Reconciliation,
): Promise<void> {
  const { feeSeries } = (await figures.read(FEES, { familyId: served.familyId })).family;
  const total = (name: keyof (typeof feeSeries)[number]) => feeSeries.reduce((sum, point) => sum + point[name], 0n);
  figures.check('fees', total('amount'), fees);
  figures.check("the operators' part", total('operatorAmount'), paid.operators);
  figures.check("the publisher's part", total('publisherAmount'), paid.publisher);
  figures.check("the lineage's part", total('lineageAmount'), paid.lineage);
  figures.check("the protocol's part", total('protocolAmount'), paid.protocol);
  figures.check("the holders' part", total('holdersAmount'), paid.holders);
}
