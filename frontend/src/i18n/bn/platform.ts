import type { platform as english } from "../en/platform";
import type { SameKeys } from "../types";

export const platform: SameKeys<typeof english> = {
  "platform.create_isp": "আইএসপি তৈরি করুন",
  "platform.create_tenancy": "টেন্যান্সি তৈরি করুন",
  "platform.first_admin": "প্রথম প্রশাসক",
  "platform.first_super_admin": "মালিক",
  "platform.isp_created": "আইএসপি তৈরি হয়েছে",
  "platform.isps": "আইএসপি",
  "platform.no_isps": "এখনো কোনো আইএসপি নেই",
  "platform.no_isps_hint": "প্রশাসকসহ প্রথমটি তৈরি করুন।",
  "platform.no_tenancies": "এখনো কোনো টেন্যান্সি নেই",
  "platform.tenancies": "টেন্যান্সি",
  "platform.tenancy": "টেন্যান্সি",
  "platform.tenancy_created": "টেন্যান্সি তৈরি হয়েছে",
};
