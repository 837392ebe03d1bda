import { connection } from "./en/connection";
import { fairUse } from "./en/fairUse";
import { imports } from "./en/imports";
import { limits } from "./en/limits";
import { permissions } from "./en/permissions";
import { routers } from "./en/routers";

/** English of what neither sign-in, shell nor dashboard say: it comes with the first other page. */
export const enLater = {
  ...connection,
  ...fairUse,
  ...imports,
  ...limits,
  ...permissions,
  ...routers,
} as const;
