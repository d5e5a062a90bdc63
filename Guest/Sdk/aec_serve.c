/* The serving side of a lane; the protocol stands in aec_call.c.
 *
 * Nothing that decides is ever read twice: each entry is copied, in one pass, before anything in it is looked at, into
 * registers when it can be served at once. When the caller says that there are CANCELs, what waits is first taken into a
 * private queue as a whole, so that a CANCEL still finds the call that it stands behind. A result lies in this side's
 * data zone until the caller's head has passed its completion. */
#include "aec_private.h"

enum { ATTACH_WAIT = 10000 }; /* microseconds */

static int closed(struct aec_rx *r) {
  r->stat.rejected++;
  r->poisoned = 1;
  r->full = r->tail;
  return AEC_E_RING;
}

/* ---- Results that the caller has copied out ---- */

static __attribute__((noinline)) int collect(struct aec_rx *r) {
  if (r->poisoned) return AEC_E_RING;
  uint32_t head = aec_load32(&r->cq_head->idx);
  aec_fence_load();
  if (!aec_index_ok(r->tail, head, r->tail - r->freed)) return closed(r);
  for (uint32_t i = r->freed; r->lent && i != head; i++) {
    aec_handle *h = &r->held[aec_at(i, r->mask)];
    if (!*h) continue;
    aec_shm_move(&r->e->shm, *h, AEC_LENT, AEC_FREE);
    *h = 0;
    r->lent--;
  }
  r->freed = head;
  r->full = head + (uint32_t)r->mask + 1;
  return AEC_OK;
}

/* ---- Completing ---- */

AEC_ALWAYS_INLINE void post(struct aec_rx *r, uint64_t cookie, long status, uint64_t place, uint64_t value) {
  uint32_t tail = r->tail;
  uint8_t *slot = (uint8_t *)&r->cqe[aec_at(tail++, r->mask)];
  aec_store32(slot + 4, (uint32_t)status);
  aec_store64(slot + 8, cookie);
  aec_store64(slot + 16, place);
  aec_store64(slot + 24, value);
  r->tail = tail;
  aec_fence_store();
  aec_store32(slot, tail); /* its sequence is its index + 1 */
}

/* Everything before has a private copy: the caller may write there again. */
AEC_ALWAYS_INLINE void tell_head(struct aec_rx *r, uint32_t head) {
  aec_fence_store();
  aec_store32(&r->sq_head->idx, head);
}

AEC_ALWAYS_INLINE void tell(struct aec_rx *r, uint32_t before) {
  aec_fence_full();
  if (AEC_SELDOM(aec_load32(&r->cq_head->flags) & AEC_WISHES)) aec_bell(r->e, r->cq_head, before, r->tail, &r->stat);
}

static __attribute__((noinline)) void ring_for_one(struct aec_rx *r) { aec_bell(r->e, r->cq_head, r->tail - 1, r->tail, &r->stat); }

AEC_ALWAYS_INLINE void tell_one(struct aec_rx *r) {
  aec_fence_full();
  if (AEC_SELDOM(aec_load32(&r->cq_head->flags) & AEC_WISHES)) ring_for_one(r);
}

/* ---- Running ---- */

/* A function whose own rules are kept. */
AEC_ALWAYS_INLINE long enter(const struct aec_entry *f, struct aec_request *q, uint32_t ret_cap) {
  q->context = f->context;
  long status = f->function(q);
  if (AEC_SELDOM(q->ret_len > ret_cap)) return AEC_E_TOOBIG;
  return AEC_SELDOM(status > 0) ? AEC_E_INVAL : status;
}

/* The same on an endpoint that serves while it waits: the function may wait for a call of its own. */
static __attribute__((noinline)) long enter_nested(struct aec *e, const struct aec_entry *f, struct aec_request *q, uint32_t ret_cap) {
  uint32_t outer = e->nest_ok;
  e->depth++;
  e->nest_ok = f->flags & AEC_FN_NEST_OK;
  long status = enter(f, q, ret_cap);
  e->depth--;
  e->nest_ok = outer;
  return status;
}

AEC_ALWAYS_INLINE long enter_any(struct aec *e, const struct aec_entry *f, struct aec_request *q, uint32_t ret_cap) {
  return e->limits.serve_while_waiting ? enter_nested(e, f, q, ret_cap) : enter(f, q, ret_cap);
}

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
  int32_t status = (int32_t)enter_any(e, f, q, q->ret_cap);
  if (f->flags & AEC_FN_SERIAL) __atomic_store_n(&e->active[func], 0, __ATOMIC_RELEASE);
  end_turn(e, status == AEC_OK ? f->provides : f->revokes);
  return status;
}

static uint32_t result_room(const struct aec *e, uint32_t func, uint32_t cap) {
  if (func >= e->n_table) return 0;
  return cap < e->table[func].ret_max ? cap : e->table[func].ret_max;
}

/* The private copy of an entry, and where a copy of its inline argument lies. */
struct entry {
  uint64_t first, cookie, call, place; /* seq, op, flags; func, arg_len; arg_off, ret_cap */
  uint32_t deadline, canceled;
  const uint64_t *data;
};
#define PLAIN ((uint32_t)AEC_INLINE << 16 | AEC_CALL) /* op and flags of what most callers send */

AEC_ALWAYS_INLINE uint32_t op_of(uint64_t first) { return (uint16_t)(first >> 32); }
AEC_ALWAYS_INLINE uint32_t flags_of(uint64_t first) { return (uint32_t)(first >> 48); }

/* The inline argument, as far as there is one, each word once. */
AEC_ALWAYS_INLINE void copy_data(uint64_t *to, const struct aec_sqe *slot, uint64_t first, uint64_t call) {
  uint64_t bytes = call >> 32;
  if (!bytes || !(flags_of(first) & AEC_INLINE)) return;
  to[0] = aec_load64(slot->data);
  if (bytes > 8) to[1] = aec_load64(slot->data + 8);
  if (bytes > 16) to[2] = aec_load64(slot->data + 16);
  if (AEC_SELDOM(bytes > 24)) {
    const uint8_t *from = slot->data + 24, *end = slot->data + (bytes < AEC_INLINE_MAX ? (bytes + 7) & ~7ull : AEC_INLINE_MAX);
    for (to += 3; from != end; from += 8) *to++ = aec_load64(from);
  }
}

/* The argument comes in now, in one pass. */
static int32_t run(struct aec_rx *r, const struct entry *s, struct aec_request *q, aec_handle *result) {
  struct aec *e = r->e;
  uint32_t op = op_of(s->first), func = (uint32_t)s->call;
  if (op == AEC_NOP || op == AEC_FENCE) return AEC_OK; /* calls of a lane are served in order */
  if (op != AEC_CALL) return AEC_E_INVAL;
  if (s->deadline && (int32_t)((uint32_t)aec_time() - s->deadline) >= 0) return AEC_E_TIMEOUT;
  q->arg_len = (uint32_t)(s->call >> 32);
  if (flags_of(s->first) & AEC_INLINE) {
    if (q->arg_len > AEC_INLINE_MAX) return AEC_E_INVAL;
    q->arg = s->data;
  } else {
    uint8_t *scratch = r->scratch + (size_t)e->depth * e->limits.max_arg;
    if (q->arg_len > e->limits.max_arg) return AEC_E_TOOBIG;
    if (aec_copyin(e, scratch, (uint32_t)s->place, q->arg_len) != AEC_OK) return AEC_E_INVAL;
    r->stat.bytes_in += q->arg_len;
    q->arg = scratch;
  }
  if (!(flags_of(s->first) & AEC_NO_CQE)) q->ret_cap = result_room(e, func, (uint32_t)(s->place >> 32)); /* or nobody would take it */
  if (q->ret_cap) {
    *result = aec_shm_alloc(&e->shm, q->ret_cap, AEC_OWNED);
    if (!*result) return AEC_E_AGAIN;
    q->ret = e->region + aec_handle_offset(*result);
  }
  return aec_dispatch(e, func, q);
}

static __attribute__((noinline)) int serve_any(struct aec_rx *r, const struct entry *s) {
  if (op_of(s->first) == AEC_CANCEL) return 1; /* has done what it could */
  struct aec_request q = {0};
  aec_handle result = 0;
  uint64_t place = 0;
  int32_t status = s->canceled || r->link_failed ? AEC_E_CANCELED : run(r, s, &q, &result);
  r->link_failed = (flags_of(s->first) & AEC_LINK) != 0 && status != AEC_OK;
  int live = aec_load32(r->state) == AEC_LIVE; /* torn down while it ran: nothing is written late */
  if (result && (!live || status != AEC_OK || q.ret_len == 0)) {
    aec_shm_move(&r->e->shm, result, AEC_OWNED, AEC_FREE);
    result = 0;
  }
  if (!live || (flags_of(s->first) & AEC_NO_CQE)) return 1;
  if (result) {
    place = (uint64_t)q.ret_len << 32 | aec_handle_offset(result);
    aec_shm_move(&r->e->shm, result, AEC_OWNED, AEC_LENT);
    r->held[aec_at(r->tail, r->mask)] = result;
    r->lent++;
  }
  post(r, s->cookie, status, place, q.ret_val);
  return AEC_OK;
}

/* The same with the copy in registers. */
static __attribute__((noinline)) int serve_words(struct aec_rx *r, uint64_t first, uint64_t cookie, uint64_t call, uint64_t place,
                                                 uint64_t limit, const uint64_t *data) {
  return serve_any(r, &(struct entry){first, cookie, call, place, (uint32_t)(limit >> 32), 0, data});
}

/* Takes the entry at `head`, in `slot`, whose first word said that it is there, serves it, and posts its completion while the region
 * lives. AEC_OK when something was posted, or 1. */
AEC_ALWAYS_INLINE int serve_next(struct aec_rx *r, uint32_t head, const struct aec_sqe *slot, uint64_t first, uint64_t half, int link_failed) {
  struct aec *e = r->e;
  const uint8_t *words = (const uint8_t *)slot;
  uint64_t cookie = aec_load64(words + 8), call = aec_load64(words + 16), place = aec_load64(words + 24), limit = aec_load64(words + 32);
  uint64_t data[AEC_INLINE_MAX / 8], func = call % AEC_MAX_TABLE, len = call >> 32;
  copy_data(data, slot, first, call);
  r->head = ++head;
  if (AEC_SELDOM(aec_at(head, half) == 0)) tell_head(r, head); /* as aec_tells_head */
  if (AEC_SELDOM(first >> 32 != PLAIN || (place | limit) >> 32 || link_failed || (uint64_t)(int32_t)call != func) ||
      AEC_SELDOM(len - e->plain[func].least >= e->plain[func].count))
    return serve_words(r, first, cookie, call, place, limit, data);
  struct aec_request q;
  q.arg = data;
  *(aec_word *)&q.arg_len = len; /* and no room for a result */
  q.ret_len = 0;
  q.ret = NULL;
  q.ret_val = 0;
  long status = enter_any(e, &e->table[func], &q, 0);
  if (AEC_SELDOM(aec_load32(r->state) != AEC_LIVE)) return 1;
  post(r, cookie, status, 0, q.ret_val);
  return AEC_OK;
}

/* ---- The private queue, for callers that cancel ---- */

static void cancel(struct aec_rx *r, uint64_t cookie, uint32_t end) {
  for (uint32_t i = r->next; i != end; i++) {
    struct aec_sqe *job = &r->queue[aec_at(i, r->mask)];
    if (job->cookie == cookie && job->op == AEC_CALL) job->reserved = 1;
  }
}

/* Moves what was submitted into the queue, as far as it has room. */
static int take(struct aec_rx *r) {
  if (!r->queued) r->next = r->head;
  uint32_t head = r->head, end = r->next + (uint32_t)r->mask + 1;
  for (; head != end; head++) {
    const struct aec_sqe *slot = &r->sqe[aec_at(head, r->mask)];
    struct aec_sqe *job = &r->queue[aec_at(head, r->mask)];
    aec_word *word = (aec_word *)job;
    uint64_t first = aec_load64(slot);
    if ((uint32_t)first != head + 1) break;
    aec_fence_load();
    word[0] = first;
    for (unsigned i = 1; i < 4; i++) word[i] = aec_load64((const uint8_t *)slot + 8 * i);
    job->deadline = aec_load32(&slot->deadline);
    job->reserved = 0; /* this side's: canceled */
    copy_data((uint64_t *)(void *)job->data, slot, word[0], word[2]);
    if (job->op == AEC_CANCEL) cancel(r, *(const aec_word *)job->data, head);
  }
  if (r->head == head) return 0;
  r->head = head;
  r->queued = 1;
  tell_head(r, head);
  return 1;
}

/* The next of the queue, whose place may be taken again while the call runs. */
static int serve_next_of_queue(struct aec_rx *r) {
  const struct aec_sqe *job = &r->queue[aec_at(r->next++, r->mask)];
  r->queued = r->next != r->head;
  const aec_word *word = (const aec_word *)job;
  uint64_t data[AEC_INLINE_MAX / 8];
  __builtin_memcpy(data, job->data, sizeof data);
  return serve_any(r, &(struct entry){word[0], word[1], word[2], word[3], job->deadline, job->reserved, data});
}

/* ---- A lane ---- */

static __attribute__((noinline)) int serve_queue(struct aec_rx *r) {
  uint32_t before = r->tail;
  int served = 0;
  if (r->poisoned || aec_load32(r->state) != AEC_LIVE) return 0;
  if (r->spin) return aec_serve_spin(r);
  if (r->lent && collect(r) != AEC_OK) return 0;
  while (r->queued || take(r)) {
    if (r->tail == r->full && (collect(r) != AEC_OK || r->tail == r->full)) break; /* it does not reap */
    serve_next_of_queue(r);
    served++;
    if (r->poisoned || aec_load32(r->state) != AEC_LIVE) return served;
    if (served > (int)r->mask) break; /* other lanes wait */
  }
  if (r->tail != before) tell(r, before);
  return served;
}

/* What was checked when there was one holds for many; a caller that cancels has them queued. */
static __attribute__((noinline)) int serve_many(struct aec_rx *r) {
  uint32_t head = r->head, begin = head, before = r->tail, end = head + (uint32_t)r->mask + 1;
  const uint64_t half = r->mask >> 1;
  aec_fence_load(); /* who sees a CANCEL sees the word */
  if (AEC_SELDOM(aec_load32(&r->cq_head->cancels))) return serve_queue(r);
  do {
    const struct aec_sqe *slot = &r->sqe[aec_at(head, r->mask)];
    uint64_t first = aec_load64(slot);
    if ((uint32_t)first != head + 1) break;
    aec_fence_load();
    if (AEC_SELDOM(r->tail == r->full) && (collect(r) != AEC_OK || r->tail == r->full)) break; /* it does not reap */
    if (AEC_SELDOM(serve_next(r, head++, slot, first, half, r->link_failed)) && aec_load32(r->state) != AEC_LIVE) return (int)(head - begin);
  } while (r->head == head && head != end); /* others may have been served while one waited */
  if (r->tail != before) tell(r, before);
  return (int)(head - begin);
}

/* Not one call, or something is in the way: lent results and a full ring are not once what the caller has passed is collected. */
static __attribute__((noinline)) int serve_others(struct aec_rx *r, uint32_t seq) {
  uint32_t head = r->head;
  aec_fence_load();
  int live = aec_load32(r->state) == AEC_LIVE;
  if (r->poisoned || r->spin || r->queued || !live) return serve_queue(r);
  if (seq != head + 1) return aec_is_vacant(seq, head, r->mask) ? 0 : (closed(r), 0);
  if ((r->unusual || r->tail == r->full) && collect(r) != AEC_OK) return 0;
  return serve_many(r);
}

int aec_serve_lane(struct aec_rx *r) {
  uint32_t head = r->head;
  const struct aec_sqe *slot = &r->sqe[aec_at(head, r->mask)], *behind = &r->sqe[aec_at(head + 1, r->mask)];
  uint64_t first = aec_load64(slot);
  if ((uint32_t)first != head + 1 || AEC_SELDOM(r->unusual || r->tail == r->full) || AEC_SELDOM(aec_load32(r->state) != AEC_LIVE))
    return serve_others(r, (uint32_t)first);
  aec_fence_load();
  if (aec_load32(behind) == head + 2) return serve_many(r);
  if (serve_next(r, head, slot, first, r->mask >> 1, 0) == AEC_OK) tell_one(r);
  return 1;
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
  for (uint32_t turns = 0; aec_live(e) && !(stop && __atomic_load_n(stop, __ATOMIC_RELAXED));) {
    if (aec_serve(e)) turns = 0;
    else aec_idle_server(e, turns++);
  }
}
