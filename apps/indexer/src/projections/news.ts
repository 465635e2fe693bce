import type { Address } from '@openimo/domain';
import type { News } from '@openimo/persistence';
import type { ContractKind } from '../events/contracts.js';

type About = Pick<News, 'subject' | 'subjectId' | 'account'>;

/** Whom an event concerns: the first of these arguments it has. */
const ACCOUNTS = [
  'account',
  'buyer',
  'beneficiary',
  'operator',
  'publisher',
  'to',
  'client',
  'from',
  'challenger',
  'auditor',
] as const;

/** What an announced event is about, for consumers that care about one thing only. */
export function newsOf(kind: ContractKind, address: Address, args: Readonly<Record<string, unknown>>): About {
  const name = ACCOUNTS.find((key) => typeof args[key] === 'string');
  const account = name === undefined ? null : (args[name] as Address);
  const about = (subject: string, id: unknown): About => ({ subject, subjectId: String(id), account });
  switch (kind) {
    case 'registry':
      return args['versionId'] === undefined ? about('family', args['familyId']) : about('version', args['versionId']);
    case 'factory':
      return about('family', args['familyId']);
    case 'router':
      return args['familyId'] === undefined ? about('account', account) : about('family', args['familyId']);
    case 'oracle':
      return args['requestId'] === undefined ? about('account', account) : about('request', args['requestId']);
    case 'disputes':
      if (args['disputeId'] !== undefined) return about('dispute', args['disputeId']);
      return args['requestId'] === undefined ? about('account', account) : about('request', args['requestId']);
    case 'audits':
      return args['auditId'] === undefined ? about('account', account) : about('audit', args['auditId']);
    case 'operators':
      return about('operator', args['operator']);
    default:
      return about(kind, address);
  }
}
