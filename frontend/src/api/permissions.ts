import { useSuspenseQuery } from "@tanstack/react-query";
import { meQuery } from "./query";
import type { Me, Permission } from "./types";

/** The signed-in person; the shell has loaded it before any page renders. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the signed-in person holds a permission. Roles are never asked for. */
export function useCan(): (permission: Permission) => boolean {
  const held = new Set(useMe().permissions);
  return (permission) => held.has(permission);
}

export function holdsAny(me: Me, permissions: readonly Permission[]): boolean {
  return permissions.some((permission) => me.permissions.includes(permission));
}
