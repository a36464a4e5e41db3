import { ask } from '../engine.ts';
import type { Drawn } from '../protocol.ts';
import { saveBlob } from '../save.ts';

export async function download(name: string): Promise<void> {
  saveBlob(name, await ask('artefact', { name }));
}

/** Every file of the plan, as `planewright plan --out` writes them. */
export function Downloads({ drawn }: { readonly drawn: Drawn }) {
  if (drawn.artefacts.length === 0) return null;
  return (
    <section class="section">
      <h2>Files of this plan</h2>
      <ul class="files">
        {drawn.artefacts.map((name) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => void download(name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
