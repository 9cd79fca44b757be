import type { Results } from './results';

/** The figures that are looked at first, for the last line of the output. */
export function shortResults({ bench, budget, machine, seconds, coreShare, tasks, controls }: Results): object {
  const methods = (own: Results['tasks'][string]) =>
    Object.entries(own).map(([name, { accuracy, missing, noise, cost }]) => [
      name,
      {
        accuracy: round(accuracy.mean),
        sd: round(accuracy.sd),
        missing: missing && round(missing.mean),
        relativeRobustness: round(noise.all.relative.mean),
        effectiveRobustness: round(noise.all.effective.mean),
        parameters: cost.parameters.model,
        multiplyAdds: cost.multiplyAdds,
        msInBatch: round(cost.msInBatch),
      },
    ]);
  const ofControls = Object.entries(controls.methods).map(([name, own]) => [
    name,
    Object.fromEntries(
      Object.entries(own).map(([control, subsets]) => [control, round(Object.values(subsets).at(-1)!.mean)]),
    ),
  ]);
  return {
    bench,
    budget,
    machine,
    seconds: Math.round(seconds),
    coreShare: round(coreShare),
    tasks: Object.fromEntries(Object.entries(tasks).map(([task, own]) => [task, Object.fromEntries(methods(own))])),
    controls: Object.fromEntries(ofControls),
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
