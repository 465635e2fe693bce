import { readFileSync } from 'node:fs';
import { gpt } from '@openimo/models';
import { describeTextDisputes } from './testing/text-disputes.js';

/** Wide enough that a dispute about it takes every kind of move. */
const WIDE_STEP = 100;

describe('Of a text of a GPT of a million weights', () =>
  describeTextDisputes({
    file: readFileSync(gpt.modelPath),
    ...{ prompt: 'function transfer(', mostNewBytes: 4, step: 2, wrongNode: WIDE_STEP, clock: 300 },
  }));
