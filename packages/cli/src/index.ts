export { runCommand } from './command/run-command';
export type { Output, Surroundings } from './surroundings';
