/* Stress of the library, both sides in one process.
 *
 *   aec-plain calls BACKEND CALLS LANES SEED   two directions, random sizes, batches, links, cancels, deadlines
 *   aec-plain teardown ROUNDS SEED             regions torn down with calls in flight
 *
 * Prints "ok", or ends with 1; what happened is on stderr. Region and private memory stand between
 * pages that fault, so an access outside ends the program. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aec_port.h"
#include "check.h"
#include "plain.h"
#include "plain_region.h"

enum { F_ECHO, F_SUM, F_FAIL, F_SLOW, FUNCTIONS };
enum { BATCH = 24, LARGEST = 6000 };

/* ---- What is called ---- */

static uint64_t sum(const uint8_t *p, uint32_t n) {
  uint64_t s = n;
  for (uint32_t i = 0; i < n; i++) s = s * 31 + p[i];
  return s;
}

static int32_t echo(struct aec_request *r) {
  r->ret_len = r->arg_len < r->ret_cap ? r->arg_len : r->ret_cap;
  memcpy(r->ret, r->arg, r->ret_len);
  r->ret_val = sum(r->arg, r->arg_len);
  return AEC_OK;
}
static int32_t sum_only(struct aec_request *r) {
  r->ret_val = sum(r->arg, r->arg_len);
  return AEC_OK;
}
static int32_t fail(struct aec_request *r) {
  (void)r;
  return AEC_E_NOENT;
}
static int32_t slow(struct aec_request *r) {
  for (int i = 0; i < 2000; i++) aec_pause();
  r->ret_val = sum(r->arg, r->arg_len);
  return AEC_OK;
}
static const struct aec_entry table[FUNCTIONS] = {
    [F_ECHO] = {.function = echo, .arg_max = LARGEST, .ret_max = LARGEST},
    [F_SUM] = {.function = sum_only, .arg_max = LARGEST},
    [F_FAIL] = {.function = fail, .arg_max = LARGEST},
    [F_SLOW] = {.function = slow, .arg_max = LARGEST},
};
static const struct aec_limits limits = {.max_arg = LARGEST, .poll_turns = 50, .retries = 500};

/* ---- Threads ---- */

struct caller {
  pthread_t thread;
  struct aec_tx *lane;
  uint64_t calls, seed;
  uint64_t ok, canceled, timeouts, failed, gone, ring;
};

struct call {
  aec_ticket ticket;
  uint32_t func, len;
  uint64_t sum;
  uint8_t arg[LARGEST], ret[LARGEST];
  int linked; /* an earlier one of its chain may take it along */
};

static void judge(struct caller *c, const struct call *k, struct aec_result r) {
  switch (r.status) {
    case AEC_OK:
      c->ok++;
      if (k->func == F_FAIL) wrong("a failing function succeeded", k->func, r.status);
      if (k->sum != r.ret_val) wrong("sum", (long)k->sum, (long)r.ret_val);
      if (k->func == F_ECHO && (r.ret_len != k->len || memcmp(k->arg, k->ret, k->len))) wrong("echo", r.ret_len, k->len);
      break;
    case AEC_E_CANCELED: c->canceled++; break;
    case AEC_E_TIMEOUT: c->timeouts++; break;
    case AEC_E_GONE: c->gone++; break;
    case AEC_E_RING: c->ring++; break;
    case AEC_E_NOENT:
      c->failed++;
      if (k->func != F_FAIL) wrong("status", k->func, r.status);
      break;
    default: wrong("status", k->func, r.status);
  }
}

static void prepare(struct call *k, uint64_t *seed) {
  uint64_t x = next(seed);
  k->func = x % 16 == 0 ? F_SLOW : x % 16 == 1 ? F_FAIL : x & 64 ? F_ECHO : F_SUM;
  k->len = (x >> 8) % 4 ? (x >> 10) % 100 : (x >> 10) % LARGEST;
  for (uint32_t i = 0; i < k->len; i += 8) {
    uint64_t word = next(seed);
    memcpy(k->arg + i, &word, k->len - i < 8 ? k->len - i : 8);
  }
  k->sum = sum(k->arg, k->len);
}

/* One batch: fill it as far as there is room, disturb it, wait for each in a random way. */
static uint64_t batch(struct caller *c, struct call *calls) {
  struct aec_tx *t = c->lane;
  uint32_t wanted = 1 + next(&c->seed) % BATCH, n = 0;
  int stop = 0;
  for (; n < wanted && !stop; n++) {
    struct call *k = &calls[n];
    prepare(k, &c->seed);
    uint64_t x = next(&c->seed);
    struct aec_submission s = {.func = k->func, .arg = k->arg, .arg_len = k->len, .ret = k->ret,
                               .ret_cap = k->func == F_ECHO ? LARGEST : 0, .more = x % 3 == 0,
                               .flags = x % 7 == 0 ? AEC_LINK : 0, .deadline = x % 64 == 0 ? aec_time() + x % 100 : 0};
    int error = aec_submit(t, &s, &k->ticket);
    if (error == AEC_E_AGAIN) break;
    if (error) {
      c->gone += error == AEC_E_GONE;
      c->ring += error == AEC_E_RING;
      if (error != AEC_E_GONE && error != AEC_E_RING) wrong("submit", error, 0);
      stop = 1;
      break;
    }
  }
  aec_flush(t);
  for (uint32_t i = 0; i < n; i++)
    if (next(&c->seed) % 32 == 0) aec_cancel(t, calls[i].ticket);
  for (uint32_t i = n; i-- > 0;) judge(c, &calls[i], aec_wait(t, calls[i].ticket, next(&c->seed) % 200 == 0 ? aec_time() + 20 : 0));
  if (n == 0 && !stop && aec_poll(t) <= 0) aec_pause(); /* memory is full of quarantined arguments */
  return stop ? ~0ull : n;
}

static void *call_many(void *argument) {
  struct caller *c = argument;
  struct call *calls = malloc(sizeof *calls * BATCH);
  for (uint64_t done = 0; done < c->calls;) {
    uint64_t n = batch(c, calls);
    if (n == ~0ull) break;
    done += n;
  }
  free(calls);
  return NULL;
}

static void *call_simply(void *argument) {
  struct caller *c = argument;
  struct call *k = malloc(sizeof *k);
  for (uint64_t done = 0; done < c->calls; done++) {
    prepare(k, &c->seed);
    struct aec_result r = aec_call(c->lane, k->func, k->arg, k->len, k->ret, k->func == F_ECHO ? LARGEST : 0);
    judge(c, k, r);
    if (r.status == AEC_E_GONE || r.status == AEC_E_RING) break;
  }
  free(k);
  return NULL;
}

struct server {
  pthread_t thread;
  struct aec *e;
  uint32_t stop;
};
static void *serve(void *argument) {
  struct server *s = argument;
  aec_serve_forever(s->e, &s->stop);
  return NULL;
}

/* ---- Both sides ---- */

enum { MAX_LANES = 8 };
struct both {
  struct plain_region region;
  struct plain_side side[2];
  struct server server[2];
  struct caller caller[2][MAX_LANES];
};

static void start(struct both *b, enum aec_backend backend, uint64_t calls, unsigned lanes, uint64_t seed) {
  plain_format(&b->region, 1 << 20, (uint16_t)lanes, (uint16_t)lanes, 5);
  plain_attach(&b->side[AEC_ENCLAVE], &b->region, AEC_ENCLAVE, backend, &limits, &b->side[AEC_HOST]);
  plain_attach(&b->side[AEC_HOST], &b->region, AEC_HOST, backend, &limits, &b->side[AEC_ENCLAVE]);
  for (int i = 0; i < 2; i++) {
    aec_register(&b->side[i].aec, table, FUNCTIONS);
    b->server[i] = (struct server){.e = &b->side[i].aec};
    pthread_create(&b->server[i].thread, NULL, serve, &b->server[i]);
  }
  int simple = backend == AEC_SYNC || backend == AEC_SPIN || backend == AEC_WORKERS;
  for (int i = 0; i < 2; i++)
    for (unsigned l = 0; l < lanes; l++) {
      b->caller[i][l] = (struct caller){.lane = &b->side[i].aec.tx[l], .calls = calls, .seed = seed * 1000 + (unsigned)i * 100 + l + 1};
      pthread_create(&b->caller[i][l].thread, NULL, simple ? call_simply : call_many, &b->caller[i][l]);
    }
}

static void join_callers(struct both *b, unsigned lanes) {
  for (int i = 0; i < 2; i++)
    for (unsigned l = 0; l < lanes; l++) pthread_join(b->caller[i][l].thread, NULL);
}

static void join_servers(struct both *b) {
  for (int i = 0; i < 2; i++) pthread_join(b->server[i].thread, NULL);
}

static void finish(struct both *b) {
  for (int i = 0; i < 2; i++) plain_detach(&b->side[i]);
  plain_free(&b->region);
}

static void totals(const struct both *b, unsigned lanes, struct caller *sum_of) {
  for (int i = 0; i < 2; i++)
    for (unsigned l = 0; l < lanes; l++) {
      const struct caller *c = &b->caller[i][l];
      sum_of->ok += c->ok, sum_of->canceled += c->canceled, sum_of->timeouts += c->timeouts;
      sum_of->failed += c->failed, sum_of->gone += c->gone, sum_of->ring += c->ring;
    }
}

static void stress_calls(enum aec_backend backend, uint64_t calls, unsigned lanes, uint64_t seed) {
  static struct both b;
  start(&b, backend, calls, lanes, seed);
  join_callers(&b, lanes);
  for (int i = 0; i < 2; i++)
    for (unsigned l = 0; l < lanes; l++) /* late completions of what timed out */
      while (aec_outstanding(&b.side[i].aec.tx[l]) && aec_poll(&b.side[i].aec.tx[l]) >= 0) aec_pause();
  plain_tear_down(&b.region);
  join_servers(&b);
  struct caller all = {0};
  totals(&b, lanes, &all);
  uint64_t stale = 0, rejected = 0, in_use = 0;
  for (int i = 0; i < 2; i++)
    for (unsigned l = 0; l < lanes; l++) {
      struct aec_tx *t = &b.side[i].aec.tx[l];
      struct aec_rx *r = &b.side[i].aec.rx[l];
      stale += t->stat.stale;
      rejected += t->stat.rejected + r->stat.rejected;
      for (; r->freed != r->tail; r->freed++) {
        aec_handle h = r->held[r->freed & (b.side[i].aec.entries - 1)];
        if (h) in_use += aec_shm_size(h);
      }
      if (r->hot_held) in_use += aec_shm_size(r->hot_held);
    }
  uint64_t leaked = b.side[0].aec.shm.in_use + b.side[1].aec.shm.in_use - in_use;
  if (stale || rejected || leaked) wrong("stale or rejected completions, or leaked bytes", (long)(stale + rejected), (long)leaked);
  uint64_t judged = all.ok + all.canceled + all.timeouts + all.failed;
  if (judged < 2 * calls * lanes) wrong("calls without an outcome", (long)judged, (long)(2 * calls * lanes));
  fprintf(stderr, "calls %" PRIu64 " ok %" PRIu64 " failed %" PRIu64 " canceled %" PRIu64 " timeouts %" PRIu64 "\n", judged, all.ok, all.failed,
         all.canceled, all.timeouts);
  finish(&b);
}

static void stress_teardown(uint64_t rounds, uint64_t seed) {
  static struct both b;
  struct caller all = {0};
  uint8_t *before = malloc(1 << 20);
  for (uint64_t i = 0; i < rounds; i++) {
    enum aec_backend backend = i % 3 == 0 ? AEC_ASYNC_POLL : i % 3 == 1 ? AEC_ASYNC_ADAPTIVE : AEC_SPIN;
    start(&b, backend, ~0ull, 2, seed + i);
    for (uint64_t spin = next(&seed) % 20000; spin; spin--) aec_pause();
    plain_tear_down(&b.region);
    join_callers(&b, 2);
    join_servers(&b);
    memcpy(before, b.region.memory, b.region.len);
    for (int s = 0; s < 2; s++) { /* nothing is written late */
      aec_serve(&b.side[s].aec);
      struct aec_result r = aec_call(&b.side[s].aec.tx[0], F_SUM, "late", 4, NULL, 0);
      if (r.status != AEC_E_GONE) wrong("call after teardown", r.status, s);
    }
    if (memcmp(before, b.region.memory, b.region.len)) wrong("written after teardown", (long)i, backend);
    totals(&b, 2, &all);
    finish(&b);
  }
  free(before);
  if (all.gone < rounds * 4) wrong("callers that did not hear of the end", (long)all.gone, (long)rounds * 4);
}

static enum aec_backend backend_of(const char *name) {
  for (int i = 0; i < AEC_BACKENDS; i++)
    if (strcmp(name, aec_backend_names[i]) == 0) return (enum aec_backend)i;
  fprintf(stderr, "aec-plain: no such backend: %s\n", name);
  exit(2);
}

int run_calls(int argc, char **argv) {
  if (argc != 5 || number(argv[3]) < 1 || number(argv[3]) > MAX_LANES) return 2;
  stress_calls(backend_of(argv[1]), number(argv[2]), (unsigned)number(argv[3]), number(argv[4]));
  return outcome();
}

int run_teardown(int argc, char **argv) {
  if (argc != 3) return 2;
  stress_teardown(number(argv[1]), number(argv[2]));
  return outcome();
}
