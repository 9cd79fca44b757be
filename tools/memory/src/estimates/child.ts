// A process that estimates what a training takes, or trains: tsx child.ts estimate|train <name of a training>
import { useBackend } from '@polymodal/core';
import { estimateMemory, train } from '@polymodal/trainer';
import { dataOf, modelOf, trainings } from './trainings';

const [task, name] = process.argv.slice(2);
await useBackend('onnx');
const options = { ...trainings[name!]!.options, ...dataOf(name!), progress: false } as const;
const model = modelOf(name!);
if (task === 'estimate') console.log((await estimateMemory(model, options)).peak);
else {
  await train(model, options);
  console.log(process.resourceUsage().maxRSS * 1024); // VmHWM
}
