/** What a page has room for, in CSS pixels: A4 across within the margins of electron/main/print.ts. */
export const paper = { width: 1045, height: 700 } as const;
