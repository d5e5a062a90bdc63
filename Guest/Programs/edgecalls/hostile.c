/* One side of a region against a hostile other side (hostile_peer.h).
 *
 *   aec-plain hostile CALLS HARTS SEED    HARTS: 2 (one that calls and serves), 3 (one each), 4 (two that call); one is the peer's
 *
 * Rounds of calls in both directions, with random cancels, deadlines, backends; half of them are torn down in the middle.
 * What the peer says may be anything, so results are not judged. What must hold whatever it says: every call has one
 * outcome, a status that there is, and no more result than asked for; handlers see private arguments that stay as they are,
 * and results of their own zone; memory comes back; nothing outside is touched (guard pages, directions of each side's
 * mapping, canaries); nobody waits for ever (the alarm). */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aec_private.h"
#include "check.h"
#include "hostile_peer.h"
#include "plain.h"

enum { LANES = 2, CALLERS = 2, BATCH = 12, CAP = 256, ROUND = 2000, HANG = 300, FUNCTIONS = 6 };
#define CANARY 0xc0ffee5afe5afeedu

struct victim;

struct caller {
  pthread_t thread;
  struct victim *v;
  uint32_t first, lanes; /* of the endpoint */
  uint64_t seed, calls, ok, gone, timeouts;
};

struct victim {
  struct plain_side side;
  struct caller caller[CALLERS];
  pthread_t server;
  int until_torn_down;
  uint32_t calling; /* callers with an open lane */
  uint64_t ran;
};

/* ---- What the peer calls ---- */

static int32_t function(struct aec_request *r) {
  struct victim *v = r->context;
  const uint8_t *arg = r->arg;
  struct aec *e = &v->side.aec;
  __atomic_fetch_add(&v->ran, 1, __ATOMIC_RELAXED);
  if (r->arg_len > CAP) wrong("an argument longer than the table allows", r->arg_len, CAP);
  if (e->backend != AEC_SPIN && r->arg_len && arg < e->region + e->len && arg + r->arg_len > e->region) wrong("an argument in shared memory", 0, 0);
  uint32_t sums[2] = {0, 0};
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < r->arg_len; i++) sums[pass] = sums[pass] * 31 + ((const volatile uint8_t *)arg)[i];
  if (sums[0] != sums[1]) wrong("an argument that changes", sums[0], sums[1]);
  if (r->ret_cap > CAP) wrong("more room than the table allows", r->ret_cap, CAP);
  if (r->ret_cap) {
    uint64_t at = (uint64_t)((uint8_t *)r->ret - e->shm.base);
    if (at > (uint64_t)e->shm.pages * AEC_PAGE - r->ret_cap) wrong("a result outside the zone", (long)at, r->ret_cap);
    memset(r->ret, 0x5a, r->ret_cap);
  }
  r->ret_len = r->ret_cap;
  return sums[0] % 16 == 1 ? AEC_E_NOENT : AEC_OK;
}

/* ---- Calling ---- */

struct call {
  aec_ticket ticket;
  uint64_t before;
  uint8_t ret[CAP];
  uint64_t after;
};

static void judge(struct caller *c, const struct call *k, struct aec_result r) {
  c->calls++;
  c->ok += r.status == AEC_OK;
  c->gone += r.status == AEC_E_GONE || r.status == AEC_E_RING;
  c->timeouts += r.status == AEC_E_TIMEOUT;
  if (r.status > 0) wrong("a status that there is not", r.status, 0);
  if (r.ret_len > CAP) wrong("more than was asked for", r.ret_len, CAP);
  if (k->before != CANARY || k->after != CANARY) wrong("written beside the result", 0, 0);
}

/* Up to BATCH calls on a lane, each to its one outcome; 0 when the lane is closed. */
static int batch(struct caller *c, struct aec_tx *t, struct call *calls) {
  static const uint8_t text[CAP];
  uint32_t wanted = 1 + next(&c->seed) % BATCH, n = 0;
  int error = 0;
  for (; n < wanted; n++) {
    uint64_t x = next(&c->seed);
    calls[n].before = calls[n].after = CANARY;
    struct aec_submission s = {.func = (uint32_t)x % 8, .arg = text, .arg_len = x & 8 ? (uint32_t)(x >> 8) % 24 : (uint32_t)(x >> 8) % CAP, .ret = calls[n].ret,
                               .ret_cap = CAP, .more = (x >> 20) % 2, .deadline = (x >> 22) % 16 ? 0 : aec_time() + 50};
    if ((error = aec_submit(t, &s, &calls[n].ticket)) != AEC_OK) break;
  }
  aec_flush(t);
  for (uint32_t i = 0; i < n; i++) {
    if (next(&c->seed) % 16 == 0) aec_cancel(t, calls[i].ticket);
    uint64_t x = next(&c->seed), patience = 20 + (x >> 8) % (x % 8 ? 20000 : 200);
    judge(c, &calls[i], aec_wait(t, calls[i].ticket, c->v->until_torn_down && (x >> 3) % 4 ? 0 : aec_time() + patience));
    struct aec_result again;
    if (aec_take(t, calls[i].ticket, &again) != AEC_E_STALE) wrong("a second outcome", 0, 0);
  }
  if (n == 0 && aec_poll(t) == 0) aec_pause(); /* everything waits for completions that are late */
  return error == AEC_OK || error == AEC_E_AGAIN;
}

static int call_hot(struct caller *c, struct aec_tx *t, struct call *k) {
  static const uint8_t text[CAP];
  k->before = k->after = CANARY;
  struct aec_result r = aec_call(t, (uint32_t)next(&c->seed) % 8, text, (uint32_t)next(&c->seed) % CAP, k->ret, CAP);
  judge(c, k, r);
  return r.status != AEC_E_GONE;
}

static void *call_on(void *argument) {
  struct caller *c = argument;
  struct aec *e = &c->v->side.aec;
  static _Thread_local struct call calls[BATCH];
  uint32_t open = (1u << c->lanes) - 1;
  for (uint32_t turn = 0; open && aec_state(e) == AEC_LIVE && (c->v->until_torn_down || turn < ROUND / BATCH); turn++)
    for (uint32_t l = 0; l < c->lanes; l++) {
      struct aec_tx *t = &e->tx[c->first + l];
      if ((open & 1u << l) && !(e->backend == AEC_SPIN ? call_hot(c, t, calls) : batch(c, t, calls))) open &= ~(1u << l);
      if (e->limits.serve_while_waiting) aec_serve(e);
    }
  __atomic_fetch_sub(&c->v->calling, 1, __ATOMIC_RELAXED);
  return NULL;
}

static void *serve(void *argument) {
  aec_serve_forever(argument, NULL);
  return NULL;
}

/* ---- Rounds ---- */

static void settle(struct victim *v) {
  struct aec *e = &v->side.aec;
  uint64_t held = 0, taken = 0;
  for (uint32_t l = 0; l < e->n_tx; l++) {
    struct aec_tx *t = &e->tx[l];
    if (e->backend != AEC_SPIN && aec_poll(t) >= 0) wrong("a lane that does not hear of the end", l, 0);
    if (aec_outstanding(t)) wrong("calls without an outcome", aec_outstanding(t), l);
    uint32_t free = 0;
    for (const struct aec_pending *p = t->free; p; p = p->next) free++;
    if (free != e->limits.max_entries) wrong("tickets that did not come back", free, l);
  }
  for (uint32_t l = 0; l < e->n_rx; l++) {
    struct aec_rx *r = &e->rx[l];
    taken += r->head;
    for (; r->freed != r->tail; r->freed++)
      if (r->held[r->freed & (e->entries - 1)]) held += aec_shm_size(r->held[r->freed & (e->entries - 1)]);
    if (r->hot_held) held += aec_shm_size(r->hot_held);
  }
  if (v->ran > taken && e->backend != AEC_SPIN) wrong("served more often than called", (long)v->ran, (long)taken);
  if (e->shm.in_use != held) wrong("memory that did not come back", (long)e->shm.in_use, (long)held);
}

static struct totals {
  uint64_t rounds, calls, ok, gone, timeouts, ran, answered, called, scribbled, stale, rejected, late;
} all;

static void count(const struct victim *v, const struct peer *p) {
  all.rounds++;
  for (int i = 0; i < CALLERS; i++) {
    const struct caller *c = &v->caller[i];
    all.calls += c->calls, all.ok += c->ok, all.gone += c->gone, all.timeouts += c->timeouts;
  }
  for (uint32_t l = 0; l < LANES; l++) {
    const struct aec_statistics *t = &v->side.aec.tx[l].stat, *r = &v->side.aec.rx[l].stat;
    all.stale += t->stale, all.late += t->late, all.rejected += t->rejected + r->rejected;
  }
  all.ran += v->ran, all.answered += p->answered, all.called += p->called, all.scribbled += p->scribbled;
}

static void round_of(struct plain_region *region, unsigned harts, uint64_t *seed) {
  static const enum aec_backend backends[] = {AEC_ASYNC_POLL, AEC_ASYNC_ADAPTIVE, AEC_ASYNC_POLL, AEC_SPIN};
  static const uint32_t noises[] = {0, 16, 256, 16384};
  static struct victim v;
  static struct peer peer;
  uint64_t x = next(seed);
  enum aec_role role = x & 1 ? AEC_HOST : AEC_ENCLAVE;
  enum aec_backend backend = backends[(x >> 1) % 4];
  int alone = harts == 2;
  unsigned callers = harts == 4 ? 2 : 1;
  const struct aec_limits limits = {.max_arg = CAP, .poll_turns = 20, .serve_while_waiting = alone};
  const struct aec_entry table[FUNCTIONS] = {
      {.function = function, .context = &v, .arg_max = CAP, .ret_max = CAP},
      {.function = function, .context = &v, .arg_max = CAP, .ret_max = CAP, .flags = AEC_FN_NEST_OK},
      {.function = function, .context = &v, .arg_min = 8, .arg_max = 24, .flags = AEC_FN_SERIAL},
      {.function = function, .context = &v, .arg_max = CAP, .ret_max = CAP, .provides = 1},
      {.function = function, .context = &v, .arg_max = CAP, .ret_max = 8, .requires = 1},
  };
  v = (struct victim){.calling = callers, .until_torn_down = (x >> 4) % 2 || backend == AEC_SPIN};
  plain_renew(region);
  struct aec_header header = *plain_header(region);
  plain_attach(&v.side, region, role, backend, &limits, NULL);
  aec_register(&v.side.aec, table, FUNCTIONS);
  peer_start(&peer, region, (enum aec_role)!role, backend, next(seed), noises[(x >> 8) % 4]);

  if (!alone) pthread_create(&v.server, NULL, serve, &v.side.aec);
  for (unsigned i = 0; i < callers; i++) {
    v.caller[i] = (struct caller){.v = &v, .first = i, .lanes = callers == 1 ? LANES : 1, .seed = next(seed)};
    pthread_create(&v.caller[i].thread, NULL, call_on, &v.caller[i]);
  }
  if (v.until_torn_down) {
    for (uint64_t turns = next(seed) % 100; turns && __atomic_load_n(&v.calling, __ATOMIC_RELAXED); turns--) usleep(500);
    plain_tear_down(region);
  }
  for (unsigned i = 0; i < callers; i++) pthread_join(v.caller[i].thread, NULL);
  plain_tear_down(region);
  if (!alone) pthread_join(v.server, NULL);
  settle(&v);
  peer_stop(&peer);
  header.state = AEC_DRAIN;
  if (memcmp(&header, plain_header(region), sizeof header)) wrong("the header", 0, 0);
  count(&v, &peer);
  plain_detach(&v.side);
}

int run_hostile(int argc, char **argv) {
  if (argc != 4 || number(argv[2]) < 2 || number(argv[2]) > 4) return 2;
  struct plain_region region;
  uint64_t seed = number(argv[3]) * 0x9e3779b97f4a7c15u | 1;
  plain_format(&region, 1 << 17, LANES, LANES, 4);
  while (all.calls + all.ran < number(argv[1])) {
    alarm(HANG);
    round_of(&region, (unsigned)number(argv[2]), &seed);
  }
  plain_free(&region);
  fprintf(stderr, "rounds %" PRIu64 ": calls %" PRIu64 " (ok %" PRIu64 ", closed or gone %" PRIu64 ", timed out %" PRIu64 "), served %" PRIu64 "\n", all.rounds, all.calls,
          all.ok, all.gone, all.timeouts, all.ran);
  fprintf(stderr, "peer: answered %" PRIu64 ", called %" PRIu64 ", scribbled %" PRIu64 "; completions stale %" PRIu64 ", late %" PRIu64 ", lanes closed for cause %" PRIu64 "\n",
          all.answered, all.called, all.scribbled, all.stale, all.late, all.rejected);
  if (all.rounds > 20 && (all.ok == 0 || all.stale == 0 || all.rejected == 0)) wrong("the peer did too little", (long)all.ok, (long)all.rejected);
  return outcome();
}
