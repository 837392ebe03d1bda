import type { settings as english } from "../en/settings";
import type { SameKeys } from "../types";

export const settings: SameKeys<typeof english> = {
  "settings.grace_days": "অতিরিক্ত দিন",
  "settings.grace_hint": "মেয়াদ শেষে সেবা সীমিত হওয়ার আগে",
  "settings.interim_hint": "রাউটার কতক্ষণ পরপর ব্যবহার জানায়",
  "settings.interim_seconds": "হিসাবের বিরতি (সেকেন্ড)",
  "settings.operator_label": "অপারেটরের জন্য আপনার শব্দ",
  "settings.service": "সেবা ও শব্দ",
  "settings.sub_operator_label": "সাব-অপারেটরের জন্য আপনার শব্দ",
  "settings.suspended": "স্থগিত গ্রাহক",
  "settings.suspended_access": "প্রবেশ",
  "settings.suspended_hint": "সীমিত গ্রাহক সংযোগ পান, কিন্তু শুধু আপনার নোটিশ পাতায় যেতে পারেন",
  "settings.suspended_rate": "গতি (kbit/s)",
  "settings.suspended_rate_hint": "খালি থাকলে: প্যাকেজের গতি",
  "suspended_access.reject": "লগইন প্রত্যাখ্যান",
  "suspended_access.walled": "সীমিত প্রবেশ",
};
