/** Of several questions about one thing only the newest may answer: what was chosen, clicked or typed last counts. */
export class Newest {
  private current: AbortController | null = null;

  /** Begins a question. The signal of the one before it is aborted: its answer comes too late, whatever it says. */
  begin(): AbortSignal {
    this.drop();
    this.current = new AbortController();
    return this.current.signal;
  }

  /** None counts any more. */
  drop(): void {
    this.current?.abort();
    this.current = null;
  }
}
