export { digits, type DigitAnswer, type DigitExample } from './digits/digits.js';
export { digitsCnn } from './digits-cnn/digits-cnn.js';
export type { ExampleModel } from './example-model.js';
export { gpt, type TextExample } from './gpt/gpt.js';
