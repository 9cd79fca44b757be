// Writes exported models, with what they should compute, into a folder: node tools/run.mjs tools/parity/export-onnx.ts <folder>
import { mkdirSync } from 'node:fs';
import { fusions } from '../../apps/examples/digits/src/digits-model';
import { exportedDigits } from '../../apps/examples/digits/src/testing/exported-digits';
import {
  attention,
  convolutionalNetwork,
  multiLayerPerceptron,
} from '../../packages/backend-onnx/src/testing/exported-models';
import { useOnnx } from '../../packages/backend-onnx/src/testing/use-onnx';
import { writeExportCase } from '../../packages/backend-onnx/src/testing/write-export-case';

const folder = process.argv[2] ?? 'exported';
mkdirSync(folder, { recursive: true });
await useOnnx();
const cases = { multiLayerPerceptron, convolutionalNetwork, attention };
for (const [name, make] of Object.entries(cases)) await writeExportCase(folder, name, make());
for (const fusion of fusions) await writeExportCase(folder, `digits-${fusion}`, await exportedDigits(fusion));
const external = { ...multiLayerPerceptron(), options: { externalDataThreshold: 100 } };
await writeExportCase(folder, 'externalData', external);
