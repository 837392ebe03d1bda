export const connection = {
  "answer.accept": "Let in",
  "answer.accept_walled": "Let in, payment pages only",
  "answer.blocked": "Too many wrong passwords came in a row",
  "answer.closed": "The customer is closed",
  "answer.eap_unsupported": "The router asked for EAP, which is not offered",
  "answer.expired": "The paid time is over",
  "answer.home_rejected": "The home server refused the login",
  "answer.mac_not_bound": "The device is not one of the customer's",
  "answer.malformed": "The request was malformed",
  "answer.nas_not_allowed": "This router may not serve the customer",
  "answer.no_credentials": "The request carried no password",
  "answer.outside_time_window": "Outside the hours of the package",
  "answer.pending": "The customer was never activated",
  "answer.proxy_failed": "The home server did not answer",
  "answer.proxy_loop": "The login went in circles between providers",
  "answer.quota_used": "The volume or the time is used up",
  "answer.realm_busy": "Too many logins of the realm were waiting",
  "answer.suspended": "The customer is suspended",
  "answer.too_many_sessions": "As many sessions are open as the package allows",
  "answer.unknown_user": "The username is not known",
  "answer.wrong_password": "The password is wrong",
  "connection.answers": "Last answers to logins",
  "connection.answers_empty": "No login was answered yet",
  "connection.answers_empty_hint":
    "The last 20 logins appear here, each with the reason it was let in or refused.",
  "connection.answers_hint": "What RADIUS told the router, newest first",
  "connection.check_again": "Check again",
  "connection.device": "Device",
  "connection.diagnosis": "Why is this customer offline?",
  "connection.diagnosis_online": "Is the connection well?",
  "connection.nothing_found": "Nothing wrong was found.",
  "diagnosis.accepted_without_session":
    "Router {{router}} was told to let the customer in, and reported no session.",
  "diagnosis.behind_the_wall":
    "The customer is online on router {{router}}, but reaches only the payment pages.",
  "diagnosis.closed": "The customer is closed.",
  "diagnosis.expired": "The paid time is over.",
  "diagnosis.last_login_refused": "The last login was refused; the list below says why.",
  "diagnosis.last_login_refused_for": "Router {{router}} was refused: {{reason}}.",
  "diagnosis.last_session_ended": "The last session has ended.",
  "diagnosis.last_session_ended.admin_reboot": "The router restarted.",
  "diagnosis.last_session_ended.admin_reset": "The session was ended from here or on the router.",
  "diagnosis.last_session_ended.idle_timeout": "There was no traffic for too long.",
  "diagnosis.last_session_ended.lost_carrier": "The line was lost.",
  "diagnosis.last_session_ended.lost_service": "The line was lost.",
  "diagnosis.last_session_ended.nas_error": "The router reported an error.",
  "diagnosis.last_session_ended.nas_reboot": "The router restarted.",
  "diagnosis.last_session_ended.nas_request": "The router ended the session.",
  "diagnosis.last_session_ended.other": "The session ended for another reason.",
  "diagnosis.last_session_ended.port_error": "The router reported an error.",
  "diagnosis.last_session_ended.session_timeout": "The allowed time was over.",
  "diagnosis.last_session_ended.user_request": "The customer's device hung up.",
  "diagnosis.never_asked": "No router asked about this customer in the last 24 hours.",
  "diagnosis.no_routers": "No router is registered.",
  "diagnosis.not_activated": "The customer was never activated.",
  "diagnosis.not_allowed_now": "A limit or a rule keeps the customer off now.",
  "diagnosis.not_allowed_now.walled":
    "A limit of the package or of the customer lets it reach only the payment pages.",
  "diagnosis.not_allowed_now_for": "A login would be refused now: {{reason}}.",
  "diagnosis.online": "The customer is online on router {{router}}.",
  "diagnosis.routers_silent": "No router was heard of in the last quarter of an hour.",
  "diagnosis.session_silent":
    "Router {{router}} has not reported a session of the customer for too long.",
  "diagnosis.some_routers_silent": "Some routers were not heard of in the last quarter of an hour.",
  "diagnosis.suspended": "The customer is suspended.",
  "diagnosis.suspended_for": "The customer is suspended: {{reason}}.",
  "diagnosis_advice.accepted_without_session":
    "Check that the router sends accounting, and that it has the pool and the profile of the package.",
  "diagnosis_advice.behind_the_wall":
    "Record a payment or lift what holds the customer back; it is let out at once.",
  "diagnosis_advice.closed": "Restore the customer if it shall be served again.",
  "diagnosis_advice.expired": "Record a payment or extend the service.",
  "diagnosis_advice.last_login_refused": "Look at the reason in the list of answers below.",
  "diagnosis_advice.last_session_ended": "Look at the sessions for the reason.",
  "diagnosis_advice.last_session_ended.admin_reboot":
    "If it happens often, check the router's power.",
  "diagnosis_advice.last_session_ended.admin_reset":
    "The history says who did it; the device may dial again.",
  "diagnosis_advice.last_session_ended.idle_timeout":
    "Nothing is wrong: the device may dial again.",
  "diagnosis_advice.last_session_ended.lost_carrier":
    "Check power, cable and signal between the device and the router.",
  "diagnosis_advice.last_session_ended.lost_service":
    "Check power, cable and signal between the device and the router.",
  "diagnosis_advice.last_session_ended.nas_error": "Look at the router's log around that time.",
  "diagnosis_advice.last_session_ended.nas_reboot":
    "If it happens often, check the router's power.",
  "diagnosis_advice.last_session_ended.nas_request": "Look at the router's log around that time.",
  "diagnosis_advice.last_session_ended.other": "Look at the router's log around that time.",
  "diagnosis_advice.last_session_ended.port_error": "Look at the router's log around that time.",
  "diagnosis_advice.last_session_ended.session_timeout":
    "Look at the expiry and the time limits; the device may dial again.",
  "diagnosis_advice.last_session_ended.user_request":
    "Look whether the device is switched on and set to dial by itself.",
  "diagnosis_advice.never_asked":
    "Check cable and signal, that the device dials, and the username in it.",
  "diagnosis_advice.no_routers":
    "Add the router as a RADIUS client and set its secret on both sides.",
  "diagnosis_advice.not_activated": "Activate the customer once the line is ready.",
  "diagnosis_advice.not_allowed_now":
    "Look at the limits: grant a top-up, lift the restriction or wait for its end.",
  "diagnosis_advice.online": "The line is up: look at the device, the address and the speed.",
  "diagnosis_advice.routers_silent":
    "Check that the routers reach this server by UDP 1812 and 1813, and that address and secret match.",
  "diagnosis_advice.session_silent":
    "The session is closed by itself if nothing comes; check the router's accounting and uplink.",
  "diagnosis_advice.some_routers_silent":
    "If the customer's router is among them, check its power, its uplink and its RADIUS settings.",
  "diagnosis_advice.suspended":
    "Look at the reason in the history, and activate when it is settled.",
  "diagnosis_advice.suspended.non_payment": "Record the payment; the customer is let in at once.",
  "login_method.chap": "CHAP",
  "login_method.eap": "EAP",
  "login_method.mac": "MAC address",
  "login_method.mschapv1": "MS-CHAPv1",
  "login_method.mschapv2": "MS-CHAPv2",
  "login_method.none": "None",
  "login_method.pap": "PAP",
  "refused_advice.blocked": "Enter the customer's password in its device again and wait a minute.",
  "refused_advice.closed": "Restore the customer if it shall be served again.",
  "refused_advice.eap_unsupported": "Set the router to PAP, CHAP or MS-CHAP.",
  "refused_advice.expired": "Record a payment or extend the service.",
  "refused_advice.home_rejected": "Ask the other provider, who knows why.",
  "refused_advice.mac_not_bound":
    "Add the device's MAC address to the customer, or remove the old one.",
  "refused_advice.malformed":
    "Trace the customer for some minutes and look at what the router sends.",
  "refused_advice.nas_not_allowed": "Let the customer use this router, or connect it to another.",
  "refused_advice.no_credentials":
    "Set the router to PAP, CHAP or MS-CHAP, and enter a password in the device.",
  "refused_advice.outside_time_window":
    "Tell the customer the hours of the package, or change the package.",
  "refused_advice.pending": "Activate the customer.",
  "refused_advice.proxy_failed":
    "Look at the realm's home servers; the other provider may be away.",
  "refused_advice.proxy_loop":
    "Agree with the other provider which realms go where: one sends this name back.",
  "refused_advice.quota_used": "Grant a top-up, or wait until the limit begins again.",
  "refused_advice.realm_busy":
    "The home servers answer slowly or not at all: ask the other provider.",
  "refused_advice.suspended": "Settle the reason and activate the customer.",
  "refused_advice.too_many_sessions":
    "Find the other device by its MAC address and disconnect it, or allow more sessions.",
  "refused_advice.unknown_user": "Correct the username in the customer's device.",
  "refused_advice.wrong_password":
    "Enter the customer's password in its device again; if every customer of the router fails, the router's secret is wrong.",
  "severity.info": "Good to know",
  "severity.problem": "Problem",
  "severity.warning": "Warning",
  "trace.direction.answer": "Answer",
  "trace.direction.dropped": "Dropped",
  "trace.direction.request": "Request",
  "trace.hint":
    "Keeps every RADIUS packet of this customer for ten minutes, decoded and without secrets.",
  "trace.packet": "Packet",
  "trace.running": "Running until {{time}}",
  "trace.start": "Start trace",
  "trace.started": "Trace started",
  "trace.stop": "Stop and forget",
  "trace.stopped": "Trace stopped",
  "trace.title": "Trace",
  "trace.waiting": "Waiting for the first packet. Let the customer dial in now.",
} as const;
