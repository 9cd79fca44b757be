import { expect, it } from 'vitest';
import type { MethodResults } from '../results';
import { efficientMethods } from './efficient-methods';

const method = (multiplyAdds: number, mean: number, sd: number) =>
  ({ accuracy: { mean, sd }, cost: { multiplyAdds } }) as MethodResults;

it('efficientMethods has those that beat every cheaper one beyond both deviations', () => {
  const methods = {
    linear: method(1, 0.6, 0.02),
    mean: method(2, 0.63, 0.02), // 0.61 does not exceed 0.62
    film: method(3, 0.7, 0.01), // 0.69 exceeds 0.62 and 0.65
    early: method(9, 0.72, 0.03), // 0.69 does not exceed 0.71
    hierarchical: method(10, 0.8, 0.01),
  };
  expect(efficientMethods(methods)).toEqual(['linear', 'film', 'hierarchical']);
});
