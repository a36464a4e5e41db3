import { render } from 'preact';
import { App } from './app.tsx';
import { fromFragment } from './link.ts';
import { begin, open } from './state.ts';

const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
void begin();

// Another link pasted into the same tab.
addEventListener('hashchange', async () => {
  const linked = await fromFragment(location.hash);
  if (linked !== null) open(linked.text);
});
