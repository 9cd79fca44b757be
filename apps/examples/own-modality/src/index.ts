export { ImuConv, type ImuConvConfig, imuConv } from './imu-conv';
export { ImuProcessor, imuProcessor } from './imu-processor';
export { imu, imu as default } from './plugin';
export { type ImuReadings, type RawImu, readImu } from './read-imu';
