import { parseUnits } from '@openimo/domain';
import { z } from 'zod';

const ETHER_DECIMALS = 18;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Schemas of the variables that services share. None of their messages quotes a value. */
export const variables = {
  required: () => z.string().min(1),

  /** What a service calls itself in its log. */
  name: (fallback: string) =>
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be letters, digits, dots, dashes')
      .default(fallback),

  rpcUrl: () => z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),

  databaseUrl: () => z.url({ protocol: /^postgres(ql)?$/, message: 'must be a postgres URL' }),

  logLevel: () => z.enum(LOG_LEVELS).default('info'),

  /** 0 takes a free one. */
  port: () => variables.whole(0, 65_535).default(0),

  /** Where a server listens: the loopback interface, unless somebody decides otherwise. */
  host: () =>
    z
      .string()
      .regex(/^[A-Za-z0-9:.-]{1,253}$/, 'must be a host name or an address')
      .default('127.0.0.1'),

  whole: (least: number, most: number) =>
    z
      .string()
      .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
      .transform(Number)
      .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`),

  /** Decimal ETH, exactly, as wei. */
  ether: () =>
    z.string().transform((text, context) => {
      try {
        const amount = parseUnits(text, ETHER_DECIMALS);
        if (amount >= 0n) return amount;
      } catch {
        // Reported below, without the value.
      }
      context.addIssue({ code: 'custom', message: 'must be an amount of ETH such as 1.5' });
      return z.NEVER;
    }),
};
