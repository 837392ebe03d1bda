export const dashboard = {
  "dashboard.collected_today": "Collected today",
  "dashboard.customers_due": "Customers: {{count}}",
  "dashboard.due_today": "Due today",
  "dashboard.expiring_next": "Expiring next",
  "dashboard.last_month": "Last month {{amount}}",
  "dashboard.latest_payments": "Latest payments",
  "dashboard.new_this_month": "New this month",
  "dashboard.of_active": "of {{count}} active",
  "dashboard.online_now": "Online now",
  "dashboard.revenue_this_month": "Revenue this month",
  "held_cuts.title": "{{count}} customers wait to be cut off",
  "held_cuts.hint":
    "That is unusually many, so nobody was cut since {{since}}. They are served until you decide. Who paid ahead was renewed.",
  "held_cuts.look": "See the first to end",
  "held_cuts.release": "Cut them off",
  "held_cuts.question":
    "{{count}} customers whose time is over lose their service now. Check their dates first: after a wrong import or clock this would be a mistake.",
  "held_cuts.released": "They are being cut off.",
} as const;
