import { alphabetModel } from '@openimo/inference/testing';
import { describeTextDisputes } from './testing/text-disputes.js';

describe('Of a text of a small model', () =>
  describeTextDisputes({
    file: alphabetModel({ context: 16, last: 'y' }),
    ...{ prompt: 'abc', mostNewBytes: 6, step: 3, clock: 300 },
  }));
