import type { HeadCase } from '../cases/head-case';
import { predictRows } from '../compare/predict-rows';
import { ConformanceError } from '../conformance-error';

/** `evaluate`, where the head has it, gives finite numbers, the same for the same pairs in another order. */
export async function metricsAreFinite(subject: HeadCase): Promise<void> {
  const built = subject.build();
  try {
    if (!built.module.evaluate) return;
    const predictions = await predictRows(subject, built, subject.samples);
    const targets = subject.samples.map(({ targets }) => targets[subject.headName]);
    const metrics = built.module.evaluate(predictions, targets);
    const reversed = built.module.evaluate([...predictions].reverse(), [...targets].reverse());
    for (const [name, value] of Object.entries(metrics)) {
      const where = `${subject.name}, metric ${name}`;
      if (!Number.isFinite(value)) {
        throw new ConformanceError({ where, expected: 'a finite number', received: String(value) });
      }
      if (Math.abs(value - reversed[name]) <= subject.tolerance * Math.max(1, Math.abs(value))) continue;
      throw new ConformanceError({
        where: `${where} of reversed rows`,
        expected: `${value}`,
        received: `${reversed[name]}`,
      });
    }
  } finally {
    built.dispose();
  }
}
