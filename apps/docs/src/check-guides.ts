import { Compiler, GuideProject } from './guide-project';
import { guides } from './guides';

/** Checks the types of the guides' code as a reader's compiler does, once the packages are built. */
const projects = [...guides].map(([name, guide]) => new GuideProject(name, guide));
for (const compiler of [new Compiler('typescript'), new Compiler('typescript-7')]) {
  for (const project of projects) {
    const { succeeded, printed } = project.checkTypes(compiler);
    console.log(`${succeeded ? '✓' : '✗'} ${project.name} with TypeScript ${compiler.version}`);
    if (succeeded) continue;
    console.error(printed);
    process.exitCode = 1;
  }
}
