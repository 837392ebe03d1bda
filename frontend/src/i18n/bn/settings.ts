import type { settings as english } from "../en/settings";
import type { SameKeys } from "../types";

export const settings: SameKeys<typeof english> = {
  "settings.agree_to_forget": "মুছে ফেলুন: জানি, এগুলো আর ফিরে আসবে না",
  "settings.forgets":
    "{{date}} এর আগে শেষ হওয়া সেশন প্রায় এক ঘণ্টার মধ্যে চিরতরে মুছে যায়, আর বাকি প্রতিটি সেশন শেষ হওয়ার {{months}} মাস পরে। তখন সেই সময়ে কোন ঠিকানা কার ছিল তা আর জানা যাবে না। দৈনিক ব্যবহার ও বিল থেকে যায়।",
  "settings.forgets_nothing": "কিছুই মোছা হয় না: শেষ হওয়া সেশন চিরকাল রাখা হয়।",
  "settings.grace_days": "অতিরিক্ত দিন",
  "settings.grace_hint": "মেয়াদ শেষে সেবা সীমিত হওয়ার আগে",
  "settings.history": "শেষ হওয়া সেশন",
  "settings.interim_hint": "রাউটার কতক্ষণ পরপর ব্যবহার জানায়",
  "settings.interim_seconds": "হিসাবের বিরতি (সেকেন্ড)",
  "settings.keep_sessions": "শেষ হওয়া সেশন রাখুন (মাস)",
  "settings.keep_sessions_hint":
    "খালি থাকলে: চিরকাল। আপনার দেশের আইন কী চায় জেনে নিন, প্রায়ই ৬ বা ১২ মাস বা তার বেশি",
  "settings.months_range": "১ থেকে ২৪০ মাস, অথবা খালি।",
  "settings.operator_label": "অপারেটরের জন্য আপনার শব্দ",
  "settings.operator_name": "অন্য প্রোভাইডারদের কাছে আপনার নাম",
  "settings.operator_name_hint":
    "আপনার একটি ডোমেইন। রিয়েলমের হোম সার্ভারে পাঠানো অনুরোধে এটি থাকে; অন্য প্রক্সি হয়ে এটি নিয়ে যা ফিরে আসে তা প্রত্যাখ্যান করা হয়",
  "settings.roaming": "অন্য প্রোভাইডারের গ্রাহক",
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
