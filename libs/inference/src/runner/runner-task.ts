import { textContextOf, type ModelDescription } from '@openimo/domain';
import { END_OF_TEXT } from '@openimo/donnx/text';
import type { RunTask } from '../child/run-child.js';
import { notATextModel, promptTooLong, wrongInputLength, type RunnerError } from './runner-errors.js';

/** Why a model cannot be asked for this at all. */
export function refusalOfTask(task: RunTask, description: ModelDescription): RunnerError | undefined {
  if (task.type === 'run') {
    const { inputBytes } = description;
    return task.input.length === inputBytes ? undefined : wrongInputLength(inputBytes, task.input.length);
  }
  const context = textContextOf(description);
  if (context === undefined) return notATextModel();
  return task.prompt.length > context ? promptTooLong(context, task.prompt.length) : undefined;
}

/** Whether these bytes can come from the model at all: nothing else about what a process says is taken on trust. */
export function canAnswer(output: Uint8Array, task: RunTask, { inputBytes, outputBytes }: ModelDescription): boolean {
  if (task.type === 'run') return output.length === outputBytes;
  const room = Math.min(task.mostNewBytes, inputBytes - task.prompt.length);
  return output.length <= room && !output.includes(END_OF_TEXT);
}
