import { expect, it } from 'vitest';
import type { Figures } from './experiment';
import { resultsTable, summarize } from './results';
import { plainScenes } from './scene/edition';

const figures = (shapes: number, counts: number): Figures => ({
  edition: plainScenes,
  right: {
    shape: { right: shapes, asked: 10 },
    'left-half': { right: 10, asked: 10 },
    count: { right: counts, asked: 20 },
  },
  controls: {
    'without picture': { shape: { right: 3, asked: 10 } },
    'without question': { shape: { right: 2, asked: 10 } },
    'other picture': { shape: { right: 4, asked: 10 } },
  },
  spoken: {
    byKind: { shape: { right: shapes, asked: 10 }, count: { right: 0, asked: 10 } },
    byVoice: { linda: { right: 1, asked: 5 }, klatt: { right: shapes - 1, asked: 15 } },
  },
  parameters: 1000,
  multiplyAdds: 2e6,
  seconds: 60,
});

it('sums several trainings up: shares of all questions of a sort, mean and deviation over seeds', () => {
  const results = summarize([figures(8, 10), figures(6, 12)]);
  expect(results.nonRelational.mean).toBeCloseTo(0.85, 12); // 18 and 16 of 20
  expect(results.nonRelational.sd).toBeCloseTo(Math.SQRT2 * 0.05, 12);
  expect(results.relational.mean).toBeCloseTo(0.55, 12);
  expect(results.byKind.shape.mean).toBeCloseTo(0.7, 12);
  expect(results.spoken!.mean).toBeCloseTo(0.35, 12); // 8 and 6 of 20
  expect(results.spokenByKind!.shape.mean).toBeCloseTo(0.7, 12);
  expect(results.spokenByVoice!.klatt.mean).toBeCloseTo(6 / 15, 12);
  expect(summarize([{ ...figures(8, 10), spoken: undefined }]).spokenByVoice).toBeNull();
  expect(results.controls['other picture']).toEqual({ mean: 0.4, sd: 0 });
  expect(resultsTable({ film: results })).toContain('85.0 ± 7.1 %');
});
