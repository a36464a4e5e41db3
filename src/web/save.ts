import { type Shape, svgText } from '../report/charts/shape.ts';
import { sectionCsv } from '../report/csv.ts';
import type { Section } from '../report/types.ts';

/** Puts files into the reader's hands. Names are made of letters, digits, dots and dashes whatever a title holds. */

export function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\w.-]+/g, '-').slice(0, 80);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveCsv(section: Section): void {
  saveBlob(`${section.id}.csv`, new Blob([sectionCsv(section)], { type: 'text/csv' }));
}

export function saveSvg(name: string, picture: Shape): void {
  saveBlob(`${name}.svg`, svgBlob(picture));
}

function svgBlob(picture: Shape): Blob {
  return new Blob([svgText(picture)], { type: 'image/svg+xml' });
}

const SCALE = 2;

/** The picture at twice its size, on white paper. */
export async function savePng(name: string, picture: Shape): Promise<void> {
  const url = URL.createObjectURL(svgBlob(picture));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  await saveCanvas(name, canvas);
}

export function saveCanvas(name: string, canvas: HTMLCanvasElement): Promise<void> {
  return new Promise((done) => {
    canvas.toBlob((blob) => {
      if (blob !== null) saveBlob(`${name}.png`, blob);
      done();
    });
  });
}
