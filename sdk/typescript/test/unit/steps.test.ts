import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import type {
  Lease,
  ListStepsRequest,
  ListStepsResponse,
  Outcome,
  Run,
  Step,
  Welcome,
  WorkRequest,
  WorkResponse,
} from '../../src/gen/reseolio/v1/worker.js';
import { abortSignal, CancelledError, context, ReseolioError, type StepContext, step } from '../../src/index.js';
import { Connection } from '../../src/transport/connection.js';
import { ConnectionLostError } from '../../src/transport/connection-lost.js';
import type { StreamListener, Transport } from '../../src/transport/transport.js';
import { type Handler, Registry } from '../../src/worker/registry.js';
import { Worker } from '../../src/worker/worker.js';

const SILENT = { started() {}, succeeded() {}, failed() {}, lost() {} };

/** A sidecar of which the test plays the part, except that it commits steps while `commits` is set; and a worker with one function. */
class Sidecar {
  readonly steps: Step[][] = [];
  readonly outcomes: Outcome[] = [];
  readonly asked: ListStepsRequest[] = [];
  /** What came, in order. */
  readonly cases: string[] = [];
  commits = true;
  list: (request: ListStepsRequest) => Promise<ListStepsResponse> = async () => ({ steps: [], nextAfter: '' });
  #listener: StreamListener<WorkResponse> | undefined;
  #waiting: (() => boolean)[] = [];
  readonly #registry = new Registry();
  readonly #connection = new Connection({ address: async () => '127.0.0.1:1' }, async () => this.#transport());
  readonly #worker = new Worker(
    this.#connection,
    this.#registry,
    { concurrency: 10, access: { token: undefined, tls: undefined } },
    SILENT,
  );

  constructor(handler: Handler) {
    this.#registry.add('test:fn', handler);
  }

  async start(): Promise<this> {
    this.#connection.open();
    await once(this.#connection, 'connected');
    this.welcome(false);
    return this;
  }

  say(message: NonNullable<WorkResponse['message']>): void {
    this.#listener?.onMessage({ message });
  }

  welcome(resumed: boolean): void {
    const value = { session: 's', resumed, maxPayloadBytes: 100n, resumeGrace: { seconds: 60n, nanos: 0 } };
    this.say({ $case: 'welcome', value: { ...value, beatInterval: { seconds: 60n, nanos: 0 } } as Welcome });
  }

  /** Starts an execution, and first those of other functions, which the worker does not have. */
  run(attempt = 1, ...before: string[]): Lease {
    const lease = { jobId: 'job', attempt, token: 7n };
    const run = { lease, function: 'test:fn', args: undefined, maxAttempts: 3, idempotencyKey: '' } as unknown as Run;
    const others = before.map((name) => ({ ...run, lease: { ...lease, jobId: name }, function: name }));
    this.say({ $case: 'runs', value: { runs: [...others, run] } });
    return lease;
  }

  commit(...steps: Step[]): void {
    this.say({ $case: 'stepsCommitted', value: { steps: steps.map(({ lease, key }) => ({ lease, key })) } });
  }

  /** The stream breaks. */
  break(): void {
    this.#listener?.onEnd(new ConnectionLostError('broken', true));
  }

  /** Resolves when so much has come as `enough` asks for. */
  until(enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): boolean => {
        if (enough()) resolve();
        return !enough();
      };
      if (check()) this.#waiting.push(check);
    });
  }

  async outcome(): Promise<Outcome['outcome']> {
    await this.until(() => this.outcomes.length > 0);
    return this.outcomes[0]?.outcome;
  }

  /** What the handler returned. */
  async result(): Promise<unknown> {
    const outcome = await this.outcome();
    assert.equal(outcome?.$case, 'complete', JSON.stringify(outcome));
    return JSON.parse(String(outcome?.$case === 'complete' && outcome.value.result?.data));
  }

  async stop(): Promise<void> {
    for (const { lease } of this.outcomes) if (lease) this.say({ $case: 'committed', value: { leases: [lease] } });
    const stopped = this.#worker.stop(0);
    this.#listener?.onEnd();
    await stopped;
    this.#connection.close();
  }

  #transport(): Transport {
    return {
      address: '127.0.0.1:1',
      lost: new Promise<void>(() => {}),
      listSteps: (request: ListStepsRequest) => {
        this.asked.push(request);
        return this.list(request);
      },
      work: (listener: StreamListener<WorkResponse>) => {
        this.#listener = listener;
        return { send: (request: WorkRequest) => this.#take(request), end: () => listener.onEnd(), cancel() {} };
      },
      close() {},
    } as unknown as Transport;
  }

  #take({ message }: WorkRequest): void {
    if (message === undefined) return;
    this.cases.push(message.$case);
    if (message.$case === 'outcomes') this.outcomes.push(...message.value.outcomes);
    if (message.$case === 'steps') {
      const { steps } = message.value;
      this.steps.push(steps);
      setImmediate(() => {
        if (this.commits) this.commit(...steps);
      });
    }
    this.#waiting = this.#waiting.filter((check) => check());
  }
}

const sidecars: Sidecar[] = [];
after(() => Promise.all(sidecars.map((sidecar) => sidecar.stop())));

function sidecar(handler: Handler): Promise<Sidecar> {
  const started = new Sidecar(handler);
  sidecars.push(started);
  return started.start();
}

const payload = (value: unknown) => ({ data: Buffer.from(JSON.stringify(value)), contentType: '' });
const recorded = (key: string, value: unknown) => ({ key, result: value === undefined ? undefined : payload(value) });
const keys = (steps: Step[][]) => steps.map((message) => message.map(({ key }) => key));
const turn = () => new Promise(setImmediate);

test('the key of a step is its name, and from the second occurrence on the number too', async () => {
  const seen: StepContext[] = [];
  const at = await sidecar(async () => {
    for (const name of ['a', 'b', 'a', 'a', 'b']) await step(name, (context) => void seen.push(context));
  });
  at.run();
  assert.equal(await at.result(), null);
  assert.deepEqual(keys(at.steps), [['a'], ['b'], ['a#2'], ['a#3'], ['b#2']]);
  assert.deepEqual(seen[2], { key: 'a#2', idempotencyKey: 'job/a#2' });
  assert.deepEqual(at.asked, [], 'a first execution has nothing to ask for');
});

test('steps that are done in the same turn share a message', async () => {
  const at = await sidecar(() => Promise.all(['a', 'b', 'a'].map((name) => step(name, () => name))));
  at.run();
  assert.deepEqual(await at.result(), ['a', 'b', 'a']);
  assert.deepEqual(keys(at.steps), [['a', 'b', 'a#2']]);
});

test('a step resolves when it is committed, not before, with what its JSON reads as', async () => {
  const date = new Date(0);
  const values: unknown[] = [];
  const at = await sidecar(async () => {
    for (const value of [{ date }, undefined, null, () => 1]) values.push(await step('x', () => value));
  });
  at.commits = false;
  at.run();
  await at.until(() => at.steps.length === 1);
  await turn();
  assert.deepEqual(values, []);
  at.commits = true;
  at.commit(...(at.steps[0] ?? []));
  await at.outcome();
  assert.deepEqual(values, [{ date: date.toJSON() }, undefined, null, undefined]);
  assert.deepEqual(
    at.steps.flat().map(({ result }) => result?.data.toString()),
    ['{"date":"1970-01-01T00:00:00.000Z"}', undefined, 'null', undefined],
  );
});

test('a later execution reads all pages once and calls no body of a recorded step', async () => {
  const done: string[] = [];
  const doing = (name: string) => step(name, ({ key }) => void done.push(key));
  const at = await sidecar(async () => [
    await Promise.all([doing('a'), doing('b')]),
    await doing('a'),
    await doing('c'),
  ]);
  at.list = async ({ after }) =>
    after === ''
      ? { steps: [recorded('a', 1), recorded('b', undefined)], nextAfter: 'b' }
      : { steps: [recorded('a#2', { two: 2 })], nextAfter: '' };
  const lease = at.run(2);
  assert.deepEqual(await at.result(), [[1, null], { two: 2 }, null]);
  assert.deepEqual(done, ['c']);
  assert.deepEqual(at.asked, [
    { session: 's', lease, after: '' },
    { session: 's', lease, after: 'b' },
  ]);
});

test('reading the recorded steps goes on through what passes, and ends with a refusal', async () => {
  const answers = [new ConnectionLostError('gone', true), new ReseolioError('storage_unavailable', 'away')];
  const at = await sidecar(() => step('a', () => 'done again'));
  at.list = async () => {
    const error = answers.shift();
    if (error !== undefined) throw error;
    return { steps: [recorded('a', 'done')], nextAfter: '' };
  };
  at.run(2);
  assert.equal(await at.result(), 'done');

  const refused = await sidecar(() => {
    void step('not looked at', () => 'never');
    return step('a', () => 'never').catch(({ code }) => code);
  });
  refused.list = async () => {
    throw new ReseolioError('lease_lost', 'another one has it');
  };
  refused.run(2);
  assert.equal(await refused.result(), 'lease_lost');
});

test('an execution that is stopped while it reads does not go on reading, and calls no body', async () => {
  let called = false;
  const body = () => {
    called = true;
  };
  const at = await sidecar(() => step('a', body));
  at.list = async () => {
    at.say({ $case: 'leaseLost', value: { leases: [lease] } });
    throw new ConnectionLostError('gone', true);
  };
  const lease = at.run(2);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(at.asked.length, 1);
  assert.ok(!called);
});

test('what a body throws is not recorded, and the handler may go on', async () => {
  const at = await sidecar(async () => {
    const failed = step('a', async () => {
      throw new RangeError('no');
    });
    await assert.rejects(failed, RangeError);
    return step('b', () => 'b');
  });
  at.run();
  assert.equal(await at.result(), 'b');
  assert.deepEqual(keys(at.steps), [['b']]);
});

test('after a broken stream, what is not acknowledged is sent again, steps before outcomes', async () => {
  const at = await sidecar(async () => {
    const { attempt } = context();
    if (attempt > 1) return attempt;
    return [await step('a', () => 1), await Promise.all([step('b', () => 2), step('c', () => 3)])];
  });
  at.run(1);
  at.run(2);
  await at.until(() => at.steps.length === 2);
  at.commits = false;
  const [[a] = [], [b, c] = []] = at.steps;
  assert.ok(a && b && c);
  at.commit(b);
  at.break();
  const before = at.cases.length;
  await at.until(() => at.cases.includes('hello', before));
  at.welcome(true);
  assert.deepEqual(at.cases.slice(before), ['hello', 'steps', 'outcomes']);
  assert.deepEqual(at.steps.slice(2), [[c]]);
  at.commit(a, c);
  await at.until(() => at.outcomes.some(({ lease }) => lease?.attempt === 1));
  assert.ok(at.outcomes.every(({ outcome }) => outcome?.$case === 'complete'));
});

test('a step that is done before its handler fails is reported before that', async () => {
  const at = await sidecar(() =>
    Promise.all([
      step('a', () => 1),
      step('b', () => {
        throw new Error('no');
      }),
    ]),
  );
  at.run(1, 'test:unknown');
  await at.until(() => at.outcomes.length === 2);
  assert.deepEqual(at.cases, ['hello', 'steps', 'outcomes']);
  assert.deepEqual(keys(at.steps), [['a']]);
});

test('a lost lease and a lost session reject the steps that wait', async () => {
  for (const lose of ['leaseLost', 'session'] as const) {
    const reasons: unknown[] = [];
    const at = await sidecar(async () => {
      await step('a', () => 1).catch((reason) => reasons.push(reason));
      await step('b', () => assert.fail()).catch((reason) => reasons.push(reason));
      reasons.push(abortSignal().reason);
    });
    at.commits = false;
    const lease = at.run();
    await at.until(() => at.steps.length === 1);
    if (lose === 'leaseLost') at.say({ $case: 'leaseLost', value: { leases: [lease] } });
    else at.welcome(false);
    await turn();
    assert.equal(reasons.length, 3);
    assert.ok(reasons[0] instanceof CancelledError);
    assert.ok(reasons.every((reason) => reason === reasons[0]));
  }
});

test('a step is rejected while its body runs, which is not interrupted; nobody needs to look', async () => {
  let body = 'not begun';
  let finish = (): void => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const at = await sidecar(async () => {
    const early = step('a', async () => {
      await gate;
      body = 'ended';
    });
    await new Promise((resolve) => abortSignal().addEventListener('abort', resolve));
    void step('b', () => assert.fail());
    await turn();
    await early;
  });
  const lease = at.run();
  at.say({ $case: 'cancel', value: { lease, reason: 1, grace: undefined } });
  const outcome = await at.outcome();
  assert.ok(outcome?.$case === 'fail' && outcome.value.cancelled);
  finish();
  await turn();
  await turn();
  assert.equal(body, 'ended');
  assert.deepEqual(at.steps, []);
});

test('a result that cannot be recorded makes the job dead and says why', async () => {
  for (const [value, message] of [
    ['x'.repeat(100), /the result of step 'big' is 102 bytes as JSON, the limit is 100 bytes/],
    [1n, /the result of step 'big' must be JSON, got a bigint/],
  ] as const) {
    const at = await sidecar(() => step('big', () => value));
    at.run();
    const outcome = await at.outcome();
    assert.ok(outcome?.$case === 'fail' && outcome.value.nonRetryable);
    assert.match(outcome.value.error?.message ?? '', message);
    assert.deepEqual(at.steps, []);
  }
});

test('what was recorded and cannot be read makes the job dead', async () => {
  const at = await sidecar(() => step('a', () => assert.fail('recorded')));
  const result = { data: Buffer.from('no JSON'), contentType: '' };
  at.list = async () => ({ steps: [{ key: 'a', result }], nextAfter: '' });
  at.run(2);
  const outcome = await at.outcome();
  assert.ok(outcome?.$case === 'fail' && outcome.value.nonRetryable, JSON.stringify(outcome));
  assert.equal(outcome.value.error?.type, 'UnreadableStep');
});

test('names are 1 to 255 characters without control characters and #, and so are keys', async () => {
  const errors: ReseolioError[] = [];
  const at = await sidecar(async () => {
    const long = 'x'.repeat(255);
    await step(long, () => 1);
    for (const name of ['', 'x'.repeat(256), 'a\n', 'a#2', 'a\ud800', long, 7 as unknown as string]) {
      await step(name, () => assert.fail()).catch((error) => errors.push(error));
    }
    await step('y', 7 as never).catch((error) => errors.push(error));
  });
  at.run();
  await at.result();
  const expected = [
    /the name of a step expects 1 to 255 characters, got 0/,
    /got 256; shorten it/,
    /no control characters/,
    /the name of a step expects no '#', got "a#2"/,
    /expects whole characters/,
    /the key of a step expects 1 to 255 characters, got 257/,
    /expects a string, got number/,
    /step\("y"\) expects a function, got 7/,
  ];
  assert.equal(errors.length, expected.length);
  expected.forEach((pattern, i) => {
    assert.equal(errors[i]?.code, 'invalid_argument');
    assert.match(errors[i]?.message ?? '', pattern);
  });
});

test('the body belongs to the job, and has no steps of its own', async () => {
  const at = await sidecar(async () => [
    await step('outer', () => context().jobId),
    await step('again', () => step('inner', () => 1)).catch(({ code }) => code),
  ]);
  at.run();
  assert.deepEqual(await at.result(), ['job', 'nested_step']);
});

test('a step after the end of its handler is refused; one that was not awaited is told', async () => {
  let late: Promise<unknown> | undefined;
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const warned = once(process, 'warning');
  const at = await sidecar(() => {
    late = ended.then(() => step('late', () => assert.fail()));
    void step('forgotten', () => ended);
  });
  at.run();
  await at.outcome();
  end();
  await assert.rejects(late ?? Promise.resolve(), { code: 'outside_job', message: /await every step/ });
  assert.match(String(await warned), /"test:fn" returned before its steps "forgotten" had ended/);
  assert.deepEqual(at.steps, []);
});

test('outside a handler a step just calls its body', async () => {
  const seen = await step('a', async (context) => context);
  assert.equal(seen.key, 'a');
  assert.match(seen.idempotencyKey, /^[0-9a-f-]{36}\/a$/);
  await assert.rejects(
    step('a#', () => 1),
    { code: 'invalid_argument' },
  );
});
