/** What went wrong between page and service. */

/** What passes by itself: the same question may be answered a moment later. */
const PASSING: ReadonlySet<string> = new Set(['busy', 'too-slow', 'unreachable']);

/** RFC 9457 problem, or what could be made of a reply that is none. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly detail: string,
  ) {
    super(detail);
  }

  get passes(): boolean {
    return PASSING.has(this.slug);
  }
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'error', String(error));
}
