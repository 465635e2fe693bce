import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { SafeFetch } from '@openimo/outbound';
import { WebhookDeliveryRepository, WebhookRepository } from '@openimo/persistence';
import type { Logger, Shutdown } from '@openimo/service';
import type { ApiConfig } from '../config/config.js';
import { OutboundModule, SAFE_FETCH } from '../platform/outbound.module.js';
import { repository } from '../platform/repository.js';
import { CONFIG, LOG, SHUTDOWN } from '../platform/tokens.js';
import { WebhookResolver } from './webhook.resolver.js';
import { WebhookSender } from './webhook.sender.js';
import { WebhookService } from './webhook.service.js';

@Module({
  imports: [OutboundModule],
  providers: [
    repository(WebhookRepository),
    repository(WebhookDeliveryRepository),
    {
      provide: WebhookSender,
      inject: [WebhookDeliveryRepository, SAFE_FETCH, LOG, CONFIG],
      useFactory: (
        deliveries: WebhookDeliveryRepository,
        fetchSafely: SafeFetch,
        log: Logger,
        { webhookPollMs }: ApiConfig,
      ) => new WebhookSender(deliveries, fetchSafely, log, { pollMs: webhookPollMs }),
    },
    WebhookService,
    WebhookResolver,
  ],
})
export class WebhookModule implements OnApplicationBootstrap {
  constructor(
    private readonly sender: WebhookSender,
    @Inject(SHUTDOWN) private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    const running = this.sender.run(this.shutdown.signal);
    this.shutdown.add('webhooks', () => running);
  }
}
