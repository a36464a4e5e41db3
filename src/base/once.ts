/**
 * The same function, which makes its result once for an argument and keeps it as long as the argument is there. For
 * arguments and results that never change, such as what follows from a fabric alone.
 */
export function oncePer<K extends object, T>(make: (key: K) => T): (key: K) => T {
  const made = new WeakMap<K, { readonly value: T }>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known.value;
    const value = make(key);
    made.set(key, { value });
    return value;
  };
}
