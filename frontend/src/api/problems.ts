import type { Problem } from "./types";

/** A refusal of the server with its machine-readable code. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Any thrown value as a problem; what is not from the server becomes network_error. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return {
    type: "about:blank",
    title: "",
    status: 0,
    code: error instanceof TypeError ? "network_error" : "unexpected_error",
    instance: "",
  };
}

/** The problem of an answer that has a body we may or may not understand. */
export function problemOf(body: unknown, status: number): Problem {
  if (typeof body === "object" && body !== null && "code" in body) return body as Problem;
  return { type: "about:blank", title: "", status, code: "unexpected_error", instance: "" };
}

/** A JSON pointer such as /price/amount as a form path such as price.amount. */
export function pointerToPath(pointer: string): string {
  return pointer
    .replace(/^#?\//, "")
    .split("/")
    .map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"))
    .join(".");
}
