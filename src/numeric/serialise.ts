/**
 * The one serialiser: every artefact and every memo key goes through it, so that equal plans are equal
 * bytes on every machine. Numbers carry 12 significant digits; object keys keep their order (the code's
 * order is the document's order); typed arrays are lists; a NaN or an infinity is a fault of ours.
 */
export function serialise(value: unknown, indent = 0): string {
  return write(value, indent, '\n', '$');
}

/** A number as the plan prints it: 12 significant digits, no exponent padding, no negative zero. */
export function serialiseNumber(x: number, where = '$'): string {
  if (!Number.isFinite(x)) throw new Error(`not a finite number at ${where}: ${x}`);
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return x === 0 ? '0' : String(x);
  return String(Number(x.toPrecision(12)));
}

function write(value: unknown, indent: number, newline: string, where: string): string {
  if (typeof value === 'number') return serialiseNumber(value, where);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  const inner = indent > 0 ? newline + ' '.repeat(indent) : '';
  const outer = indent > 0 ? newline : '';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = value as ArrayLike<unknown>;
    if (list.length === 0) return '[]';
    // Lists of numbers stay on one line: a matrix row is one row.
    const flat = typeof list[0] === 'number';
    const items = Array.from(list, (x, i) => write(x, flat ? 0 : indent, inner, `${where}[${i}]`));
    return flat ? `[${items.join(indent > 0 ? ', ' : ',')}]` : `[${inner}${items.join(`,${inner}`)}${outer}]`;
  }
  if (typeof value === 'object') {
    const entries: string[] = [];
    const colon = indent > 0 ? ': ' : ':';
    for (const [key, v] of Object.entries(value)) {
      if (v !== undefined)
        entries.push(JSON.stringify(key) + colon + write(v, indent, inner, `${where}.${key}`));
    }
    return entries.length === 0 ? '{}' : `{${inner}${entries.join(`,${inner}`)}${outer}}`;
  }
  throw new Error(`cannot serialise ${typeof value} at ${where}`);
}

/** 64-bit content hash of a text as 16 hex digits (two independent FNV-1a lanes, mixed). */
export function contentHash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9dc5811c;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ ((c << 7) | (c >>> 3)), 0x01000197) ^ (b >>> 15);
  }
  const hex = (x: number) => (x >>> 0).toString(16).padStart(8, '0');
  return hex(a) + hex(b ^ Math.imul(text.length, 0x9e3779b1));
}
