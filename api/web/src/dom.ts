/** Building HTML elements without a framework; text is always set as text, never as markup. */

type Child = Node | string | number | null | undefined | false;
type Handlers = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Props {
  [attribute: string]: string | number | boolean | null | undefined | Handlers;
  on?: Handlers;
}

/** One element: attributes as given (`true` sets a bare attribute, `false` and null leave it out). */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [type, handler] of Object.entries(value as Handlers)) {
        element.addEventListener(type, handler as EventListener);
      }
    } else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

export function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces the content; focus, caret and unfolded parts stay with the elements that have the same id. */
export function fill(element: Element, ...children: Child[]): void {
  const active = element.contains(document.activeElement) ? document.activeElement : null;
  const caret = active instanceof HTMLInputElement && active.type === 'text' ? ([active.selectionStart, active.selectionEnd] as const) : null;
  const unfolded = [...element.querySelectorAll<HTMLDetailsElement>('details[open][id]')].map((part) => part.id);
  element.replaceChildren();
  append(element, children);
  for (const id of unfolded) element.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
  if (!active?.id) return;
  const again = document.getElementById(active.id);
  again?.focus({ preventScroll: true });
  if (caret && again instanceof HTMLInputElement) again.setSelectionRange(...caret);
}

/** Shows a box over the map, or hides it: if the focus was in there it goes to the map, not to nowhere. */
export function show(box: HTMLElement, shown: boolean): void {
  if (!shown && box.contains(document.activeElement)) document.querySelector<HTMLElement>('.maplibregl-canvas')?.focus({ preventScroll: true });
  box.hidden = !shown;
}

/** Does something that may take the focused button away; then the element with this id has the focus. */
export function refocus(id: string, act: () => void): void {
  const before = document.activeElement;
  act();
  if (before !== document.body && document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
}

const SVG = 'http://www.w3.org/2000/svg';

/** One element of a drawing. */
export function svg(tag: string, attributes: Record<string, string>, ...children: SVGElement[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A decorative drawing on a 24 × 24 grid from path data. */
export function icon(path: string): SVGElement {
  return svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: 'icon' }, svg('path', { d: path }));
}
