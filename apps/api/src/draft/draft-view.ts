import { textContextOf } from '@openimo/domain';
import type { ModelReport as Report } from '@openimo/inference';
import type { Hex } from '@openimo/domain';
import type { Draft as DraftRow, DraftRefusal } from '@openimo/persistence';
import { Draft, type ModelReport } from './draft.types.js';

/** What is kept of a check. */
export interface CheckReport extends Report {
  /** Null: the file is outside of the bit-exact profile; `profileRefusal` says where. */
  readonly modelRoot: Hex | null;
  readonly profileRefusal: DraftRefusal | null;
}

/** A stored draft as GraphQL shows it. */
export function toDraft(row: DraftRow): Draft {
  return Object.assign(new Draft(), row, {
    prices: row.prices.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) })),
    fileSize: row.fileSize === null ? null : BigInt(row.fileSize),
    report: row.checkReport === null ? null : toReport(row.checkReport as unknown as CheckReport),
    refusal: row.checkRefusal,
  });
}

function toReport({ testRun, operators, parameterCount, ...report }: CheckReport): ModelReport {
  return {
    ...report,
    // Checks from before there were roots have neither.
    modelRoot: report.modelRoot ?? null,
    profileRefusal: report.profileRefusal ?? null,
    inputs: report.inputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    outputs: report.outputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    textContext: textContextOf(report) ?? null,
    parameterCount: BigInt(parameterCount),
    operators: Object.entries(operators).map(([name, count]) => ({ name, count })),
    runMs: testRun.runMs,
    peakMemoryBytes: BigInt(testRun.peakRssBytes),
  };
}
