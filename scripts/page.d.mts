export function buildPage(): Promise<string>;
export function ensurePage(): Promise<void>;
