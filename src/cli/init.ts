import type { Command } from 'commander';
import { InputError } from '../base/result.ts';
import { initSpec, presets } from '../spec/init.ts';
import { writeFile } from './output.ts';

export function define(command: Command): void {
  command
    .argument('[preset]', `one of ${presets.join(', ')}`)
    .option('--out <file>', 'write to a file instead of stdout', '-')
    .addHelpText('after', '\nExample:\n  planewright init deepseek-v3 > my.yaml && planewright plan my.yaml')
    .action((preset: string | undefined, options: { out: string }) => {
      const text = initSpec(preset);
      if (!text.ok) throw new InputError(text.issues);
      const written = writeFile(options.out, [text.value]);
      if (!written.ok) throw new InputError(written.issues);
    });
}
