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
 * call that waits; a cookie holds a generation, so that what is replayed names nothing. */
#include "aec_private.h"

static uint64_t next_random(struct aec_tx *t) { /* xorshift64* */
  uint64_t x = t->random | 1;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  t->random = x;
  return x * 0x2545f4914f6cdd1du;
}

void aec_bell(struct aec *e, const struct aec_line *reader, uint32_t old, uint32_t now, int always, struct aec_statistics *stat) {
  uint32_t flags = aec_load32(&reader->flags);
  if (!always) {
    if ((flags & (AEC_NEED_NOTIFY | AEC_USE_EVENT)) == 0) return;
    if ((flags & AEC_NEED_NOTIFY) == 0 && now - aec_load32(&reader->event) - 1 >= now - old) {
      stat->suppressed++; /* the event's index is not among old .. now - 1 */
      return;
    }
  }
  stat->rings++;
  if (e->port && e->port->door) e->port->door(e, AEC_RING, 0);
}

static void finish(struct aec_tx *t, struct aec_pending *p, struct aec_result result) {
  if (p->arg) aec_shm_move(&t->e->shm, p->arg, p->state == AEC_P_ABANDONED ? AEC_QUARANTINED : AEC_LENT, AEC_FREE);
  p->arg = 0;
  t->outstanding--;
  if (p->state == AEC_P_ABANDONED) {
    t->stat.late++;
    p->state = AEC_P_FREE;
    t->free_slot[t->free_slots++] = (uint16_t)(p - t->pending);
    return;
  }
  t->stat.completed++;
  p->result = result;
  p->state = AEC_P_DONE;
}

void aec_close_lane(struct aec_tx *t, int32_t status) {
  if (t->poisoned) return;
  t->poisoned = (uint32_t)status;
  for (uint32_t i = 0; i < t->e->limits.max_entries; i++) {
    struct aec_pending *p = &t->pending[i];
    if (p->state == AEC_P_WAITING || p->state == AEC_P_ABANDONED) finish(t, p, (struct aec_result){.status = status});
  }
}

int aec_not_live(struct aec_tx *t) {
  if (aec_state(t->e) == AEC_INIT) return AEC_E_AGAIN;
  aec_close_lane(t, AEC_E_GONE);
  return AEC_E_GONE;
}

/* ---- Submitting ---- */

static int has_room(struct aec_tx *t) {
  uint32_t n = t->e->entries;
  if (t->tail - t->peer_head < n) return AEC_OK;
  uint32_t head = aec_load32(&t->sq_head->idx);
  aec_fence_load();
  /* What it says it took cannot be more than was shown. */
  if (!aec_index_ok(t->shown, head, n)) {
    t->stat.rejected++;
    aec_close_lane(t, AEC_E_RING);
    return AEC_E_RING;
  }
  t->peer_head = head;
  return t->tail - head < n ? AEC_OK : AEC_E_AGAIN;
}

static void show(struct aec_tx *t) {
  uint32_t old = t->shown;
  aec_fence_store();
  aec_store32(&t->sq_tail->idx, t->tail);
  t->shown = t->tail;
  aec_fence_full();
  aec_bell(t->e, t->sq_head, old, t->tail, 0, &t->stat);
}

/* What was written before the end of the region stays unsaid: nothing is written late. */
void aec_flush(struct aec_tx *t) {
  if (t->tail != t->shown && !t->poisoned && aec_live(t->e)) show(t);
}

/* An entry is written where it will be read, word by word: nobody looks before the tail is published. */
struct words {
  uint64_t cookie, function, place, limit;
};

static uint64_t pair(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

static uint8_t *write_slot(struct aec_tx *t, uint16_t op, uint16_t flags, const struct words *w) {
  uint8_t *slot = (uint8_t *)&t->sqe[t->tail & (t->e->entries - 1)];
  aec_store64(slot, pair(t->tail + 1, (uint32_t)flags << 16 | op));
  aec_store64(slot + 8, w->cookie);
  aec_store64(slot + 16, w->function);
  aec_store64(slot + 24, w->place);
  aec_store64(slot + 32, w->limit);
  return slot + offsetof(struct aec_sqe, data);
}

/* At most AEC_INLINE_MAX bytes; what is behind them in the caller's memory stays there. */
static void write_inline(uint8_t *data, const uint8_t *arg, uint32_t len) {
  uint64_t word[AEC_INLINE_MAX / 8];
  if (((uintptr_t)arg & 7) == 0 && (len & 7) == 0) {
    for (uint32_t i = 0; i < len; i += 8) aec_store64(data + i, *(const aec_word *)(arg + i));
    return;
  }
  for (uint32_t i = 0; i < len; i++) ((uint8_t *)word)[i] = arg[i];
  for (uint32_t i = len; i & 7; i++) ((uint8_t *)word)[i] = 0;
  for (uint32_t i = 0; i < len; i += 8) aec_store64(data + i, *(const aec_word *)((const uint8_t *)word + i));
}

static int may_submit(struct aec_tx *t) {
  if (t->poisoned) return (int)t->poisoned;
  return aec_live(t->e) ? has_room(t) : aec_not_live(t);
}

/* Notes a call whose completion will come; its cookie. */
static uint64_t expect(struct aec_tx *t, const struct aec_submission *s, aec_handle arg) {
  uint16_t slot = t->free_slot[--t->free_slots];
  struct aec_pending *p = &t->pending[slot];
  if (++p->gen == 0) p->gen = 1; /* 0 is no ticket */
  p->cookie = (uint64_t)p->gen << 48 | (uint64_t)slot << 32 | (uint32_t)next_random(t);
  p->state = AEC_P_WAITING;
  p->arg = arg;
  p->ret = s->ret;
  p->ret_cap = s->ret_cap;
  t->outstanding++;
  return p->cookie;
}

int aec_submit(struct aec_tx *t, const struct aec_submission *s, aec_ticket *ticket) {
  struct aec *e = t->e;
  int error = may_submit(t);
  if (error) return error;
  if (t->free_slots == 0 && !(s->flags & AEC_NO_CQE)) return AEC_E_AGAIN;

  uint16_t flags = s->flags;
  uint32_t deadline = (uint32_t)s->deadline, arg_off = 0;
  if (s->deadline && deadline == 0) deadline = 1;
  aec_handle arg = 0;
  if (s->arg_len <= AEC_INLINE_MAX) {
    flags |= AEC_INLINE;
  } else {
    if (flags & AEC_NO_CQE) return AEC_E_INVAL; /* nobody would say when the argument is free */
    if (s->arg_len > AEC_MAX_PAYLOAD) return AEC_E_TOOBIG;
    arg = aec_shm_alloc(&e->shm, s->arg_len, AEC_LENT);
    if (!arg) return AEC_E_AGAIN;
    arg_off = aec_handle_offset(arg);
    aec_put_words(e->region + arg_off, s->arg, s->arg_len);
  }

  struct words w = {.function = pair(s->func, s->arg_len), .place = pair(arg_off, s->ret_cap), .limit = pair(0, deadline)};
  if (!(flags & AEC_NO_CQE)) w.cookie = expect(t, s, arg);
  if (ticket) *ticket = w.cookie;
  uint8_t *data = write_slot(t, AEC_CALL, flags, &w);
  if (!arg) write_inline(data, s->arg, s->arg_len);
  t->tail++;
  t->stat.submitted++;
  if (!s->more) show(t);
  return AEC_OK;
}

static struct aec_pending *find(struct aec_tx *t, uint64_t cookie) {
  uint32_t slot = (uint16_t)(cookie >> 32);
  return slot < t->e->limits.max_entries && t->pending[slot].cookie == cookie ? &t->pending[slot] : NULL;
}

int aec_cancel(struct aec_tx *t, aec_ticket ticket) {
  struct aec_pending *p = find(t, ticket);
  if (!p || p->state == AEC_P_FREE) return AEC_E_STALE;
  if (p->state == AEC_P_DONE) return AEC_E_ALREADY;
  int error = may_submit(t);
  if (error) return error;
  uint8_t *data = write_slot(t, AEC_CANCEL, AEC_INLINE | AEC_NO_CQE, &(struct words){.function = pair(0, sizeof ticket)});
  write_inline(data, (const uint8_t *)&ticket, sizeof ticket);
  t->tail++;
  show(t);
  return AEC_OK;
}

/* ---- Completions ---- */

static void complete(struct aec_tx *t, const struct aec_cqe *c) {
  struct aec_pending *p = find(t, c->cookie);
  if (!p || (p->state != AEC_P_WAITING && p->state != AEC_P_ABANDONED)) {
    t->stat.stale++;
    return;
  }
  struct aec_result result = {.status = aec_known_status(c->status), .ret_len = c->ret_len, .ret_val = c->ret_val};
  if (c->ret_len && p->state == AEC_P_WAITING) {
    if (c->ret_len > p->ret_cap) result = (struct aec_result){.status = AEC_E_TOOBIG};
    else if (aec_copyin(t->e, p->ret, c->ret_off, c->ret_len) != AEC_OK) result = (struct aec_result){.status = AEC_E_RING};
    else t->stat.bytes_in += c->ret_len;
  }
  finish(t, p, result);
}

int aec_poll(struct aec_tx *t) {
  struct aec *e = t->e;
  if (t->poisoned) return (int)t->poisoned;
  uint32_t tail = aec_load32(&t->cq_tail->idx), head = t->head, n = e->entries;
  if (tail == head) {
    if (aec_live(e)) return 0;
    int error = aec_not_live(t);
    return error == AEC_E_AGAIN ? 0 : error;
  }
  aec_fence_load();
  if (!aec_index_ok(tail, head, n)) goto broken;
  for (; head != tail; head++) {
    const uint8_t *slot = (const uint8_t *)&t->cqe[head & (n - 1)];
    struct aec_cqe c;
#pragma GCC unroll 4
    for (unsigned i = 0; i < sizeof c; i += 8) *(aec_word *)((uint8_t *)&c + i) = aec_load64(slot + i);
    if (c.seq != head + 1) goto broken;
    complete(t, &c);
  }
  uint32_t taken = tail - t->head;
  t->head = tail;
  /* A region that was torn down meanwhile may already be somebody else's: nothing is written late. */
  if (!aec_live(e)) return aec_not_live(t);
  aec_fence_store();
  aec_store32(&t->cq_head->idx, tail);
  return (int)taken;
broken:
  t->stat.rejected++;
  aec_close_lane(t, AEC_E_RING);
  return AEC_E_RING;
}

int aec_take(struct aec_tx *t, aec_ticket ticket, struct aec_result *result) {
  struct aec_pending *p = find(t, ticket);
  if (!p || p->state == AEC_P_FREE || p->state == AEC_P_ABANDONED) return AEC_E_STALE;
  if (p->state == AEC_P_WAITING) return AEC_E_AGAIN;
  *result = p->result;
  p->state = AEC_P_FREE;
  t->free_slot[t->free_slots++] = (uint16_t)(p - t->pending);
  return AEC_OK;
}

struct aec_result aec_wait(struct aec_tx *t, aec_ticket ticket, uint64_t deadline) {
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
      struct aec_pending *p = find(t, ticket);
      if (p->arg) aec_shm_move(&t->e->shm, p->arg, AEC_LENT, AEC_QUARANTINED);
      p->state = AEC_P_ABANDONED;
      return (struct aec_result){.status = AEC_E_TIMEOUT};
    }
    aec_idle_caller(t, turns, deadline);
  }
}
