import {
  Activity,
  BookOpenText,
  Boxes,
  Building2,
  CreditCard,
  FileText,
  Gauge,
  Handshake,
  History,
  KeyRound,
  ListChecks,
  type LucideIcon,
  MapPin,
  RadioTower,
  Router as RouterIcon,
  Settings,
  Upload,
  UserCog,
  Users,
  Waypoints,
} from "lucide-react";
import { holdsAny } from "@/api/permissions";
import type { Me, Permission } from "@/api/types";
import type { TextKey } from "@/i18n";

export interface NavItem {
  to: string;
  /** The name an admin hides this menu by. */
  menu: string;
  label: TextKey;
  icon: LucideIcon;
  needs: readonly Permission[];
  /** Pages about one ISP need a person who belongs to one. */
  insideIsp: boolean;
}

export interface NavGroup {
  label: TextKey;
  items: NavItem[];
}

function item(
  to: string,
  label: TextKey,
  icon: LucideIcon,
  needs: readonly Permission[],
  insideIsp = true,
): NavItem {
  return { to, menu: to.slice(1) || "dashboard", label, icon, needs, insideIsp };
}

const GROUPS: NavGroup[] = [
  {
    label: "nav.group.daily",
    items: [
      item("/", "nav.dashboard", Gauge, ["view_customers"]),
      item("/customers", "nav.customers", Users, ["view_customers"]),
      item("/sessions", "nav.sessions", Activity, ["view_sessions"]),
    ],
  },
  {
    label: "nav.group.money",
    items: [
      item("/invoices", "nav.invoices", FileText, ["view_invoices"]),
      item("/payments", "nav.payments", CreditCard, ["view_invoices"]),
      item("/trial-balance", "nav.trial_balance", BookOpenText, ["view_financial_reports"]),
    ],
  },
  {
    label: "nav.group.service",
    items: [
      item("/packages", "nav.packages", Boxes, ["view_customers", "manage_packages"]),
      item("/zones", "nav.zones", MapPin, ["manage_zones"]),
      item("/operators", "nav.operators", Handshake, ["manage_operators"]),
      item("/routers", "nav.routers", RouterIcon, ["manage_routers"]),
      item("/nas", "nav.nas", RadioTower, ["manage_routers"]),
      item("/realms", "nav.realms", Waypoints, ["manage_routers"]),
      item("/imports", "nav.imports", Upload, ["import_customers"]),
    ],
  },
  {
    label: "nav.group.administration",
    items: [
      item("/platform", "nav.platform", Building2, ["manage_isps", "manage_tenancies"], false),
      item("/users", "nav.users", UserCog, ["manage_staff"], false),
      item("/api-keys", "nav.api_keys", KeyRound, ["manage_api_keys"]),
      item("/audit-log", "nav.audit_log", History, ["view_audit_log"]),
      item("/jobs", "nav.jobs", ListChecks, ["view_audit_log"]),
      item("/settings", "nav.settings", Settings, ["manage_settings"]),
    ],
  },
];

/** The menu of one person: what the permissions open, minus what an admin has hidden. */
export function navigationFor(me: Me): NavGroup[] {
  const open = (entry: NavItem) =>
    holdsAny(me, entry.needs) &&
    (!entry.insideIsp || Boolean(me.isp)) &&
    !me.hidden_menus.includes(entry.menu);
  return GROUPS.map((group) => ({ ...group, items: group.items.filter(open) })).filter(
    (group) => group.items.length > 0,
  );
}

/** Where a person lands who opens the application without naming a page. */
export function homeOf(me: Me): string {
  return navigationFor(me)[0]?.items[0]?.to ?? "/account";
}
