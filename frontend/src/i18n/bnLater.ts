import { connection } from "./bn/connection";
import { fairUse } from "./bn/fairUse";
import { imports } from "./bn/imports";
import { limits } from "./bn/limits";
import { permissions } from "./bn/permissions";
import { routers } from "./bn/routers";
import type { enLater } from "./enLater";
import type { SameKeys } from "./types";

/** Bangla, with the files and keys of English. */
export const bnLater: SameKeys<typeof enLater> = {
  ...connection,
  ...fairUse,
  ...imports,
  ...limits,
  ...permissions,
  ...routers,
};
