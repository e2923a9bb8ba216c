/** The chart as a file of its own. Needs the DOM; works on a copy. */

/** What a stand-alone SVG must say by itself, by element, since no style sheet goes with it. */
const carried: Readonly<Record<string, readonly string[]>> = {
  svg: ['font-family', 'font-size'],
  rect: ['fill'],
  line: ['stroke', 'stroke-width', 'stroke-dasharray'],
  text: ['fill', 'font-weight', 'font-variant-numeric'],
};

/** An SVG as text, every element with the style that it has here, on the ground that it stands on. */
export function standaloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    const target = to[i]!;
    for (const name of carried[element.tagName] ?? []) {
      target.setAttribute(name, style.getPropertyValue(name));
    }
    for (const name of ['class', 'tabindex', 'role']) target.removeAttribute(name);
  });
  removeComments(copy);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(svg.parentElement!).backgroundColor);
  copy.prepend(ground);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}\n`;
}

/** Svelte's anchors are of no use elsewhere. */
function removeComments(root: Node): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  const found: ChildNode[] = [];
  while (walker.nextNode()) found.push(walker.currentNode as ChildNode);
  found.forEach((comment) => comment.remove());
}

/** A stand-alone SVG as PNG, two pixels a pixel. */
export async function pngOf(
  svg: string,
  { width, height }: { width: number; height: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const scale = 2;
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    return new Uint8Array(await blob!.arrayBuffer());
  } finally {
    URL.revokeObjectURL(url);
  }
}
