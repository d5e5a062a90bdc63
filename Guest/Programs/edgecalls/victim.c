#include "victim.h"

#include "aec_private.h"
#include "aec_user.h"
#include "check.h"

enum { BATCH = 12, ID = sizeof(uint64_t), LANE_SHIFT = 56 };
#define CANARY 0xc0ffee5afe5afeedu
#define SCATTER 0x9e3779b97f4a7c15u

/* What a call with this number carries, and is answered with. */
static uint8_t argument_byte(uint64_t id, uint32_t i) { return (uint8_t)(id + i); }
static uint8_t result_byte(uint64_t id, uint32_t i) { return (uint8_t)(3 * id + i); }

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- What the other side calls ---- */

/* The number of an honest call, which no lane brings twice. */
static uint64_t identify(struct victim *v, const struct aec_request *r) {
  const uint8_t *arg = r->arg;
  uint64_t id;
  __builtin_memcpy(&id, arg, ID);
  for (uint32_t i = ID; i < r->arg_len; i++)
    if (arg[i] != argument_byte(id, i)) wrong("an argument of another call", (long)id, i);
  uint64_t lane = id >> LANE_SHIFT;
  if (lane >= VICTIM_LANES) {
    wrong("a call of no lane", (long)id, 0);
    return id;
  }
  if (id <= v->last[lane]) wrong("a call served twice, or before its turn", (long)id, (long)v->last[lane]);
  v->last[lane] = id;
  return id;
}

static int32_t function(struct aec_request *r) {
  struct victim *v = r->context;
  const uint8_t *arg = r->arg;
  struct aec *e = v->aec;
  __atomic_fetch_add(&v->ran, 1, __ATOMIC_RELAXED);
  if (r->arg_len > VICTIM_CAP) wrong("an argument longer than the table allows", r->arg_len, VICTIM_CAP);
  if (e->backend != AEC_SPIN && r->arg_len && arg < e->region + e->len && arg + r->arg_len > e->region) wrong("an argument in shared memory", 0, 0);
  uint32_t sums[2] = {0, 0};
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < r->arg_len; i++) sums[pass] = sums[pass] * 31 + ((const volatile uint8_t *)arg)[i];
  if (sums[0] != sums[1]) wrong("an argument that changes", sums[0], sums[1]);
  uint64_t id = v->honest && r->arg_len >= ID ? identify(v, r) : 0;
  if (r->ret_cap > VICTIM_CAP) wrong("more room than the table allows", r->ret_cap, VICTIM_CAP);
  if (r->ret_cap) {
    uint64_t at = (uint64_t)((uint8_t *)r->ret - e->shm.base);
    if (at > (uint64_t)e->shm.pages * AEC_PAGE - r->ret_cap) wrong("a result outside the zone", (long)at, r->ret_cap);
    for (uint32_t i = 0; i < r->ret_cap; i++) ((uint8_t *)r->ret)[i] = result_byte(id, i);
  }
  r->ret_len = r->ret_cap;
  r->ret_val = id * SCATTER;
  return sums[0] % 16 == 1 ? AEC_E_NOENT : AEC_OK;
}

struct aec_limits victim_limits(int one_thread) {
  return (struct aec_limits){.max_arg = VICTIM_CAP, .poll_turns = 20, .serve_while_waiting = (uint32_t)one_thread};
}

void victim_fill(struct aec_entry *table, struct victim *v) {
  const struct aec_entry rows[VICTIM_ROWS] = {
      {.arg_max = VICTIM_CAP, .ret_max = VICTIM_CAP},
      {.arg_max = VICTIM_CAP, .ret_max = VICTIM_CAP, .flags = AEC_FN_NEST_OK},
      {.arg_min = 8, .arg_max = 24, .flags = AEC_FN_SERIAL},
      {.arg_max = VICTIM_CAP, .ret_max = VICTIM_CAP, .provides = 1},
      {.arg_max = VICTIM_CAP, .ret_max = 8, .requires = 1},
  };
  for (uint32_t i = 0; i < VICTIM_ROWS; i++) {
    table[i] = rows[i];
    table[i].context = v;
    table[i].function = i == VICTIM_ROWS - 1 ? NULL : function; /* the last row is one that has none */
  }
}

/* ---- Calling ---- */

struct call {
  aec_ticket ticket;
  uint32_t func;
  uint64_t id;
  uint64_t before;
  uint8_t ret[VICTIM_CAP];
  uint64_t after;
};

static void judge_honest(const struct victim *v, const struct call *k, const struct aec_result *r) {
  switch (r->status) {
    case AEC_OK: break;
    case AEC_E_PERM: case AEC_E_NOENT: case AEC_E_AGAIN: case AEC_E_INVAL: case AEC_E_NOFUNC: case AEC_E_NEST: case AEC_E_TOOBIG:
    case AEC_E_GONE: case AEC_E_TIMEOUT: case AEC_E_CANCELED: return;
    default: wrong("a status for no reason", r->status, k->func); return;
  }
  uint32_t len = smaller(VICTIM_CAP, v->aec->table[k->func].ret_max);
  if (r->ret_val != k->id * SCATTER || r->ret_len != len) wrong("an answer to another call", (long)r->ret_val, r->ret_len);
  for (uint32_t i = 0; i < len; i++)
    if (k->ret[i] != result_byte(k->id, i)) wrong("a result of another call", (long)k->id, i);
}

static void judge(struct victim_caller *c, const struct call *k, struct aec_result r) {
  struct victim_tally *t = &c->tally;
  t->calls++;
  t->ok += r.status == AEC_OK;
  t->failed += r.status == AEC_E_NOENT;
  t->canceled += r.status == AEC_E_CANCELED;
  t->timeouts += r.status == AEC_E_TIMEOUT;
  t->gone += r.status == AEC_E_GONE || r.status == AEC_E_RING;
  if (r.status > 0) wrong("a status that there is not", r.status, 0);
  if (r.ret_len > VICTIM_CAP) wrong("more than was asked for", r.ret_len, VICTIM_CAP);
  if (k->before != CANARY || k->after != CANARY) wrong("written beside the result", 0, 0);
  if (c->v->honest) judge_honest(c->v, k, &r);
}

/* The next call of a lane: its function, number and argument. */
static uint32_t compose(struct victim_caller *c, const struct aec_tx *t, struct call *k, uint8_t *arg) {
  uint64_t x = next(&c->seed);
  uint32_t len = (uint32_t)(x >> 8) % (x & 8 ? 25 : VICTIM_CAP);
  k->func = (uint32_t)x % 8;
  k->before = k->after = CANARY;
  k->id = (uint64_t)(t - c->v->aec->tx) << LANE_SHIFT | ++c->id;
  if (c->v->honest && len < ID) len = ID;
  __builtin_memcpy(arg, &k->id, ID);
  for (uint32_t i = ID; i < len; i++) arg[i] = argument_byte(k->id, i);
  return len;
}

/* Up to BATCH calls on a lane, each to its one outcome; 0 when the lane is closed. */
static int batch(struct victim_caller *c, struct aec_tx *t, struct call *calls) {
  uint8_t arg[VICTIM_CAP];
  uint32_t wanted = 1 + next(&c->seed) % BATCH, n = 0;
  int error = 0;
  for (; n < wanted; n++) {
    uint32_t len = compose(c, t, &calls[n], arg);
    uint64_t x = next(&c->seed);
    struct aec_submission s = {.func = calls[n].func, .arg = arg, .arg_len = len, .ret = calls[n].ret, .ret_cap = VICTIM_CAP, .more = x % 2,
                               .flags = (x >> 8) % 8 ? 0 : AEC_LINK, .deadline = (x >> 16) % 16 ? 0 : aec_time() + 50};
    if ((error = aec_submit(t, &s, &calls[n].ticket)) != AEC_OK) break;
  }
  aec_flush(t);
  for (uint32_t i = 0; i < n; i++) {
    if (next(&c->seed) % 16 == 0) aec_cancel(t, calls[i].ticket);
    uint64_t x = next(&c->seed), patience = 20 + (x >> 8) % (x % 8 ? 20000 : 200);
    judge(c, &calls[i], aec_wait(t, calls[i].ticket, c->v->turns == 0 && (x >> 3) % 4 ? 0 : aec_time() + patience));
    struct aec_result again;
    if (aec_take(t, calls[i].ticket, &again) != AEC_E_STALE) wrong("a second outcome", 0, 0);
  }
  if (n == 0 && aec_poll(t) == 0) aec_pause(); /* everything waits for completions that are late */
  return error == AEC_OK || error == AEC_E_AGAIN;
}

static int call_hot(struct victim_caller *c, struct aec_tx *t, struct call *k) {
  uint8_t arg[VICTIM_CAP];
  uint32_t len = compose(c, t, k, arg);
  struct aec_result r = aec_call(t, k->func, arg, len, k->ret, VICTIM_CAP);
  judge(c, k, r);
  return r.status != AEC_E_GONE;
}

void victim_call(struct victim_caller *c) {
  struct aec *e = c->v->aec;
  struct call calls[BATCH];
  uint32_t open = (1u << c->lanes) - 1;
  if (e->backend == AEC_ASYNC_ADAPTIVE)
    for (uint32_t l = 0; l < c->lanes; l++) aec_receive_completions(&e->tx[c->first + l]); /* the doorbell, where there are no user interrupts */
  for (uint64_t turn = 0; open && aec_state(e) == AEC_LIVE && (c->v->turns == 0 || turn < c->v->turns); turn++)
    for (uint32_t l = 0; l < c->lanes; l++) {
      struct aec_tx *t = &e->tx[c->first + l];
      if ((open & 1u << l) && !(e->backend == AEC_SPIN ? call_hot(c, t, calls) : batch(c, t, calls))) open &= ~(1u << l);
      if (e->limits.serve_while_waiting) aec_serve(e);
    }
  __atomic_fetch_sub(&c->v->calling, 1, __ATOMIC_RELAXED);
}

void victim_begin(struct victim *v, struct aec *aec, int honest, uint64_t turns, unsigned callers, uint64_t *seed) {
  *v = (struct victim){.aec = aec, .honest = honest, .turns = turns, .calling = callers};
  for (unsigned i = 0; i < callers; i++)
    v->caller[i] = (struct victim_caller){.v = v, .first = i, .lanes = callers == 1 ? VICTIM_LANES : 1, .seed = next(seed)};
}

/* ---- After the end ---- */

static uint64_t own_half(const struct aec *e) {
  const uint8_t *half = e->region + (e->role == AEC_ENCLAVE ? e->len / 2 + AEC_PAGE : 0);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < e->len / 2 - AEC_PAGE; i += 8) sum = (sum ^ aec_load64(half + i)) * SCATTER;
  return sum;
}

static void settle_caller(const struct aec *e, struct aec_tx *t) {
  if (e->backend != AEC_SPIN && aec_poll(t) >= 0) wrong("a lane that does not hear of the end", t - e->tx, 0);
  if (aec_outstanding(t)) wrong("calls without an outcome", aec_outstanding(t), t - e->tx);
  uint32_t free = 0;
  for (const struct aec_pending *p = t->free; p; p = p->next) free++;
  if (free != e->limits.max_entries) wrong("tickets that did not come back", free, t - e->tx);
}

struct victim_tally victim_settle(struct victim *v) {
  struct aec *e = v->aec;
  struct victim_tally all = {.ran = v->ran};
  uint64_t held = 0, taken = 0, before = own_half(e);
  for (uint32_t l = 0; l < e->n_tx; l++) settle_caller(e, &e->tx[l]);
  for (uint32_t l = 0; l < e->n_rx; l++) {
    struct aec_rx *r = &e->rx[l];
    taken += r->head;
    for (; r->freed != r->tail; r->freed++)
      if (r->held[r->freed & (e->entries - 1)]) held += aec_shm_size(r->held[r->freed & (e->entries - 1)]);
    if (r->hot_held) held += aec_shm_size(r->hot_held);
  }
  if (v->ran > taken && e->backend != AEC_SPIN) wrong("served more often than called", (long)v->ran, (long)taken);
  if (e->shm.in_use != held) wrong("memory that did not come back", (long)e->shm.in_use, (long)held);
  aec_serve(e);
  if (aec_call(&e->tx[0], 0, "late", 4, NULL, 0).status >= 0) wrong("a call after the end", e->role, e->backend);
  if (own_half(e) != before) wrong("written after the end", e->role, e->backend);
  for (unsigned i = 0; i < VICTIM_CALLERS; i++) victim_add(&all, &v->caller[i].tally);
  for (uint32_t l = 0; l < e->n_tx; l++) all.stale += e->tx[l].stat.stale, all.late += e->tx[l].stat.late, all.rejected += e->tx[l].stat.rejected;
  for (uint32_t l = 0; l < e->n_rx; l++) all.rejected += e->rx[l].stat.rejected;
  if (v->honest && (all.stale || all.rejected)) wrong("completions that nobody sent", (long)all.stale, (long)all.rejected);
  return all;
}

void victim_add(struct victim_tally *a, const struct victim_tally *b) {
  a->calls += b->calls, a->ok += b->ok, a->failed += b->failed, a->canceled += b->canceled, a->timeouts += b->timeouts, a->gone += b->gone;
  a->ran += b->ran, a->stale += b->stale, a->late += b->late, a->rejected += b->rejected;
}

void victim_compare(const struct victim_tally *caller, const struct victim_tally *server) {
  uint64_t answered = caller->ok + caller->failed;
  if (server->ran < answered) wrong("answered without being served", (long)answered, (long)server->ran);
  if (server->ran > answered + caller->timeouts + caller->gone) wrong("served without an answer", (long)server->ran, (long)answered);
}
