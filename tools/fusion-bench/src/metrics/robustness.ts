/** Accuracy at each strength of noise, from 0 on, in ascending order. */
export type NoiseCurve = readonly (readonly [sigma: number, accuracy: number])[];

/**
 * Relative robustness (MultiBench, Liang et al. 2021, section 3.3): the area under the curve of accuracy over imperfection. With σ from 0
 * to 1 it is the mean accuracy, 1 for answers that are always right. MultiBench scales it to [0, 1] over the methods of a comparison in the end;
 * here it stays as it is, so that it does not depend on who else takes part.
 */
export function relativeRobustness(curve: NoiseCurve): number {
  return area(curve);
}

/**
 * Effective robustness (there): how much better a method keeps up than late fusion, once both begin at the same accuracy,
 * as the area between f(σ) and β(σ) = LF(σ) + f(0) − LF(0). Positive is more robust than accuracy without noise lets expect; that of
 * late fusion itself is 0. (MultiBench's code sums over equal steps of σ instead, and scales as above.)
 *
 * @param lateFusion the curve of late fusion by concatenation, at the same σ
 */
export function effectiveRobustness(curve: NoiseCurve, lateFusion: NoiseCurve): number {
  const lead = curve[0][1] - lateFusion[0][1];
  return area(curve.map(([sigma, accuracy], index) => [sigma, accuracy - (lateFusion[index][1] + lead)]));
}

/** By trapezoids. */
function area(curve: NoiseCurve): number {
  return curve.slice(1).reduce((sum, [sigma, value], index) => {
    const [before, valueBefore] = curve[index];
    return sum + ((sigma - before) * (value + valueBefore)) / 2;
  }, 0);
}
