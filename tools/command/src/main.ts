// The command `polymodal` of a clone, with nothing built or installed outside: npm run polymodal -- <command> [options]. Relative paths
// start from the folder in which npm was called.
import { register } from 'node:module';

register('./tell-of-compiling.mjs', import.meta.url);
const { runProcess } = await import('@polymodal/cli');
await runProcess({
  directory: process.env.INIT_CWD ?? process.cwd(),
  plugins: async () => (await import('./workspace-plugins')).workspacePlugins,
});
