import { readFileSync } from 'node:fs';
import { DomainError } from '@openimo/domain';
import type { z } from 'zod';

export type ConfigErrorCode = 'ConfigInvalid';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what `schema` names from the environment. Every variable may also be given as `<NAME>_FILE`, the path of a file that
 * holds it; an empty variable counts as unset. An error lists the keys that are wrong and never a value.
 *
 * @param what completes "The environment does not configure ...", such as `an indexer`
 * @throws DomainError `ConfigInvalid`, with `data.problems`
 * @example
 * const env = readEnvironment('an indexer', z.object({ OPENIMO_RPC_URL: variables.rpcUrl() }), process.env);
 */
export function readEnvironment<S extends z.ZodObject>(what: string, schema: S, env: Environment): z.output<S> {
  const problems: string[] = [];
  const values = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, readVariable(env, key, problems)]));
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return parsed.data;

  for (const issue of parsed.error?.issues ?? []) problems.push(`${issue.path.join('.')} ${describe(issue)}`);
  throw new DomainError<ConfigErrorCode>(
    'ConfigInvalid',
    `The environment does not configure ${what}:\n${[...new Set(problems)].map((line) => `  ${line}`).join('\n')}`,
    { data: { problems } },
  );
}

function readVariable(env: Environment, key: string, problems: string[]): string | undefined {
  const value = env[key] || undefined;
  const path = env[`${key}_FILE`] || undefined;
  if (path === undefined) return value;
  if (value !== undefined) {
    problems.push(`${key} and ${key}_FILE are both set; keep one`);
    return value;
  }
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${key}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
    return undefined;
  }
}

/** zod's own messages can quote what was received; ours do not. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'is not set';
    case 'too_small':
      return 'is too short';
    case 'too_big':
      return 'is too long';
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return issue.message;
  }
}
