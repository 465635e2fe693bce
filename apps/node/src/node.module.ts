import { type DynamicModule, Module } from '@nestjs/common';
import { AuditFollower } from './audit/audit.follower.js';
import { AuditModule } from './audit/audit.module.js';
import { AuditWorker } from './audit/audit.worker.js';
import { DisputeFollower } from './dispute/dispute.follower.js';
import { DisputeModule } from './dispute/dispute.module.js';
import { DisputeWorker } from './dispute/dispute.worker.js';
import { EnrolmentModule } from './enrolment/enrolment.module.js';
import { HealthModule } from './health/health.module.js';
import { OperatorNode } from './operator-node.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';
import { CONFIG, JOBS, LOG, MODEL_RUNNER, SHUTDOWN } from './platform/tokens.js';
import { EnrolmentService } from './enrolment/enrolment.service.js';
import { Monitor } from './health/monitor.js';
import { Vitals } from '@openimo/service';
import { Protocol } from './protocol/protocol.js';
import { RequestFollower } from './request/request.follower.js';
import { RequestModule } from './request/request.module.js';
import { RequestWorker } from './request/request.worker.js';
import { RevenueCollector } from './revenue/revenue.collector.js';
import { RevenueModule } from './revenue/revenue.module.js';
import { SelfTest } from './self-test/self-test.js';
import { SelfTestModule } from './self-test/self-test.module.js';
import { WatchedAnswerRepository } from '@openimo/persistence';
import { WatchFollower } from './watch/watch.follower.js';
import { WatchModule } from './watch/watch.module.js';
import { Watcher } from './watch/watcher.js';

@Module({})
export class NodeModule {
  static of(options: PlatformOptions): DynamicModule {
    return {
      module: NodeModule,
      imports: [
        PlatformModule.of(options),
        SelfTestModule,
        EnrolmentModule,
        RequestModule,
        DisputeModule,
        AuditModule,
        RevenueModule,
        WatchModule,
        HealthModule,
      ],
      providers: [
        {
          provide: OperatorNode,
          inject: [
            CONFIG,
            SHUTDOWN,
            Protocol,
            JOBS,
            MODEL_RUNNER,
            SelfTest,
            EnrolmentService,
            RequestFollower,
            RequestWorker,
            DisputeFollower,
            DisputeWorker,
            AuditFollower,
            AuditWorker,
            RevenueCollector,
            WatchFollower,
            Watcher,
            WatchedAnswerRepository,
            Monitor,
            Vitals,
            LOG,
          ],
          useFactory: (...parts: ConstructorParameters<typeof OperatorNode>) => new OperatorNode(...parts),
        },
      ],
    };
  }
}
