import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  text: string;
  failed: boolean;
}

const LIFETIME = 5_000;
let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

/** Tells the person something in passing; it goes away by itself. */
export function toast(text: string, failed = false): void {
  lastId += 1;
  const id = lastId;
  publish([...toasts, { id, text, failed }]);
  setTimeout(() => dismissToast(id), LIFETIME);
}

export function dismissToast(id: number): void {
  publish(toasts.filter((entry) => entry.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}

function publish(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
