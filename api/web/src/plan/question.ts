/** One question to the service at a time: the newest wins, the same one is not asked twice. */

import { Newest } from '../newest';
import { asProblem, Problem } from '../problem';

const AGAIN_MS = 1500;

type Reply<T> = T | Problem | null;

export class Question<T> {
  private key = '';
  private reply: Promise<Reply<T>> = Promise.resolve(null);
  private readonly newest = new Newest();

  /** `tell` hears every answer; `late`: after the promise of `ask` had already given a Problem. */
  constructor(
    private readonly tell: (answer: Reply<T>, late: boolean) => void,
    private readonly busy: (going: boolean) => void = () => {},
  ) {}

  /**
   * The answer to what `key` stands for, or the Problem in its place; null if another question came after it.
   *
   * A refused question is refused again, so it is not repeated; what passes by itself is asked again as long as it counts.
   */
  ask(key: string, call: (signal: AbortSignal) => Promise<T>): Promise<Reply<T>> {
    if (key === this.key) return this.reply;
    const mine = this.start(key);
    this.busy(true);
    this.reply = this.attempt(call, mine, null);
    return this.reply;
  }

  /** An answer that came another way. */
  take(key: string, answer: T): void {
    this.start(key);
    this.reply = Promise.resolve(answer);
    this.busy(false);
    this.tell(answer, false);
  }

  /** There is nothing to ask any more; a Problem says why. */
  clear(problem: Problem | null = null): void {
    this.start('');
    this.reply = Promise.resolve(problem);
    this.busy(false);
    this.tell(problem, false);
  }

  private start(key: string): AbortSignal {
    this.key = key;
    return this.newest.begin();
  }

  private async attempt(call: (signal: AbortSignal) => Promise<T>, mine: AbortSignal, before: Problem | null): Promise<Reply<T>> {
    const answer = await call(mine).catch(asProblem);
    if (mine.aborted) return null;
    this.busy(false);
    if (!(answer instanceof Problem)) this.tell(answer, before !== null);
    else {
      if (answer.slug !== before?.slug) this.tell(answer, before !== null); // an alert is not to be read out every second
      if (answer.passes) setTimeout(() => { if (!mine.aborted) this.reply = this.attempt(call, mine, answer); }, AGAIN_MS);
      else if (answer.status < 400 || answer.status >= 500) this.key = ''; // the service may be mended: not known by heart
    }
    return answer;
  }
}
