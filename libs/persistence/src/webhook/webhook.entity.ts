import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Address } from '@openimo/domain';
import { flag, hexText, instant, integer, json, label } from '../database/columns.js';

/** Where a publisher wants to be told what happens to its families. */
@Entity({ name: 'webhooks' })
export class WebhookEntity {
  @PrimaryColumn(label('webhook_id'))
  webhookId: string;

  @Column(hexText('account'))
  account: Address;

  @Column(label('url'))
  url: string;

  /** Names of Solidity events, e.g. `Committed`. */
  @Column(json('events'))
  events: string[];

  /** Signs deliveries, so it cannot be a hash. Whoever reads it can pretend to be us to this one receiver, no more. */
  @Column(label('secret'))
  secret: string;

  /** Not when its owner or too many failures have turned it off. */
  @Column(flag('active'))
  active: boolean;

  /** Failed deliveries, given up for good, since one last went through. */
  @Column(integer('failure_count'))
  failureCount: number;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(instant('updated_at'))
  updatedAt: Date;
}
