import type { staff as english } from "../en/staff";
import type { SameKeys } from "../types";

export const staff: SameKeys<typeof english> = {
  "api_key.allowed_ips": "অনুমোদিত ঠিকানা",
  "api_key.allowed_ips_hint": "প্রতি লাইনে একটি ঠিকানা বা নেটওয়ার্ক। খালি মানে যেকোনো জায়গা থেকে।",
  "api_key.create": "এপিআই কী তৈরি করুন",
  "api_key.created": "নতুন কী",
  "api_key.empty": "এখনো কোনো এপিআই কী নেই",
  "api_key.empty_hint":
    "এই সিস্টেমের সঙ্গে যুক্ত প্রতিটি প্রোগ্রামের জন্য শুধু প্রয়োজনীয় অনুমতি দিয়ে একটি কী তৈরি করুন।",
  "api_key.once": "কীটি এখনই কপি করুন। এটি আর দেখানো হবে না।",
  "api_key.rate": "প্রতি মিনিটে অনুরোধ",
  "api_key.revoke": "প্রত্যাহার",
  "api_key.revoke_question": '"{{name}}" ব্যবহারকারী প্রোগ্রামগুলো সঙ্গে সঙ্গে কাজ বন্ধ করবে।',
  "api_key.revoked": "কী প্রত্যাহার করা হয়েছে",
  "user.create": "ব্যক্তি যোগ করুন",
  "user.created": "ব্যক্তি যোগ হয়েছে",
  "user.empty": "এখনো কোনো কর্মী নেই",
  "user.empty_hint": "যাঁরা এই সিস্টেমে কাজ করেন তাঁদের যোগ করুন এবং শুধু প্রয়োজনীয় অনুমতি দিন।",
  "user.first_password_hint": "অন্তত ১০টি অক্ষর; প্রথম সাইন-ইনে বদলাতে হবে",
  "user.grant": "অনুমতি দিন",
  "user.grant_end": "শেষ তারিখ (ঐচ্ছিক)",
  "user.grant_revoked": "অনুমতি ফেরত নেওয়া হয়েছে",
  "user.grant_until": "{{date}} পর্যন্ত",
  "user.granted": "অনুমতি দেওয়া হয়েছে",
  "user.grants": "বাড়তি অনুমতি",
  "user.grants_hint": "ভূমিকার অনুমতির বাইরে। প্রতিটি নিজে থেকে শেষ হতে পারে।",
  "user.grants_of": "{{name}} এর বাড়তি অনুমতি",
  "user.no_grants": "এখনো নেই।",
  "user.password_reset": "পাসওয়ার্ড রিসেট হয়েছে",
  "user.remove_totp": "ওয়ান-টাইম কোডও বন্ধ করুন",
  "user.remove_totp_hint":
    "যাঁর কোড তৈরির যন্ত্র হারিয়ে গেছে তাঁর জন্য। নতুন করে চালু না করা পর্যন্ত শুধু পাসওয়ার্ডেই ঢোকা যাবে।",
  "user.reset_password": "পাসওয়ার্ড রিসেট",
  "user.reset_question": "{{name}} সব জায়গা থেকে সাইন আউট হবেন এবং পরের সাইন-ইনে এই পাসওয়ার্ড বদলাতে হবে।",
  "user.search": "নাম বা লগইন",
  "user.view_as": "এই ব্যক্তি হিসেবে দেখুন",
};
