import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { NestLog, runService } from '@openimo/service';
import { readConfig } from './config/config.js';
import { NodeModule } from './node.module.js';
import { OperatorNode } from './operator-node.js';

await runService({
  what: 'the node',
  readConfig: () => readConfig(process.env),
  run: async ({ config, log, shutdown }) => {
    const context = await NestFactory.createApplicationContext(NodeModule.of({ config, log, shutdown }), {
      logger: new NestLog(log),
      abortOnError: false,
    });
    shutdown.add('application context', () => context.close());
    await context.get(OperatorNode).run();
  },
});
