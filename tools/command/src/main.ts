// The command `polymodal` of a clone, with nothing built or installed outside: npm run polymodal -- <command> [options]. Relative paths
// start from the folder in which npm was called.
import { runProcess } from '@polymodal/cli';
import { workspacePlugins } from './workspace-plugins';

await runProcess({ directory: process.env.INIT_CWD ?? process.cwd(), plugins: async () => workspacePlugins });
