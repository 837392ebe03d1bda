export const settings = {
  "settings.agree_to_forget": "Delete them: I know that they do not come back",
  "settings.forgets":
    "Sessions that ended before {{date}} are deleted for good within about an hour, and so is every other one {{months}} months after its end. Nobody can then find out who had an address at that time. What was used each day stays, and so do bills.",
  "settings.forgets_nothing": "Nothing is deleted: ended sessions are kept for ever.",
  "settings.grace_days": "Days of grace",
  "settings.grace_hint": "After expiry, before service is restricted",
  "settings.history": "Ended sessions",
  "settings.interim_hint": "How often routers report usage",
  "settings.interim_seconds": "Accounting interval (seconds)",
  "settings.keep_sessions": "Keep ended sessions (months)",
  "settings.keep_sessions_hint":
    "Empty: for ever. Ask what the law of your country demands, often 6 or 12 months or more",
  "settings.months_range": "From 1 to 240 months, or nothing.",
  "settings.operator_label": "Your word for operator",
  "settings.operator_name": "Your name to other providers",
  "settings.operator_name_hint":
    "A domain of yours. Requests to the home servers of realms say it; what comes back with it through another proxy is refused",
  "settings.roaming": "Subscribers of other providers",
  "settings.service": "Service and words",
  "settings.sub_operator_label": "Your word for sub-operator",
  "settings.suspended": "Suspended customers",
  "settings.suspended_access": "Access",
  "settings.suspended_hint": "Walled customers connect but reach only your notice page",
  "settings.suspended_rate": "Speed (kbit/s)",
  "settings.suspended_rate_hint": "Empty: the speed of the package",
  "suspended_access.reject": "Reject the login",
  "suspended_access.walled": "Walled access",
} as const;
