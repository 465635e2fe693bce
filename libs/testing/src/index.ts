export { Story, type Sale } from './story.js';
export { TestChain, type Person } from './test-chain.js';
