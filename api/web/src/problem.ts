/** What went wrong between page and service. */

/** RFC 9457 problem, or what could be made of a reply that is none. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}
