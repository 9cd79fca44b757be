export { inspectionSections, writeInspection } from './inspection-page';
export { pictureViewer } from './picture-viewer';
export { soundViewer } from './sound-viewer';
