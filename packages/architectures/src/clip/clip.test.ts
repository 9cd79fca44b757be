import { describeImageText } from '../testing/describe-image-text';

describeImageText('clip');
