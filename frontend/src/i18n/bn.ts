import { auth } from "./bn/auth";
import { billing } from "./bn/billing";
import { connection } from "./bn/connection";
import { customers } from "./bn/customers";
import { dashboard } from "./bn/dashboard";
import { fairUse } from "./bn/fairUse";
import { fields } from "./bn/fields";
import { imports } from "./bn/imports";
import { limits } from "./bn/limits";
import { network } from "./bn/network";
import { operators } from "./bn/operators";
import { packages } from "./bn/packages";
import { permissions } from "./bn/permissions";
import { platform } from "./bn/platform";
import { problems } from "./bn/problems";
import { running } from "./bn/running";
import { settings } from "./bn/settings";
import { shell } from "./bn/shell";
import { staff } from "./bn/staff";
import { usage } from "./bn/usage";
import { words } from "./bn/words";
import type { Texts } from "./index";

/** Bangla, with the files and keys of English. */
export const bn: Texts = {
  ...auth,
  ...billing,
  ...connection,
  ...customers,
  ...dashboard,
  ...fairUse,
  ...fields,
  ...imports,
  ...limits,
  ...network,
  ...operators,
  ...packages,
  ...permissions,
  ...platform,
  ...problems,
  ...running,
  ...settings,
  ...shell,
  ...staff,
  ...usage,
  ...words,
};
