export { type LoadPeftOptions, loadPeft } from './peft/load-peft';
export { type SavePeftOptions, savePeft } from './peft/save-peft';
