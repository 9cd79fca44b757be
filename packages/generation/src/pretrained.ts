export { generationConfig } from './generation-config';
