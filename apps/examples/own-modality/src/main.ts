import { PolymodalError, RandomKey, useBackend } from '@polymodal/core';
import { loadModel } from '@polymodal/core/node';
import type { Classification } from '@polymodal/heads';
import { interruptSignal, type SubsetFigures, train } from '@polymodal/trainer';
import { gestureModel, registry } from './gesture-model.js';
import { type GestureSample, gestureSamples } from './gestures/gesture-samples.js';
import { gestures } from './gestures/motion.js';

const directory = 'runs/own-modality';

/** Simulates gestures, trains on them, and asks the saved model with each modality missing. */
async function main(): Promise<void> {
  console.log(`Backend: ${await useBackend()}`);
  console.log('The gestures are simulated: motions in the room, as a sensor in a walking hand would measure them.');
  const key = RandomKey.from(1);
  const test = gestureSamples(800, key.fold('test'));
  const result = await train(gestureModel(), {
    data: gestureSamples(2048, key.fold('train')),
    evaluate: test,
    epochs: 8,
    learningRate: 3e-3,
    modalityDropout: 0.3,
    directory,
    resume: false,
    signal: interruptSignal(),
  });
  if (!result.subsets) return; // interrupted
  showAccuracies(result.subsets);
  await showAnswers(test);
  console.log(`\nReport: ${directory}/report.html`);
}

function showAccuracies(subsets: SubsetFigures): void {
  console.log(`\nAccuracy on test gestures (chance ${percent(1 / gestures.length)}), with 95 % intervals`);
  for (const [subset, { gesture }] of Object.entries(subsets)) {
    const { low, high } = gesture.intervals.accuracy;
    console.log(`  ${subset.padEnd(12)} ${percent(gesture.metrics.accuracy)}   (${percent(low)} to ${percent(high)})`);
  }
}

/** Some test gestures, first whole, then without the one or the other modality, in one call. */
async function showAnswers(test: readonly GestureSample[]): Promise<void> {
  const model = await loadModel(registry, `${directory}/model`);
  const shown = test.slice(0, 4);
  const answers = await model.predict(shown.flatMap(({ motion, word }) => [{ motion, word }, { motion }, { word }]));
  const labels = answers.map(({ gesture }) => {
    const { label, probability } = gesture as Classification;
    return `${label} ${percent(probability)}`;
  });
  console.log('\nThe saved model, loaded again, on the first of them');
  shown.forEach(({ word, targets }, index) => {
    const [both, motion, text] = labels.slice(3 * index);
    console.log(`  ${targets.gesture}, called "${word}": ${both} from both, ${motion} from motion, ${text} from text`);
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

try {
  await main();
} catch (error) {
  if (!PolymodalError.isInstance(error)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
