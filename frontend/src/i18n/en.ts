import { auth } from "./en/auth";
import { billing } from "./en/billing";
import { customers } from "./en/customers";
import { dashboard } from "./en/dashboard";
import { fields } from "./en/fields";
import { network } from "./en/network";
import { operators } from "./en/operators";
import { packages } from "./en/packages";
import { platform } from "./en/platform";
import { problems } from "./en/problems";
import { running } from "./en/running";
import { settings } from "./en/settings";
import { shell } from "./en/shell";
import { staff } from "./en/staff";
import { usage } from "./en/usage";
import { words } from "./en/words";

/** English, the language the keys are checked against: one file for each feature. What sign-in, shell and dashboard do not say is in `enLater`. */
export const en = {
  ...auth,
  ...billing,
  ...customers,
  ...dashboard,
  ...fields,
  ...network,
  ...operators,
  ...packages,
  ...platform,
  ...problems,
  ...running,
  ...settings,
  ...shell,
  ...staff,
  ...usage,
  ...words,
} as const;
