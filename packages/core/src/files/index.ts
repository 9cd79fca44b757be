export { type ReadFileOptions, readRegularFile, readRegularFileSync } from './read-regular-file';
