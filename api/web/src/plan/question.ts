/** One question to the service at a time: the newest wins, the same one is not asked twice. */

import { Problem } from '../problem';

export class Question<T> {
  private key = '';
  /** What the newest answer belongs to. */
  answered = '';
  private abort: AbortController | null = null;

  constructor(
    private readonly tell: (answer: T | Problem | null) => void,
    private readonly busy: (going: boolean) => void = () => {},
  ) {}

  /** Asks what `key` stands for; an answer that comes too late is dropped. */
  async ask(key: string, call: (signal: AbortSignal) => Promise<T>): Promise<void> {
    if (key === this.key) return;
    this.key = key;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    this.busy(true);
    try {
      const answer = await call(abort.signal);
      if (abort.signal.aborted) return;
      this.answered = key;
      this.tell(answer);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.key = ''; // what failed may be asked again
      this.tell(error instanceof Problem ? error : new Problem(0, 'error', String(error)));
    } finally {
      if (this.abort === abort) this.busy(false);
    }
  }

  /** There is nothing to ask any more. */
  clear(): void {
    if (this.key === '' && this.abort === null) return;
    this.key = this.answered = '';
    this.abort?.abort();
    this.abort = null;
    this.busy(false);
    this.tell(null);
  }
}
