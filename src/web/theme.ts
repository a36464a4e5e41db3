import { effect, signal } from '@preact/signals';

const KEY = 'planewright-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

/** Dark paper or light; the system's until the reader says otherwise. */
export const dark = signal(stored() ?? system.matches);

system.addEventListener('change', () => {
  if (stored() === null) dark.value = system.matches;
});

effect(() => {
  document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
});

export function toggleTheme(): void {
  dark.value = !dark.value;
  try {
    localStorage.setItem(KEY, dark.value ? 'dark' : 'light');
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

function stored(): boolean | null {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === null ? null : theme === 'dark';
  } catch {
    return null;
  }
}
