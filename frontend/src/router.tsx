import {
  type AsyncRouteComponent,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { meQuery } from "@/api/query";
import { queryClient } from "@/api/queryClient";
import * as searches from "@/api/searches";
import { ensureSession, passwordChangeDue } from "@/api/session";
import { loadLaterTexts } from "@/i18n";
import { NotFound, RouteFailed, RoutePending } from "@/panels/shell/Fallbacks";
import { homeOf } from "@/panels/shell/navigation";

/** A page as a chunk of its own, for those who come first. */
function firstPage(load: () => Promise<ComponentType>): AsyncRouteComponent<object> {
  return lazyRouteComponent(async () => ({ Page: await load() }), "Page");
}

/** A page as a chunk of its own, with the texts that do not come first. */
function page(load: () => Promise<ComponentType>): AsyncRouteComponent<object> {
  return firstPage(async () => {
    const [Page] = await Promise.all([load(), loadLaterTexts()]);
    return Page;
  });
}

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: searches.signIn,
  component: firstPage(async () => (await import("@/panels/shell/SignInRoute")).SignInRoute),
});

const password = createRoute({
  getParentRoute: () => root,
  path: "/change-password",
  beforeLoad: async () => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: {} });
  },
  component: firstPage(async () => (await import("@/panels/shell/PasswordRoute")).PasswordRoute),
});

const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) {
      throw redirect({
        to: "/sign-in",
        search: location.href === "/" ? {} : { next: location.href },
      });
    }
    if (passwordChangeDue()) throw redirect({ to: "/change-password" });
    const me = await queryClient.ensureQueryData(meQuery);
    if (me.user.must_change_password) throw redirect({ to: "/change-password" });
    return { me };
  },
  component: firstPage(async () => (await import("@/panels/shell/Shell")).Shell),
});

const dashboard = createRoute({
  getParentRoute: () => app,
  path: "/",
  beforeLoad: ({ context }) => {
    const home = homeOf(context.me);
    if (home !== "/") throw redirect({ to: home });
  },
  component: firstPage(
    async () => (await import("@/features/dashboard/DashboardPage")).DashboardPage,
  ),
});

const customers = createRoute({
  getParentRoute: () => app,
  path: "/customers",
  validateSearch: searches.customers,
  component: page(async () => (await import("@/features/customers/CustomersPage")).CustomersPage),
});

const newCustomer = createRoute({
  getParentRoute: () => app,
  path: "/customers/new",
  component: page(
    async () => (await import("@/features/customers/CreateCustomerPage")).CreateCustomerPage,
  ),
});

const customer = createRoute({
  getParentRoute: () => app,
  path: "/customers/$customerId",
  validateSearch: searches.customer,
  component: page(async () => (await import("@/features/customers/CustomerPage")).CustomerPage),
});

const sessions = createRoute({
  getParentRoute: () => app,
  path: "/sessions",
  validateSearch: searches.sessions,
  component: page(async () => (await import("@/features/sessions/SessionsPage")).SessionsPage),
});

const nas = createRoute({
  getParentRoute: () => app,
  path: "/nas",
  component: page(async () => (await import("@/features/network/NasPage")).NasPage),
});

const oneNas = createRoute({
  getParentRoute: () => app,
  path: "/nas/$nasId",
  component: page(async () => (await import("@/features/network/NasDetailPage")).NasDetailPage),
});

const routers = createRoute({
  getParentRoute: () => app,
  path: "/routers",
  validateSearch: searches.routers,
  component: page(async () => (await import("@/features/routers/RoutersPage")).RoutersPage),
});

const oneRouter = createRoute({
  getParentRoute: () => app,
  path: "/routers/$routerId",
  component: page(async () => (await import("@/features/routers/RouterPage")).RouterPage),
});

const realms = createRoute({
  getParentRoute: () => app,
  path: "/realms",
  component: page(async () => (await import("@/features/realms/RealmsPage")).RealmsPage),
});

const invoices = createRoute({
  getParentRoute: () => app,
  path: "/invoices",
  validateSearch: searches.invoices,
  component: page(async () => (await import("@/features/billing/InvoicesPage")).InvoicesPage),
});

const invoice = createRoute({
  getParentRoute: () => app,
  path: "/invoices/$invoiceId",
  component: page(async () => (await import("@/features/billing/InvoicePage")).InvoicePage),
});

const payments = createRoute({
  getParentRoute: () => app,
  path: "/payments",
  validateSearch: searches.payments,
  component: page(async () => (await import("@/features/billing/PaymentsPage")).PaymentsPage),
});

const trialBalance = createRoute({
  getParentRoute: () => app,
  path: "/trial-balance",
  component: page(
    async () => (await import("@/features/billing/TrialBalancePage")).TrialBalancePage,
  ),
});

const packages = createRoute({
  getParentRoute: () => app,
  path: "/packages",
  component: page(async () => (await import("@/features/packages/PackagesPage")).PackagesPage),
});

const zones = createRoute({
  getParentRoute: () => app,
  path: "/zones",
  component: page(async () => (await import("@/features/zones/ZonesPage")).ZonesPage),
});

const operators = createRoute({
  getParentRoute: () => app,
  path: "/operators",
  component: page(async () => (await import("@/features/operators/OperatorsPage")).OperatorsPage),
});

const imports = createRoute({
  getParentRoute: () => app,
  path: "/imports",
  component: page(async () => (await import("@/features/imports/ImportsPage")).ImportsPage),
});

const oneImport = createRoute({
  getParentRoute: () => app,
  path: "/imports/$importId",
  component: page(async () => (await import("@/features/imports/ImportPage")).ImportPage),
});

const users = createRoute({
  getParentRoute: () => app,
  path: "/users",
  validateSearch: searches.users,
  component: page(async () => (await import("@/features/staff/UsersPage")).UsersPage),
});

const apiKeys = createRoute({
  getParentRoute: () => app,
  path: "/api-keys",
  component: page(async () => (await import("@/features/staff/ApiKeysPage")).ApiKeysPage),
});

const auditLog = createRoute({
  getParentRoute: () => app,
  path: "/audit-log",
  validateSearch: searches.auditLog,
  component: page(async () => (await import("@/features/running/AuditLogPage")).AuditLogPage),
});

const jobs = createRoute({
  getParentRoute: () => app,
  path: "/jobs",
  validateSearch: searches.jobs,
  component: page(async () => (await import("@/features/running/JobsPage")).JobsPage),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: page(async () => (await import("@/features/settings/SettingsPage")).SettingsPage),
});

const platform = createRoute({
  getParentRoute: () => app,
  path: "/platform",
  component: page(async () => (await import("@/features/platform/PlatformPage")).PlatformPage),
});

const account = createRoute({
  getParentRoute: () => app,
  path: "/account",
  component: page(async () => (await import("@/features/auth/AccountPage")).AccountPage),
});

const routeTree = root.addChildren([
  signIn,
  password,
  app.addChildren([
    dashboard,
    customers,
    newCustomer,
    customer,
    sessions,
    nas,
    oneNas,
    routers,
    oneRouter,
    realms,
    invoices,
    invoice,
    payments,
    trialBalance,
    packages,
    zones,
    operators,
    imports,
    oneImport,
    users,
    apiKeys,
    auditLog,
    jobs,
    settings,
    platform,
    account,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingComponent: RoutePending,
  defaultErrorComponent: RouteFailed,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
