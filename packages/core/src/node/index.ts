export { openRegularFile, type RegularFile } from '../files/open-regular-file';
export { discoverPlugins } from './discover-plugins';
export { loadModel } from './load-model';
export { replaceFile, syncFolder, writeDurably } from './replace-file';
export { saveModel } from './save-model';
