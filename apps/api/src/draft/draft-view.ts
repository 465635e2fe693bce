import type { ModelReport as Report } from '@openimo/inference';
import type { Draft as DraftRow } from '@openimo/persistence';
import { Draft, type ModelReport } from './draft.types.js';

/** A stored draft as GraphQL shows it. */
export function toDraft(row: DraftRow): Draft {
  return Object.assign(new Draft(), row, {
    prices: row.prices.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) })),
    fileSize: row.fileSize === null ? null : BigInt(row.fileSize),
    report: row.checkReport === null ? null : toReport(row.checkReport as unknown as Report),
    refusal: row.checkRefusal,
  });
}

function toReport({ testRun, operators, parameterCount, ...report }: Report): ModelReport {
  return {
    ...report,
    inputs: report.inputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    outputs: report.outputs.map((spec) => ({ ...spec, shape: [...spec.shape] })),
    parameterCount: BigInt(parameterCount),
    operators: Object.entries(operators).map(([name, count]) => ({ name, count })),
    runMs: testRun.runMs,
    peakMemoryBytes: BigInt(testRun.peakRssBytes),
  };
}
