/** Finds an element that the page's HTML must contain. Throws if it is missing. */
export function find<T extends Element = HTMLElement> (selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector)
  if (found === null) throw new Error(`This page has no ${selector}`)
  return found
}

/** Creates an element with attributes and children. Strings become text, never HTML. */
export function make (
  tag: string,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Sets the text only if it has changed, so that nothing is painted or read out twice. */
export function show (element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
