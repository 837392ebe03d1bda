import { auth } from "./en/auth";
import { billing } from "./en/billing";
import { connection } from "./en/connection";
import { customers } from "./en/customers";
import { dashboard } from "./en/dashboard";
import { fairUse } from "./en/fairUse";
import { fields } from "./en/fields";
import { imports } from "./en/imports";
import { limits } from "./en/limits";
import { network } from "./en/network";
import { operators } from "./en/operators";
import { packages } from "./en/packages";
import { permissions } from "./en/permissions";
import { platform } from "./en/platform";
import { problems } from "./en/problems";
import { running } from "./en/running";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { staff } from "./en/staff";
import { usage } from "./en/usage";
import { words } from "./en/words";

/** English, the language the keys are checked against: one file for each feature. */
export const en = {
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
} as const;
