/* The calling side of a lane.
 *
 * A submission ring has one producer (here) and one consumer (the server); a completion ring is the same the other way
 * round. Indices run freely from 0 and wrap at 2^32; entry i lies in slot i mod N, and its seq, i + 1, publishes it: the
 * line that a consumer looks at brings the entry. Of a batch the first entry's seq is written last. A slot that holds neither
 * the entry that comes next nor what the last round left, or a head outside of 0 <= produced - head <= N, says that the other
 * side is broken or hostile, and the lane is closed: there is no state to repair.
 *
 *   producer: write slot; fence rw,w; store seq; fence rw,rw; load the consumer's wish; perhaps ring
 *   consumer: load seq; fence r,rw; copy the slot, each word once; check; now and then: fence rw,w; store head
 *   to sleep: store wish; fence rw,rw; load seq again; still nothing: sleep
 *
 * Why this is enough under RVWMO. (1) A consumer that sees seq of entry i sees the entry, and the batch behind it: store
 * slots -> fence rw,w -> store seq, read by load seq -> fence r,rw -> load slots. (2) A producer that reuses slot i mod N saw
 * head > i - N, and the consumer's loads of that slot come before its store of head (fence rw,w orders loads too). (3) No
 * wake-up is lost: of "store seq; load wish" here and "store wish; load seq" there, each with a full fence between, at least
 * one load sees the other's store (store buffering is what fence rw,rw forbids). aec_model.c explores all of this.
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

static int broken(struct aec_tx *t) { return t->stat.rejected++, aec_close_lane(t, AEC_E_RING), AEC_E_RING; }

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
    aec_store32(&t->cq_head->cancels, 0);
  }
  return t->tail != t->full ? AEC_OK : AEC_E_AGAIN;
}

AEC_ALWAYS_INLINE uint8_t *entry_at(const struct aec_tx *t, uint32_t index) { return (uint8_t *)&t->sqe[aec_at(index, t->mask)]; }

/* Entries up to `tail` have been written, the first of them, in `slot`, without its seq. */
AEC_ALWAYS_INLINE int show_from(struct aec_tx *t, uint8_t *slot, uint32_t old, uint32_t tail) {
  aec_fence_store();
  aec_store32(slot, old + 1);
  t->shown = tail;
  aec_fence_full();
  return AEC_SELDOM(aec_load32(&t->sq_head->flags) & AEC_WISHES) ? aec_bell(t->e, t->sq_head, old, tail, &t->stat) : AEC_OK;
}

static int show(struct aec_tx *t) { return show_from(t, entry_at(t, t->shown), t->shown, t->tail); }

/* What was written before the end of the region stays unsaid: nothing is written late. */
void aec_flush(struct aec_tx *t) {
  if (t->tail != t->shown && !t->poisoned && aec_load32(t->state) == AEC_LIVE) show(t);
}

/* The first word of an entry. The first entry that is not shown yet keeps the seq of before. */
AEC_ALWAYS_INLINE void put_first(uint8_t *slot, uint32_t shown, uint32_t tail, uint32_t flags, uint32_t op) {
  if (tail != shown) aec_store32(slot, tail + 1);
  aec_store32(slot + 4, flags << 16 | op);
}

/* At most AEC_INLINE_MAX bytes; what is behind them in the caller's memory stays there. */
static void write_inline(uint8_t *data, const uint8_t *arg, uint32_t len) {
  for (; len >= 8; len -= 8, arg += 8, data += 8) {
    uint64_t word;
    __builtin_memcpy(&word, arg, sizeof word);
    aec_store64(data, word);
  }
  uint64_t rest = 0;
  for (uint32_t i = 0; i < len; i++) rest |= (uint64_t)arg[i] << 8 * i;
  if (len) aec_store64(data, rest);
}

/* The entry of a call, written where it will be read, word by word: nobody looks before the tail is published. `p`
 * notes the call whose completion will come. */
AEC_ALWAYS_INLINE uint8_t *put_call(struct aec_tx *t, const struct aec_submission *s, struct aec_pending *p, uint32_t shown, uint32_t flags,
                                    uint32_t deadline, aec_handle arg, aec_ticket *ticket) {
  uint32_t tail = t->tail, ret_cap = s->ret_cap;
  uint8_t *slot = entry_at(t, tail);
  uint64_t cookie = 0;
  if (p) {
    t->free = p->next;
    cookie = p->last + AEC_NEXT_GENERATION;
    p->last = cookie;
    p->waiting = cookie;
    p->ret_cap = ret_cap;
    if (ret_cap) p->ret = s->ret;
    if (arg) p->arg = arg;
  }
  if (p || ticket) *ticket = cookie;
  put_first(slot, shown, tail, flags, AEC_CALL);
  aec_store64(slot + 8, cookie);
  aec_store64(slot + 16, *(const aec_word *)s); /* func, arg_len */
  aec_store32(slot + 24, aec_handle_offset(arg));
  aec_store32(slot + 28, ret_cap);
  aec_store64(slot + 32, (uint64_t)deadline << 32);
  t->tail = tail + 1;
  return slot;
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
    write_inline(put_call(t, s, p, t->shown, flags | AEC_INLINE, deadline, 0, ticket) + offsetof(struct aec_sqe, data), s->arg, s->arg_len);
  } else {
    if (flags & AEC_NO_CQE) return AEC_E_INVAL; /* nobody would say when the argument is free */
    if (s->arg_len > AEC_MAX_PAYLOAD) return AEC_E_TOOBIG;
    arg = aec_shm_alloc(&e->shm, s->arg_len, AEC_LENT);
    if (!arg) return AEC_E_AGAIN;
    aec_put_words(e->region + aec_handle_offset(arg), s->arg, s->arg_len);
    put_call(t, s, p, t->shown, flags, deadline, arg, ticket);
  }
  return s->more ? AEC_OK : show(t);
}

int aec_submit(struct aec_tx *t, const struct aec_submission *s, aec_ticket *ticket) {
  struct aec_pending *p = t->free;
  uint32_t len = s->arg_len, tail = t->tail, shown = t->shown;
  if (AEC_SELDOM(!p || tail == t->full || s->flags || s->deadline) || AEC_SELDOM(aec_load32(t->state) != AEC_LIVE) ||
      (len && AEC_SELDOM(len > AEC_INLINE_MAX || (((uintptr_t)s->arg | len) & 7))))
    return submit_any(t, s, ticket);
  /* The second line first, and all of the first, where the server looks, at once: its processor takes the line away between stores. */
  uint8_t *slot = entry_at(t, tail);
  if (len) {
    const aec_word *arg = s->arg;
    uint8_t *data = slot + offsetof(struct aec_sqe, data);
    if (AEC_SELDOM(len > 24)) {
      const aec_word *word = arg + 3;
      for (uint8_t *to = data + 24, *end = data + len; to != end; word++, to += 8) aec_store64(to, *word);
    }
    aec_store64(data, arg[0]);
    if (len > 8) aec_store64(data + 8, arg[1]);
    if (len > 16) aec_store64(data + 16, arg[2]);
  }
  put_call(t, s, p, shown, AEC_INLINE, 0, 0, ticket);
  if (s->more) return AEC_OK;
  return show_from(t, AEC_SELDOM(tail != shown) ? entry_at(t, shown) : slot, shown, tail + 1);
}

int aec_cancel(struct aec_tx *t, aec_ticket ticket) {
  struct aec_pending *p = slot_of(t, ticket);
  if (p->last != ticket || (p->waiting != ticket && p->done != ticket && !p->abandoned)) return AEC_E_STALE;
  if (p->done == ticket) return AEC_E_ALREADY;
  int error = make_room(t);
  if (error) return error;
  uint8_t *slot = entry_at(t, t->tail);
  put_first(slot, t->shown, t->tail, AEC_INLINE | AEC_NO_CQE, AEC_CANCEL);
  aec_store64(slot + 8, 0);
  aec_store64(slot + 16, (uint64_t)sizeof ticket << 32);
  aec_store64(slot + 24, 0);
  aec_store64(slot + 32, 0);
  aec_store64(slot + offsetof(struct aec_sqe, data), ticket);
  t->tail++;
  t->canceled = t->tail;
  t->cancels = 1;
  aec_store32(&t->cq_head->cancels, 1);
  show(t);
  return AEC_OK;
}

/* ---- Completions ---- */

/* The private copy of one, by its words. */
struct completion {
  uint64_t first, cookie, place, value; /* seq and status; ret_off and ret_len */
};

AEC_ALWAYS_INLINE const uint8_t *completion_at(const struct aec_tx *t, uint32_t index) { return (const uint8_t *)&t->cqe[aec_at(index, t->mask)]; }

/* Its first word said that it is there. */
AEC_ALWAYS_INLINE struct completion read_completion(const uint8_t *slot, uint64_t first) {
  aec_fence_load();
  return (struct completion){first, aec_load64(slot + 8), aec_load64(slot + 16), aec_load64(slot + 24)};
}

AEC_ALWAYS_INLINE int32_t status_of(struct completion c) { return (int32_t)(c.first >> 32); }

/* Nothing but a value comes with it, for a call that waits and has no argument to give back. */
AEC_ALWAYS_INLINE int is_plain(const struct aec_pending *p, struct completion c) {
  return p->waiting == c.cookie && c.place == 0 && p->arg == 0 && status_of(c) <= 0;
}

AEC_ALWAYS_INLINE struct aec_result plain_result(struct completion c) {
  union {
    uint64_t word[2];
    struct aec_result result;
  } u = {.word = {c.first >> 32, c.value}}; /* status; no bytes */
  return u.result;
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

/* All up to `head` has a private copy and is done with: how many that were. A region that was torn down meanwhile may already
 * be somebody else's: nothing is written late. */
AEC_ALWAYS_INLINE int pass(struct aec_tx *t, uint32_t head, int tells) {
  uint32_t before = t->head;
  t->head = head;
  if (AEC_SELDOM(aec_load32(t->state) != AEC_LIVE)) return aec_not_live(t);
  if (AEC_SELDOM(tells || aec_tells_head(before, head, t->mask))) {
    aec_fence_store();
    aec_store32(&t->cq_head->idx, head);
  }
  return (int)(head - before);
}

/* Completions from `head` on to before `end` at most, the first of which has been copied: into registers, and so the short way needs no
 * stack. The head is told at once, because results may wait for it. */
static __attribute__((noinline)) int poll_any(struct aec_tx *t, uint32_t head, uint32_t end, uint64_t first, uint64_t cookie,
                                              uint64_t place, uint64_t value) {
  struct completion c = {first, cookie, place, value};
  for (;;) {
    complete(t, c);
    const uint8_t *slot = completion_at(t, ++head);
    uint64_t next = aec_load64(slot);
    if (head == end || (uint32_t)next != head + 1) return pass(t, head, 1);
    c = read_completion(slot, next);
  }
}

static __attribute__((noinline)) int poll_nothing(struct aec_tx *t, uint32_t seq) {
  if (t->poisoned) return t->poisoned;
  aec_fence_load();
  if (aec_load32(t->state) == AEC_LIVE) return seq == t->head + 1 || aec_is_vacant(seq, t->head, t->mask) ? 0 : broken(t);
  int error = aec_not_live(t);
  return error == AEC_E_AGAIN ? 0 : error;
}

int aec_poll(struct aec_tx *t) {
  uint32_t head = t->head, end = head + (uint32_t)t->mask + 1;
  const uint64_t mask = t->mask;
  const struct aec_cqe *cqe = t->cqe, *slot = &cqe[aec_at(head, mask)];
  uint64_t first = aec_load64(slot);
  if ((uint32_t)first != head + 1 || AEC_SELDOM(t->poisoned)) return poll_nothing(t, (uint32_t)first);
  do {
    struct completion c = read_completion((const uint8_t *)slot, first);
    struct aec_pending *p = &t->pending[aec_at(c.cookie, mask)];
    if (AEC_SELDOM(!is_plain(p, c))) return poll_any(t, head, end, c.first, c.cookie, c.place, c.value);
    p->done = c.cookie;
    p->waiting = AEC_NO_CALL;
    p->result = plain_result(c);
    slot = &cqe[aec_at(++head, mask)];
    first = aec_load64(slot);
  } while ((uint32_t)first == head + 1 && head != end);
  return pass(t, head, 0);
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
  for (uint32_t turns = 0;;) {
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
    aec_idle_caller(t, turns++, deadline);
  }
}

static __attribute__((noinline)) struct aec_result wait_behind(struct aec_tx *t, aec_ticket ticket, uint64_t deadline, uint64_t first,
                                                               uint64_t cookie, uint64_t place, uint64_t value) {
  poll_any(t, t->head, t->head + 1, first, cookie, place, value);
  return wait_on(t, ticket, deadline);
}

static __attribute__((noinline)) struct aec_result gone_meanwhile(struct aec_tx *t, uint64_t first, uint64_t value) {
  aec_not_live(t);
  return plain_result((struct completion){.first = first, .value = value});
}

struct aec_result aec_wait(struct aec_tx *t, aec_ticket ticket, uint64_t deadline) {
  struct aec_pending *p = slot_of(t, ticket);
  if (p->done == ticket) {
    p->done = AEC_NO_CALL;
    release(t, p);
    return p->result;
  }
  uint32_t head = t->head;
  const uint8_t *slot = completion_at(t, head);
  uint64_t first = aec_load64(slot);
  /* Who has learnt that looking pays looks closely before it takes turns, in which it serves, too. */
  if (AEC_LOOKS > 1 && (uint32_t)first != head + 1 && t->habit.patience && t->tail == t->shown) {
    aec_pause_for(slot, head + 1);
    first = aec_load64(slot);
  }
  /* A completion that is the one that is waited for needs no place to wait in. */
  if ((uint32_t)first != head + 1 || AEC_SELDOM(t->tail != t->shown)) return wait_on(t, ticket, deadline);
  struct completion c = read_completion(slot, first);
  if (AEC_SELDOM(c.cookie != ticket || !is_plain(p, c)))
    return wait_behind(t, ticket, deadline, c.first, c.cookie, c.place, c.value);
  p->waiting = AEC_NO_CALL;
  release(t, p);
  t->head = ++head;
  if (AEC_SELDOM(aec_load32(t->state) != AEC_LIVE)) return gone_meanwhile(t, c.first, c.value);
  if (AEC_SELDOM(aec_at(head, t->mask >> 1) == 0)) { /* as aec_tells_head */
    aec_fence_store();
    aec_store32(&t->cq_head->idx, head);
  }
  return plain_result(c);
}
