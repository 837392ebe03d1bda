/** The texts of one file in another language: exactly the keys of English. */
export type SameKeys<English> = Record<keyof English, string>;
