/* The calling side of a lane.
 *
 * A submission ring has one producer (here) and one consumer (the server); a completion ring is the same the other way
 * round. Indices run freely from 0 and wrap at 2^32; slot i lies at i mod N. Every index stands in a zone that only its
 * writer can write, and every index that is read is checked against the reader's own: 0 <= tail - head <= N. If not, the
 * other side is broken or hostile, and the lane is closed: there is no state to repair.
 *
 *   producer: write slot; fence rw,w; store tail; fence rw,rw; load the consumer's wish; perhaps ring
 *   consumer: load tail; fence r,rw; copy the slot, each word once; check; fence rw,w; store head
 *   to sleep: store wish; fence rw,rw; load tail again; still nothing: sleep
 *
 * Why this is enough under RVWMO. (1) A consumer that sees tail = t sees the slots before t: store slot -> fence rw,w ->
 * store tail, read by load tail -> fence r,rw -> load slot. (2) A producer that reuses slot i mod N saw head > i - N, and
 * the consumer's loads of that slot come before its store of head (fence rw,w orders loads too). (3) No wake-up is
 * lost: of "store tail; load wish" here and "store wish; load tail" there, each with a full fence between, at least one
 * load sees the other's store (store buffering is what fence rw,rw forbids). aec_model.c explores all of this.
 *
 * What comes from the other side is judged once, in private copies: cookie and sequence of a completion must name a
 * call that waits; a cookie holds a generation, so that what is replayed names nothing.
 *
 * What most calls need goes a short way that calls no other function; whatever else there is goes the long way (*_any),
 * with the same checks. */
#include "aec_private.h"

int aec_bell(struct aec *e, const struct aec_line *reader, uint32_t old, uint32_t now, struct aec_statistics *stat) {
  if ((aec_load32(&reader->flags) & AEC_NEED_NOTIFY) == 0 && now - aec_load32(&reader->event) - 1 >= now - old) {
    stat->suppressed++; /* the event's index is not among old .. now - 1 */
    return AEC_OK;
  }
  uint32_t notify = e->user ? aec_load32(&reader->notify) : 0;
  if (notify) {
    stat->sent++;
    aec_user_send(notify - 1);
    return AEC_OK;
  }
  stat->rings++;
  if (e->port && e->port->door) e->port->door(e, AEC_RING, 0);
  return AEC_OK;
}

static struct aec_pending *slot_of(const struct aec_tx *t, uint64_t cookie) { return &t->pending[aec_at(cookie, t->mask)]; }

AEC_ALWAYS_INLINE void release(struct aec_tx *t, struct aec_pending *p) {
  p->next = t->free;
  t->free = p;
}

uint32_t aec_outstanding(const struct aec_tx *t) {
  uint32_t n = 0;
  for (uint32_t i = 0; i <= t->mask; i++) n += t->pending[i].waiting != AEC_NO_CALL || t->pending[i].abandoned;
  return n;
}

static void finish(struct aec_tx *t, struct aec_pending *p, struct aec_result result) {
  if (p->arg) aec_shm_move(&t->e->shm, p->arg, p->abandoned ? AEC_QUARANTINED : AEC_LENT, AEC_FREE);
  p->arg = 0;
  if (p->abandoned) {
    t->stat.late++;
    p->abandoned = 0;
    release(t, p);
    return;
  }
  p->done = p->waiting;
  p->waiting = AEC_NO_CALL;
  p->result = result;
}

void aec_close_lane(struct aec_tx *t, int32_t status) {
  if (t->poisoned) return;
  t->poisoned = status;
  t->full = t->tail;
  t->shown = t->tail + 1; /* who looks whether all is shown sees that something is wrong */
  for (uint32_t i = 0; i <= t->mask; i++) {
    struct aec_pending *p = &t->pending[i];
    if (p->waiting != AEC_NO_CALL || p->abandoned) finish(t, p, (struct aec_result){.status = status});
  }
}

int aec_not_live(struct aec_tx *t) {
  if (aec_state(t->e) == AEC_INIT) return AEC_E_AGAIN;
  aec_close_lane(t, AEC_E_GONE);
  return AEC_E_GONE;
}

static int broken(struct aec_tx *t) {
  t->stat.rejected++;
  aec_close_lane(t, AEC_E_RING);
  return AEC_E_RING;
}

/* ---- Submitting ---- */

static int make_room(struct aec_tx *t) {
  if (t->poisoned) return t->poisoned;
  if (aec_load32(t->state) != AEC_LIVE) return aec_not_live(t);
  if (t->tail != t->full) return AEC_OK;
  uint32_t head = aec_load32(&t->sq_head->idx);
  aec_fence_load();
  /* What it says it took cannot be more than was shown. */
  if (!aec_index_ok(t->shown, head, (uint32_t)t->mask + 1)) return broken(t);
  t->full = head + (uint32_t)t->mask + 1;
  if (t->cancels && (int32_t)(head - t->canceled) >= 0) {
    t->cancels = 0;
    aec_store32(&t->sq_tail->flags, 0);
  }
  return t->tail != t->full ? AEC_OK : AEC_E_AGAIN;
}

AEC_ALWAYS_INLINE int show(struct aec_tx *t, uint32_t tail) {
  uint32_t old = t->shown;
  aec_fence_store();
  aec_store32(&t->sq_tail->idx, tail);
  t->shown = tail;
  aec_fence_full();
  return AEC_SELDOM(aec_load32(&t->sq_head->flags) & AEC_WISHES) ? aec_bell(t->e, t->sq_head, old, tail, &t->stat) : AEC_OK;
}

/* What was written before the end of the region stays unsaid: nothing is written late. */
void aec_flush(struct aec_tx *t) {
  if (t->tail != t->shown && !t->poisoned && aec_load32(t->state) == AEC_LIVE) show(t, t->tail);
}

/* At most AEC_INLINE_MAX bytes; what is behind them in the caller's memory stays there. */
static void write_inline(uint8_t *data, const uint8_t *arg, uint32_t len) {
  uint64_t word[AEC_INLINE_MAX / 8] = {0};
  for (uint32_t i = 0; i < len; i++) ((uint8_t *)word)[i] = arg[i];
  for (uint32_t i = 0; i < len; i += 8) aec_store64(data + i, word[i / 8]);
}

/* The entry of a call, written where it will be read, word by word: nobody looks before the tail is published. `p`
 * notes the call whose completion will come. */
AEC_ALWAYS_INLINE uint8_t *put_call(struct aec_tx *t, const struct aec_submission *s, struct aec_pending *p, uint32_t flags,
                                    uint32_t deadline, aec_handle arg, aec_ticket *ticket) {
  uint32_t tail = t->tail;
  uint8_t *slot = (uint8_t *)&t->sqe[aec_at(tail, t->mask)];
  uint64_t cookie = 0;
  if (p) {
    t->free = p->next;
    cookie = p->last + AEC_NEXT_GENERATION;
    p->last = cookie;
    p->waiting = cookie;
    p->ret_cap = s->ret_cap;
    if (s->ret_cap) p->ret = s->ret;
    if (arg) p->arg = arg;
  }
  if (p || ticket) *ticket = cookie;
  aec_store32(slot, tail + 1);
  aec_store32(slot + 4, flags << 16 | AEC_CALL);
  aec_store64(slot + 8, cookie);
  aec_store64(slot + 16, *(const aec_word *)s); /* func, arg_len */
  aec_store32(slot + 24, aec_handle_offset(arg));
  aec_store32(slot + 28, s->ret_cap);
  aec_store64(slot + 32, (uint64_t)deadline << 32);
  t->tail = tail + 1;
  return slot + offsetof(struct aec_sqe, data);
}
_Static_assert(offsetof(struct aec_submission, func) == 0 && offsetof(struct aec_submission, arg_len) == 4, "one word of the entry");

/* With flags, a deadline, a long argument, or where something is in the way. */
static __attribute__((noinline)) int submit_any(struct aec_tx *t, const struct aec_submission *s, aec_ticket *ticket) {
  struct aec *e = t->e;
  struct aec_pending *p = s->flags & AEC_NO_CQE ? NULL : t->free;
  uint32_t flags = s->flags, deadline = (uint32_t)s->deadline;
  aec_handle arg = 0;
  int error = make_room(t);
  if (error) return error;
  if (!p && !(flags & AEC_NO_CQE)) return AEC_E_AGAIN;
  if (s->deadline && deadline == 0) deadline = 1;
  if (s->arg_len <= AEC_INLINE_MAX) {
    write_inline(put_call(t, s, p, flags | AEC_INLINE, deadline, 0, ticket), s->arg, s->arg_len);
  } else {
    if (flags & AEC_NO_CQE) return AEC_E_INVAL; /* nobody would say when the argument is free */
    if (s->arg_len > AEC_MAX_PAYLOAD) return AEC_E_TOOBIG;
    arg = aec_shm_alloc(&e->shm, s->arg_len, AEC_LENT);
    if (!arg) return AEC_E_AGAIN;
    aec_put_words(e->region + aec_handle_offset(arg), s->arg, s->arg_len);
    put_call(t, s, p, flags, deadline, arg, ticket);
  }
  return s->more ? AEC_OK : show(t, t->tail);
}

int aec_submit(struct aec_tx *t, const struct aec_submission *s, aec_ticket *ticket) {
  struct aec_pending *p = t->free;
  uint32_t len = s->arg_len, tail = t->tail;
  if (AEC_SELDOM(!p || tail == t->full || s->flags || s->deadline) || AEC_SELDOM(aec_load32(t->state) != AEC_LIVE) ||
      (len && AEC_SELDOM(len > AEC_INLINE_MAX || (((uintptr_t)s->arg | len) & 7))))
    return submit_any(t, s, ticket);
  uint8_t *data = put_call(t, s, p, AEC_INLINE, 0, 0, ticket);
  if (len) {
    const aec_word *arg = s->arg;
    aec_store64(data, arg[0]);
    if (len > 8) aec_store64(data + 8, arg[1]);
    if (len > 16) aec_store64(data + 16, arg[2]);
  }
  return s->more ? AEC_OK : show(t, tail + 1);
}

int aec_cancel(struct aec_tx *t, aec_ticket ticket) {
  struct aec_pending *p = slot_of(t, ticket);
  if (p->last != ticket || (p->waiting != ticket && p->done != ticket && !p->abandoned)) return AEC_E_STALE;
  if (p->done == ticket) return AEC_E_ALREADY;
  int error = make_room(t);
  if (error) return error;
  uint8_t *slot = (uint8_t *)&t->sqe[aec_at(t->tail, t->mask)];
  aec_store32(slot, t->tail + 1);
  aec_store32(slot + 4, (AEC_INLINE | AEC_NO_CQE) << 16 | AEC_CANCEL);
  aec_store64(slot + 8, 0);
  aec_store64(slot + 16, (uint64_t)sizeof ticket << 32);
  aec_store64(slot + 24, 0);
  aec_store64(slot + 32, 0);
  aec_store64(slot + offsetof(struct aec_sqe, data), ticket);
  t->tail++;
  t->canceled = t->tail;
  t->cancels = 1;
  aec_store32(&t->sq_tail->flags, AEC_CANCELS);
  show(t, t->tail);
  return AEC_OK;
}

/* ---- Completions ---- */

/* The private copy of one, by its words. */
struct completion {
  uint64_t first, cookie, place, value; /* seq and status; ret_off and ret_len */
};

AEC_ALWAYS_INLINE struct completion read_completion(const struct aec_tx *t, uint32_t index) {
  const uint8_t *slot = (const uint8_t *)&t->cqe[aec_at(index, t->mask)];
  return (struct completion){aec_load64(slot), aec_load64(slot + 8), aec_load64(slot + 16), aec_load64(slot + 24)};
}

AEC_ALWAYS_INLINE int32_t status_of(struct completion c) { return (int32_t)(c.first >> 32); }

/* Nothing but a value comes with it, for a call that waits and has no argument to give back. */
AEC_ALWAYS_INLINE int is_plain(const struct aec_pending *p, struct completion c) {
  return p->waiting == c.cookie && c.place == 0 && p->arg == 0 && status_of(c) <= 0;
}

static void complete(struct aec_tx *t, struct completion c) {
  struct aec_pending *p = slot_of(t, c.cookie);
  uint32_t off = (uint32_t)c.place, len = (uint32_t)(c.place >> 32);
  if (p->last != c.cookie || (p->waiting != c.cookie && !p->abandoned)) {
    t->stat.stale++;
    return;
  }
  struct aec_result result = {.status = aec_known_status(status_of(c)), .ret_len = len, .ret_val = c.value};
  if (len && !p->abandoned) {
    if (len > p->ret_cap) result = (struct aec_result){.status = AEC_E_TOOBIG};
    else if (aec_copyin(t->e, p->ret, off, len) != AEC_OK) result = (struct aec_result){.status = AEC_E_RING};
    else t->stat.bytes_in += len;
  }
  finish(t, p, result);
}

/* All up to `tail` has a private copy and is done with. A region that was torn down meanwhile may already be somebody
 * else's: nothing is written late. */
AEC_ALWAYS_INLINE int pass(struct aec_tx *t, uint32_t tail, int taken) {
  t->head = tail;
  if (AEC_SELDOM(aec_load32(t->state) != AEC_LIVE)) return aec_not_live(t);
  aec_fence_store();
  aec_store32(&t->cq_head->idx, tail);
  return taken;
}

/* Completions from `head` on, the first of which has been copied: into registers, and so the short way needs no stack. */
static __attribute__((noinline)) int poll_any(struct aec_tx *t, uint32_t head, uint32_t tail, uint64_t first, uint64_t cookie,
                                              uint64_t place, uint64_t value) {
  struct completion c = {first, cookie, place, value};
  uint32_t taken = tail - t->head;
  for (;;) {
    if ((uint32_t)c.first != head + 1) return broken(t);
    complete(t, c);
    if (++head == tail) return pass(t, tail, (int)taken);
    c = read_completion(t, head);
  }
}

static __attribute__((noinline)) int poll_nothing(struct aec_tx *t) {
  if (t->poisoned) return t->poisoned;
  if (aec_load32(t->state) == AEC_LIVE) return 0;
  int error = aec_not_live(t);
  return error == AEC_E_AGAIN ? 0 : error;
}

int aec_poll(struct aec_tx *t) {
  uint32_t tail = aec_load32(&t->cq_tail->idx), head = t->head;
  if (tail == head || AEC_SELDOM(t->poisoned)) return poll_nothing(t);
  aec_fence_load();
  if (AEC_SELDOM(!aec_index_ok(tail, head, (uint32_t)t->mask + 1))) return broken(t);
  uint32_t taken = tail - head;
  do {
    struct completion c = read_completion(t, head);
    struct aec_pending *p = slot_of(t, c.cookie);
    if (AEC_SELDOM((uint32_t)c.first != head + 1 || !is_plain(p, c))) return poll_any(t, head, tail, c.first, c.cookie, c.place, c.value);
    p->done = c.cookie;
    p->waiting = AEC_NO_CALL;
    p->result = (struct aec_result){.status = status_of(c), .ret_val = c.value};
  } while (++head != tail);
  return pass(t, tail, (int)taken);
}

int aec_take(struct aec_tx *t, aec_ticket ticket, struct aec_result *result) {
  struct aec_pending *p = slot_of(t, ticket);
  if (AEC_SELDOM(p->done != ticket)) return p->waiting == ticket ? AEC_E_AGAIN : AEC_E_STALE;
  *result = p->result;
  p->done = AEC_NO_CALL;
  release(t, p);
  return AEC_OK;
}

static __attribute__((noinline)) struct aec_result wait_on(struct aec_tx *t, aec_ticket ticket, uint64_t deadline) {
  struct aec_pending *p = slot_of(t, ticket);
  struct aec_result result = {0};
  aec_flush(t);
  for (uint32_t turns = 0;; turns++) {
    int error = aec_take(t, ticket, &result);
    if (error == AEC_OK) return result;
    if (error == AEC_E_STALE) return (struct aec_result){.status = error};
    if (aec_poll(t) != 0) {
      turns = 0;
      continue;
    }
    if (deadline && aec_time() >= deadline) {
      if (p->arg) aec_shm_move(&t->e->shm, p->arg, AEC_LENT, AEC_QUARANTINED);
      p->waiting = AEC_NO_CALL;
      p->abandoned = 1;
      return (struct aec_result){.status = AEC_E_TIMEOUT};
    }
    aec_idle_caller(t, turns, deadline);
  }
}

static __attribute__((noinline)) struct aec_result wait_behind(struct aec_tx *t, aec_ticket ticket, uint64_t deadline, uint64_t first,
                                                               uint64_t cookie, uint64_t place, uint64_t value) {
  poll_any(t, t->head, t->head + 1, first, cookie, place, value);
  return wait_on(t, ticket, deadline);
}

AEC_ALWAYS_INLINE struct aec_result plain_result(struct completion c) {
  union {
    uint64_t word[2];
    struct aec_result result;
  } u = {.word = {c.first >> 32, c.value}}; /* status; no bytes */
  return u.result;
}

static __attribute__((noinline)) struct aec_result gone_meanwhile(struct aec_tx *t, uint64_t first, uint64_t value) {
  aec_not_live(t);
  return plain_result((struct completion){.first = first, .value = value});
}

struct aec_result aec_wait(struct aec_tx *t, aec_ticket ticket, uint64_t deadline) {
  struct aec_pending *p = slot_of(t, ticket);
  uint32_t tail = aec_load32(&t->cq_tail->idx), head = t->head;
  /* A completion that comes alone, when it is the one that is waited for, needs no place to wait in. */
  if (tail != head + 1 || AEC_SELDOM(t->tail != t->shown)) {
    if (p->done != ticket) return wait_on(t, ticket, deadline);
    p->done = AEC_NO_CALL;
    release(t, p);
    return p->result;
  }
  aec_fence_load();
  struct completion c = read_completion(t, head);
  if (AEC_SELDOM((uint32_t)c.first != ++head || c.cookie != ticket || !is_plain(p, c)))
    return wait_behind(t, ticket, deadline, c.first, c.cookie, c.place, c.value);
  p->waiting = AEC_NO_CALL;
  release(t, p);
  t->head = head;
  if (AEC_SELDOM(aec_load32(t->state) != AEC_LIVE)) return gone_meanwhile(t, c.first, c.value);
  aec_fence_store();
  aec_store32(&t->cq_head->idx, head);
  return plain_result(c);
}
