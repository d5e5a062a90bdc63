/* The serving side of a lane; the protocol stands in aec_call.c.
 *
 * What waits is first taken into private memory as a whole, then served from there: a CANCEL that arrives behind its
 * target still finds it, and nothing that decides is ever read twice. A result lies in this side's data zone until the
 * caller's head has passed its completion. */
#include "aec_private.h"

enum { ATTACH_WAIT = 10000 }; /* microseconds */

static int closed(struct aec_rx *r) {
  r->stat.rejected++;
  r->poisoned = (uint32_t)AEC_E_RING;
  return AEC_E_RING;
}

/* ---- Results that the caller has copied out ---- */

static int collect(struct aec_rx *r) {
  if (r->freed == r->tail) return AEC_OK;
  uint32_t head = aec_load32(&r->cq_head->idx), n = r->e->entries;
  aec_fence_load();
  if (!aec_index_ok(r->tail, head, r->tail - r->freed)) return closed(r);
  for (; r->freed != head; r->freed++) {
    aec_handle *h = &r->held[r->freed & (n - 1)];
    if (*h) aec_shm_move(&r->e->shm, *h, AEC_LENT, AEC_FREE);
    *h = 0;
  }
  return AEC_OK;
}

/* ---- Completing ---- */

static void post(struct aec_rx *r, uint64_t cookie, int32_t status, const struct aec_request *q, aec_handle result) {
  uint32_t at = r->tail & (r->e->entries - 1);
  uint8_t *slot = (uint8_t *)&r->cqe[at];
  uint64_t place = 0;
  if (result) {
    place = (uint64_t)q->ret_len << 32 | aec_handle_offset(result);
    aec_shm_move(&r->e->shm, result, AEC_OWNED, AEC_LENT);
  }
  r->held[at] = result;
  r->tail++;
  aec_store64(slot, (uint64_t)(uint32_t)status << 32 | r->tail); /* its sequence is its index + 1 */
  aec_store64(slot + 8, cookie);
  aec_store64(slot + 16, place);
  aec_store64(slot + 24, q->ret_val);
  aec_fence_store();
  aec_store32(&r->cq_tail->idx, r->tail);
}

/* ---- Running ---- */

/* Whether the order of calls allows this one now; then what it revokes is gone. */
static int take_turn(struct aec *e, const struct aec_entry *f) {
  uint64_t now = __atomic_load_n(&e->order, __ATOMIC_RELAXED);
  do {
    if ((now & f->requires) != f->requires) return 0;
  } while (f->revokes && !__atomic_compare_exchange_n(&e->order, &now, now & ~f->revokes, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
  return 1;
}

static void end_turn(struct aec *e, uint64_t bits) {
  if (bits) __atomic_fetch_or(&e->order, bits, __ATOMIC_RELEASE);
}

int32_t aec_dispatch(struct aec *e, uint32_t func, struct aec_request *q) {
  if (func >= e->n_table || !e->table[func].function) return AEC_E_NOFUNC;
  const struct aec_entry *f = &e->table[func];
  if (q->arg_len < f->arg_min || q->arg_len > f->arg_max) return AEC_E_INVAL;
  if (!take_turn(e, f)) return AEC_E_PERM;
  if ((f->flags & AEC_FN_SERIAL) && __atomic_exchange_n(&e->active[func], 1, __ATOMIC_ACQUIRE)) {
    end_turn(e, f->revokes);
    return AEC_E_NEST;
  }
  uint32_t outer = e->nest_ok;
  if (e->limits.serve_while_waiting) {
    e->depth++;
    e->nest_ok = f->flags & AEC_FN_NEST_OK;
  }
  q->context = f->context;
  int32_t status = f->function(q);
  if (q->ret_len > q->ret_cap) status = AEC_E_TOOBIG;
  if (status > 0) status = AEC_E_INVAL;
  if (e->limits.serve_while_waiting) {
    e->depth--;
    e->nest_ok = outer;
  }
  if (f->flags & AEC_FN_SERIAL) __atomic_store_n(&e->active[func], 0, __ATOMIC_RELEASE);
  end_turn(e, status == AEC_OK ? f->provides : f->revokes);
  return status;
}

static uint32_t result_room(const struct aec *e, uint32_t func, uint32_t cap) {
  if (func >= e->n_table) return 0;
  return cap < e->table[func].ret_max ? cap : e->table[func].ret_max;
}

/* A call whose entry is private. The argument comes in now, in one pass. */
static int32_t run(struct aec_rx *r, const struct aec_sqe *s, struct aec_request *q, aec_handle *result) {
  struct aec *e = r->e;
  if (s->op == AEC_NOP || s->op == AEC_FENCE) return AEC_OK; /* calls of a lane are served in order */
  if (s->op != AEC_CALL) return AEC_E_INVAL;
  if (s->deadline && (int32_t)((uint32_t)aec_time() - s->deadline) >= 0) return AEC_E_TIMEOUT;
  q->arg_len = s->arg_len;
  if (s->flags & AEC_INLINE) {
    if (s->arg_len > AEC_INLINE_MAX) return AEC_E_INVAL;
    q->arg = s->data;
  } else {
    uint8_t *scratch = r->scratch + (size_t)e->depth * e->limits.max_arg;
    if (s->arg_len > e->limits.max_arg) return AEC_E_TOOBIG;
    if (aec_copyin(e, scratch, s->arg_off, s->arg_len) != AEC_OK) return AEC_E_INVAL;
    r->stat.bytes_in += s->arg_len;
    q->arg = scratch;
  }
  q->ret_cap = s->flags & AEC_NO_CQE ? 0 : result_room(e, s->func, s->ret_cap); /* without a completion nobody would take it */
  if (q->ret_cap) {
    *result = aec_shm_alloc(&e->shm, q->ret_cap, AEC_OWNED);
    if (!*result) return AEC_E_AGAIN;
    q->ret = e->region + aec_handle_offset(*result);
  }
  return aec_dispatch(e, s->func, q);
}

static void serve_one(struct aec_rx *r, const struct aec_queued *job) {
  const struct aec_sqe *s = &job->sqe;
  struct aec_request q = {0};
  aec_handle result = 0;
  int32_t status = s->reserved || r->link_failed ? AEC_E_CANCELED : run(r, s, &q, &result);
  r->link_failed = (s->flags & AEC_LINK) != 0 && status != AEC_OK;
  if (result && (status != AEC_OK || q.ret_len == 0)) {
    aec_shm_move(&r->e->shm, result, AEC_OWNED, AEC_FREE);
    result = 0;
  }
  r->stat.served++;
  if (!aec_live(r->e)) { /* torn down while it ran: nothing is written late */
    if (result) aec_shm_move(&r->e->shm, result, AEC_OWNED, AEC_FREE);
    return;
  }
  if (!(s->flags & AEC_NO_CQE)) post(r, s->cookie, status, &q, result);
}

/* ---- Taking ---- */

static void cancel(struct aec_rx *r, uint64_t cookie) {
  for (uint32_t i = 0; i < r->queued; i++) {
    struct aec_queued *job = &r->queue[(r->first + i) & (r->e->entries - 1)];
    if (job->sqe.cookie == cookie && job->sqe.op == AEC_CALL) job->sqe.reserved = 1;
  }
}

/* Moves what was submitted into the private queue, as far as it has room. */
static int take(struct aec_rx *r) {
  uint32_t n = r->e->entries, tail = aec_load32(&r->sq_tail->idx);
  if (tail == r->head) return 0;
  aec_fence_load();
  if (!aec_index_ok(tail, r->head, n)) return closed(r);
  uint32_t taken = 0;
  for (; r->head != tail && r->queued + AEC_MAX_DEPTH < n; r->head++, taken++) {
    struct aec_queued *job = &r->queue[(r->first + r->queued) & (n - 1)];
    const uint8_t *slot = (const uint8_t *)&r->sqe[r->head & (n - 1)];
#pragma GCC unroll 8
    for (unsigned i = 0; i < sizeof job->sqe; i += 8) *(aec_word *)((uint8_t *)&job->sqe + i) = aec_load64(slot + i);
    if (job->sqe.seq != r->head + 1) return closed(r);
    job->sqe.reserved = 0;
    if (job->sqe.op == AEC_CANCEL) {
      uint64_t cookie;
      __builtin_memcpy(&cookie, job->sqe.data, sizeof cookie);
      cancel(r, cookie);
    } else {
      r->queued++;
    }
  }
  aec_fence_store();
  aec_store32(&r->sq_head->idx, r->head);
  return (int)taken;
}

int aec_serve_lane(struct aec_rx *r) {
  struct aec *e = r->e;
  uint32_t before = r->tail;
  int served = 0;
  if (r->poisoned || !aec_live(e)) return 0;
  if (e->backend == AEC_SPIN) return aec_serve_spin(r);
  if (collect(r) != AEC_OK) return 0;
  while (r->queued || take(r) > 0) {
    if (r->queued == 0) break; /* only cancellations; whoever sends them for ever does not keep this side here */
    if (r->tail - r->freed == e->entries && (collect(r) != AEC_OK || r->tail - r->freed == e->entries)) break; /* it does not reap */
    const struct aec_queued *job = &r->queue[r->first];
    r->first = (r->first + 1) & (e->entries - 1); /* its place stays: take leaves room for the jobs that run */
    r->queued--;
    serve_one(r, job);
    served++;
    if (r->poisoned || !aec_live(e)) return served;
    if (served >= (int)e->entries) break; /* other lanes wait */
  }
  if (r->tail != before) {
    aec_fence_full();
    aec_bell(e, r->cq_head, before, r->tail, 0, &r->stat);
  }
  return served;
}

int aec_serve(struct aec *e) {
  int served = 0;
  for (uint32_t i = 0; i < e->n_rx; i++) served += aec_serve_lane(&e->rx[i]);
  return served;
}

void aec_serve_forever(struct aec *e, const uint32_t *stop) {
  while (aec_state(e) == AEC_INIT && !(stop && __atomic_load_n(stop, __ATOMIC_RELAXED))) {
    if (e->port && e->port->door) e->port->door(e, AEC_SLEEP, ATTACH_WAIT); /* attaching rings */
    else aec_pause();
  }
  for (uint32_t turns = 0; aec_live(e) && !(stop && __atomic_load_n(stop, __ATOMIC_RELAXED)); turns++) {
    if (aec_serve(e)) turns = 0;
    else aec_idle_server(e, turns);
  }
}
