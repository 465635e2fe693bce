export { digits, type DigitAnswer, type DigitExample } from './digits/digits.js';
export type { ExampleModel } from './example-model.js';
