export { FAULTS, LyingNode, type Fault } from './lying-node.js';
export { seeded } from './random.js';
export { ServiceProcess, type LogLine, type ServiceProcessOptions } from './service-process.js';
export { expectSoundOutbox } from './sound-outbox.js';
export { Story, type Sale } from './story.js';
export { dumpTables } from './tables.js';
export { TestChain, type Person } from './test-chain.js';
export { StrayOperator, type StrayHome, type StrayVersion } from './stray-operator.js';
