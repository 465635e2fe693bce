import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant, integer, label, nullable } from '../database/columns.js';

/** `failed`: given up after the last attempt. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** One announcement of the outbox on its way to one webhook. */
@Entity({ name: 'webhook_deliveries' })
export class WebhookDeliveryEntity {
  @PrimaryColumn(label('delivery_id'))
  deliveryId: string;

  @Column(label('webhook_id'))
  webhookId: string;

  /** Of the outbox. A webhook gets each once. */
  @Column(label('event_id'))
  eventId: string;

  /** The bytes that are sent, at every attempt the same. */
  @Column(label('body'))
  body: string;

  @Column(label('status'))
  status: DeliveryStatus;

  @Column(integer('attempts'))
  attempts: number;

  @Column(instant('next_attempt_at'))
  nextAttemptAt: Date;

  /** HTTP status of the last attempt that got one. */
  @Column(nullable(integer('response_status')))
  responseStatus: number | null;

  /** Why the last attempt failed. */
  @Column(nullable(label('error')))
  error: string | null;

  @Column(instant('created_at'))
  createdAt: Date;

  @Column(nullable(instant('delivered_at')))
  deliveredAt: Date | null;
}
