/** The one element that the page's HTML must have. Throws when it is not there. */
export function find<T extends Element = HTMLElement> (selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector)
  if (found === null) throw new Error(`This page has no ${selector}`)
  return found
}

/** A new element with its attributes and children; strings become text, never HTML. */
export function make (tag: string, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** Sets the text only where it changed, so that nothing is painted or read out twice. */
export function show (element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
