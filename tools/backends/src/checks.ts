import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newerNode } from './newer-node';
import type { Report } from './program';
import { runProgram } from './run-program';
import { scratchFolders } from './scratch-folders';
import { noVulkan, softwareVulkan } from './vulkan';

/** A sentence that is true of useBackend with real packages. */
export interface Check {
  readonly name: string;
  /** Says what was seen; throws where the sentence is false. */
  run(): Promise<string>;
}

/** Something that this machine lacks. */
export class NotHere extends Error {}

const { plain, tfjsNode } = scratchFolders;

export const checks: readonly Check[] = [
  {
    name: 'WebAssembly trains as plain JavaScript does',
    run: async () => sameLosses(await runProgram(plain, 'wasm')),
  },
  {
    name: 'WebGPU is passed over without a graphics driver',
    async run() {
      if (process.platform !== 'linux') throw new NotHere('only Linux can be told to see no driver');
      return passedOver(await runProgram(plain, 'best', { variables: noVulkan }), 'finds no graphics adapter');
    },
  },
  {
    name: 'WebGPU is passed over with a software driver',
    run: async () => passedOver(await runProgram(plain, 'best', { variables: software() }), 'only a software adapter'),
  },
  {
    name: 'WebGPU, asked for by name, trains on a software driver as plain JavaScript does',
    run: async () => sameLosses(await runProgram(plain, 'webgpu', { variables: software() })),
  },
  {
    name: 'WebGPU trains on the graphics card as plain JavaScript does',
    async run() {
      const report = await runProgram(plain, 'best');
      if (report.name !== 'webgpu') throw new NotHere(reasonAgainstWebGpu(report));
      return sameLosses(report);
    },
  },
  {
    name: 'tfjs-node trains as plain JavaScript does',
    run: async () => sameLosses(await runTfjsNode(process.execPath)),
  },
  {
    name: 'tfjs-node trains on Node 23 or newer',
    run: async () => sameLosses(await runTfjsNode(newerNode())),
  },
];

/** Backends round differently; eight steps of Adam on this model keep the losses within this of each other. */
const tolerance = 1e-3;

async function sameLosses({ name, description, losses, node }: Report): Promise<string> {
  const { losses: expected } = await runProgram(plain, 'cpu');
  const difference = Math.max(...losses.map((loss, step) => Math.abs(loss - expected[step]!)));
  // Written so that NaN fails.
  if (!(losses.length === expected.length && difference <= tolerance)) {
    throw new Error(`on ${name} (${description}) the losses are ${losses}, in plain JavaScript ${expected}`);
  }
  if (!(losses.at(-1)! < losses[0]!)) throw new Error(`the loss does not fall: ${losses}`);
  return `${description}, Node ${node}; losses differ by ${difference.toExponential(1)} at most`;
}

function passedOver(report: Report, because: string): string {
  const reason = reasonAgainstWebGpu(report);
  if (!reason.includes(because)) throw new Error(`the reason is another one: ${reason}`);
  if (report.name !== 'wasm') throw new Error(`${report.name} was taken, not wasm`);
  return reason;
}

function reasonAgainstWebGpu({ name, passedOver }: Report): string {
  return passedOver.find((refused) => refused.name === 'webgpu')?.reason ?? `${name} was taken before it`;
}

function software(): Readonly<Record<string, string>> {
  const variables = softwareVulkan();
  if (variables !== null) return variables;
  throw new NotHere('no software Vulkan here; Debian has it in chromium, or libvulkan1 with mesa-vulkan-drivers');
}

async function runTfjsNode(node: string): Promise<Report> {
  if (!existsSync(join(tfjsNode, 'node_modules', '@tensorflow', 'tfjs-node', 'lib'))) {
    throw new NotHere('not built here; node tools/tfjs-node/build.mjs does that');
  }
  const report = await runProgram(tfjsNode, 'best', { node });
  if (report.name !== 'node') throw new Error(`${report.name} was taken, not node`);
  return report;
}
