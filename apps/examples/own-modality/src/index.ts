export { ImuConv, type ImuConvConfig, imuConv } from './imu-conv.js';
export { ImuProcessor, imuProcessor } from './imu-processor.js';
export { imu, imu as default } from './plugin.js';
export { type ImuReadings, type RawImu, readImu } from './read-imu.js';
