export { runCommand } from './command/run-command';
export { runProcess } from './command/run-process';
export type { Output, Surroundings } from './surroundings';
