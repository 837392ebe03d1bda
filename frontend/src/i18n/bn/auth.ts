import type { auth as english } from "../en/auth";
import type { SameKeys } from "../types";

export const auth: SameKeys<typeof english> = {
  "account.device": "ডিভাইস",
  "account.end": "শেষ করুন",
  "account.ended": "সাইন-ইন শেষ করা হয়েছে",
  "account.isp": "আইএসপি",
  "account.last_used_at": "সর্বশেষ ব্যবহার",
  "account.now": "সেখানকার এখনকার সময়",
  "account.sign_ins": "যেসব জায়গায় সাইন ইন করা আছে",
  "account.signed_in_at": "সাইন ইন করেছেন",
  "account.this_one": "এই ব্রাউজার",
  "account.totp_confirm": "চালু করুন",
  "account.totp_enabled": "দুই ধাপের সাইন-ইন চালু হয়েছে",
  "account.totp_off": "বন্ধ। পাসওয়ার্ড ফাঁস হলেও অথেনটিকেটর অ্যাপের কোড আপনার অ্যাকাউন্ট রক্ষা করে।",
  "account.totp_on": "চালু। প্রতিবার সাইন-ইনে কোড চাওয়া হয়।",
  "account.totp_qr": "অথেনটিকেটর অ্যাপের কিউআর কোড",
  "account.totp_remove": "বন্ধ করুন",
  "account.totp_remove_question": "আপনার অ্যাকাউন্ট শুধু পাসওয়ার্ড দিয়ে সুরক্ষিত থাকবে।",
  "account.totp_removed": "দুই ধাপের সাইন-ইন বন্ধ হয়েছে",
  "account.totp_scan":
    "অথেনটিকেটর অ্যাপ দিয়ে কোডটি স্ক্যান করুন, অথবা গোপন কীটি লিখুন। তারপর অ্যাপে দেখানো ছয়টি অঙ্ক দিন।",
  "account.totp_start": "সেট আপ করুন",
  "account.two_factor": "দুই ধাপের সাইন-ইন",
  "password.change": "পাসওয়ার্ড বদলান",
  "password.changed": "পাসওয়ার্ড বদলানো হয়েছে",
  "password.hint": "অন্তত ১০টি অক্ষর",
  "password.must_change": "এগোনোর আগে নিজের একটি পাসওয়ার্ড দিন।",
  "password.reveal_hint": "{{name}} এর সংযোগের পাসওয়ার্ড দেখানো হবে। এটি অডিট লগে রেকর্ড হবে।",
  "password.service_hint": "{{name}} এর রাউটারেও নতুন পাসওয়ার্ড দিতে হবে।",
  "sign_in.title": "সাইন ইন",
  "sign_in.totp_hint": "আপনার অথেনটিকেটর অ্যাপ থেকে",
};
