import { auth } from "./bn/auth";
import { billing } from "./bn/billing";
import { customers } from "./bn/customers";
import { dashboard } from "./bn/dashboard";
import { fields } from "./bn/fields";
import { network } from "./bn/network";
import { operators } from "./bn/operators";
import { packages } from "./bn/packages";
import { platform } from "./bn/platform";
import { problems } from "./bn/problems";
import { running } from "./bn/running";
import { settings } from "./bn/settings";
import { shell } from "./bn/shell";
import { staff } from "./bn/staff";
import { usage } from "./bn/usage";
import { words } from "./bn/words";
import type { en } from "./en";
import type { SameKeys } from "./types";

/** Bangla, with the files and keys of English. */
export const bn: SameKeys<typeof en> = {
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
};
