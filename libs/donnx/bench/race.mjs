import { InferenceSession, Tensor } from 'onnxruntime-node';
import * as donnx from '../dist/index.js';

export const open = (file, threads = 1) =>
  InferenceSession.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1, logSeverityLevel: 4 });

/** Lowers a float graph, calibrated on feeds of onnxruntime tensors. */
export async function calibrateAndLower(graph, feeds, encodings = {}) {
  const session = await open(donnx.observableModel(graph).file);
  const observations = new Map();
  for (const feed of feeds) {
    for (const [name, { type, dims, data }] of Object.entries(await session.run(feed))) {
      if (type === 'float32') donnx.observe(observations, name, dims, data);
    }
  }
  return donnx.lowerFloatModel({ graph, observations, encodings });
}

/**
 * Median milliseconds of a run of each, the two taking turns run by run, so that a busy machine is as busy for both; the
 * ratio is the median of the pairs' ratios. Ends after as many pairs as asked or, past the first hundred, after ten seconds.
 */
export async function race(contestants, { pairs = 2_000 } = {}) {
  const times = contestants.map(() => []);
  for (const { session, feed } of contestants) for (let run = 0; run < 20; run++) await session.run(feed);
  const end = performance.now() + 10_000;
  for (let pair = 0; pair < pairs && (pair < 100 || performance.now() < end); pair++) {
    for (const [at, { session, feed }] of contestants.entries()) {
      const start = performance.now();
      await session.run(feed);
      times[at].push(performance.now() - start);
    }
  }
  const ratios = times[0].map((float, pair) => times[1][pair] / float);
  return { floatMs: median(times[0]), donnxMs: median(times[1]), ratio: median(ratios) };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

export const tensorOf = (type, data, dims) => new Tensor(type, data, dims);
