/**
 * A picture as a tree of SVG elements: drawn as text for files, as elements in a page. Names that come from outside are
 * only ever text or attribute values, so that no drawing can hold code.
 */
export interface Shape {
  readonly tag: 'svg' | 'g' | 'rect' | 'line' | 'path' | 'circle' | 'text' | 'title';
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Shape | string)[];
}

export function shape(
  tag: Shape['tag'],
  attributes: Shape['attributes'],
  ...children: (Shape | string)[]
): Shape {
  return { tag, attributes, children };
}

/** A file of its own: dark ink where the page that embeds it does not say otherwise. */
export function svgText(root: Shape): string {
  return `${elementText({ ...root, attributes: { xmlns: 'http://www.w3.org/2000/svg', color: '#222222', ...root.attributes } })}\n`;
}

function elementText({ tag, attributes, children }: Shape): string {
  const given = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`);
  const inner = children.map((c) => (typeof c === 'string' ? escapeXml(c) : elementText(c))).join('');
  return inner === '' ? `<${tag}${given.join('')}/>` : `<${tag}${given.join('')}>${inner}</${tag}>`;
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML and HTML. Control characters are not allowed in XML at all. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => NAMED[c]!).replace(/\p{Cc}/gu, ' ');
}
