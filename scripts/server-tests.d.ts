export const onceOnly: readonly RegExp[]
export function allTests (): string[]
export function serverTests (): string[]
