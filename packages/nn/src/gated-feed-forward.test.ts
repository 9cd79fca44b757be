import { GatedFeedForward, type GatedFeedForwardConfig } from './gated-feed-forward';
import { describeParity } from './testing/parity';

describeParity<GatedFeedForwardConfig, GatedFeedForward>('gated-feed-forward', {
  create: (config) => new GatedFeedForward(config),
  forward: (layer, { x }, context) => layer.forward(x, context),
});
