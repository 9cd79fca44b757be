export { type AugmentedOptions, augmentedSection } from './augmented-section';
export { inspectionSections, writeInspection } from './inspection-page';
export { pictureViewer } from './picture-viewer';
export { soundViewer } from './sound-viewer';
