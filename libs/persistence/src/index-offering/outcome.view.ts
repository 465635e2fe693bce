import { ViewColumn, ViewEntity } from 'typeorm';
import type { Address } from '@openimo/domain';
import { hexText, uint256 } from '../database/columns.js';

/**
 * `IFixedPriceOffering.outcomeOf` for every buyer: final after settlement; before it what settling now would give, where the
 * clock does not decide otherwise and no level is needed (then zero).
 */
@ViewEntity({ name: 'outcomes', synchronize: false, expression: '' })
export class OutcomeView {
  @ViewColumn(hexText('offering'))
  offering: Address;

  @ViewColumn(hexText('buyer'))
  buyer: Address;

  @ViewColumn(uint256('committed'))
  committed: bigint;

  @ViewColumn(uint256('accepted'))
  accepted: bigint;

  /** Owed or paid. */
  @ViewColumn(uint256('refund'))
  refund: bigint;

  @ViewColumn(uint256('tokens'))
  tokens: bigint;
}
