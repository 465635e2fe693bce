/** Generation alone, for processes that load nothing else of this library. */
export { generateText, type GenerateOptions, type TextModel } from './generate-text.js';
export { END_OF_TEXT, stepInput } from './step-input.js';
