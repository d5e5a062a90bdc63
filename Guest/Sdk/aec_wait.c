/* Waiting, and the ways of a call that are not rings. */
#include "aec_private.h"

static int sleeps(const struct aec *e) { return e->backend == AEC_WORKERS || e->backend >= AEC_ASYNC_ADAPTIVE; }

/* ---- How long to look ----
 *
 * A sleep costs as much as so many turns of looking, its worth. Who looks that long and then sleeps pays at most double what was
 * best. Whether looking pays is learnt: each wait that looked in vain makes a side more tired, each whose event came in time
 * less. Who is tired sleeps at once, finds nothing out by that, and therefore looks first in one wait of PROBE: it pays at most
 * 1/PROBE more than always sleeping, and a change is noticed within PROBE waits, or TIRED. */
enum { TIRED = 3, PROBE = 32, WORTH_OF_WAIT = 1, WORTH_OF_DOOR = 50 };

static uint32_t worth_of_sleep(const struct aec *e) {
  return e->limits.poll_turns ? e->limits.poll_turns : e->user ? WORTH_OF_WAIT : WORTH_OF_DOOR;
}

static uint32_t learn(const struct aec *e, struct aec_habit *h, uint32_t looks) {
  if (!sleeps(e) || !e->port || !e->port->door) return h->patience = UINT32_MAX;
  if (e->backend == AEC_WORKERS) return h->patience = e->limits.retries; /* as SGX Switchless has them */
  if (e->backend == AEC_ASYNC_UIPI && e->user) return h->patience = 0;
  if (h->patience == 0) {
    h->blind++;
  } else {
    h->blind = 0;
    if (looks <= h->patience) h->late--;
    else if (h->late < TIRED) h->late++;
  }
  return h->patience = h->late < TIRED || h->blind >= PROBE ? worth_of_sleep(e) : 0;
}

/* How many turns to look this time. `idle`: turns that found nothing, this one too. Where all waits are short there is nothing to learn. */
static uint32_t begin_wait(const struct aec *e, struct aec_habit *h, uint64_t idle) {
  uint32_t looks = (uint32_t)idle - h->began;
  h->began = (uint32_t)idle;
  return looks <= h->patience && h->late == 0 ? h->patience : learn(e, h, looks);
}

static int may_serve(const struct aec *e) {
  return e->limits.serve_while_waiting && e->n_table && (e->depth == 0 || (e->nest_ok && e->depth < AEC_MAX_DEPTH));
}

void aec_wish(const struct aec *e, uint32_t flags) {
  for (uint32_t i = 0; i < e->n_rx; i++) aec_store32(&e->rx[i].sq_head->flags, flags);
}

static int work_waits(const struct aec *e) {
  for (uint32_t i = 0; i < e->n_rx; i++) {
    const struct aec_rx *r = &e->rx[i];
    if (!r->poisoned && (r->queued || aec_load32(&r->sqe[aec_at(r->head, r->mask)].seq) == r->head + 1)) return 1;
  }
  return 0;
}

/* Until told, or the time is over. The end of a region tells no one who waits for a user interrupt, so they look up. */
enum { LOOK_UP = 10000 }; /* microseconds */

/* Whether the other side sends user interrupts, too: who cannot, or not yet, rings the doorbell. */
static int other_side_sends(const struct aec *e) {
  for (uint32_t i = 0; i < e->n_tx; i++)
    if (aec_load32(&e->tx[i].sq_head->notify)) return 1;
  for (uint32_t i = 0; i < e->n_rx; i++)
    if (aec_load32(&e->rx[i].cq_head->notify)) return 1;
  return 0;
}

static void rest(struct aec *e, uint32_t microseconds) {
  if (e->user && (microseconds == 0 || microseconds > LOOK_UP)) microseconds = LOOK_UP;
  if (!e->user || !other_side_sends(e)) {
    e->port->door(e, AEC_SLEEP, microseconds);
    return;
  }
  const struct aec_header *h = (const struct aec_header *)(e->region + (e->len >> 1));
  aec_user_wait(aec_time() + aec_load64(&h->timebase) * microseconds / 1000000);
}

int aec_drain(struct aec *e) {
  int served = 0, n;
  do {
    aec_wish(e, 0);
    for (uint32_t turns = 0; turns <= (e->backend == AEC_ASYNC_ADAPTIVE ? worth_of_sleep(e) : 0); turns++)
      if ((n = aec_serve(e)) != 0) served += n, turns = 0;
    if (!aec_live(e)) return served;
    aec_wish(e, AEC_NEED_NOTIFY);
    aec_fence_full();
  } while (work_waits(e));
  return served;
}

static uint32_t microseconds_left(uint64_t deadline, uint64_t hertz) {
  if (!deadline) return 0;
  uint64_t now = aec_time();
  if (now >= deadline) return 1;
  uint64_t us = (deadline - now) * 1000000 / (hertz ? hertz : 10000000);
  return us == 0 ? 1 : us > 0xffffffffu ? 0xffffffffu : (uint32_t)us;
}

void aec_idle_caller(struct aec_tx *t, uint32_t turns, uint64_t deadline) {
  struct aec *e = t->e;
  uint64_t idle = ++t->stat.idle_turns;
  uint32_t patience = turns ? t->habit.patience : begin_wait(e, &t->habit, idle);
  if (may_serve(e) && aec_serve(e)) return;
  if (turns < patience) {
    aec_pause_for(&t->cqe[aec_at(t->head, t->mask)].seq, t->head + 1);
    return;
  }
  int serves = may_serve(e);
  aec_store32(&t->cq_head->flags, AEC_NEED_NOTIFY);
  if (serves) aec_wish(e, AEC_NEED_NOTIFY);
  aec_fence_full();
  if (aec_load32(&t->cqe[aec_at(t->head, t->mask)].seq) != t->head + 1 && !(serves && work_waits(e)) && aec_live(e)) {
    const struct aec_header *h = (const struct aec_header *)(e->region + (e->len >> 1));
    t->stat.sleeps++;
    rest(e, microseconds_left(deadline, aec_load64(&h->timebase)));
  }
  if (!aec_live(e)) return;
  aec_store32(&t->cq_head->flags, 0);
  if (serves) aec_wish(e, 0);
}

void aec_idle_server(struct aec *e, uint32_t turns) {
  if (e->n_rx == 0) return;
  uint64_t idle = ++e->rx[0].stat.idle_turns;
  if (turns == 0 && e->backend == AEC_WORKERS) aec_wish(e, AEC_IDLE);
  if (turns < (turns ? e->habit.patience : begin_wait(e, &e->habit, idle))) {
    if (e->n_rx == 1) aec_pause_for(&e->rx[0].sqe[aec_at(e->rx[0].head, e->rx[0].mask)].seq, e->rx[0].head + 1);
    else aec_pause();
    return;
  }
  aec_wish(e, AEC_NEED_NOTIFY | AEC_IDLE);
  aec_fence_full();
  if (!work_waits(e) && aec_live(e)) {
    e->rx[0].stat.sleeps++;
    rest(e, 0);
  }
  if (aec_live(e)) aec_wish(e, e->backend == AEC_WORKERS ? AEC_IDLE : 0);
}

/* ---- One slot, after HotCalls ---- */

struct aec_result aec_call_spin(struct aec_tx *t, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap) {
  struct aec *e = t->e;
  struct aec_hot *h = t->hot;
  struct aec_result result = {0};
  aec_handle handle = 0;
  uint32_t inline_max = sizeof h->data, seq = t->hot_seq + 1;
  if (!t->poisoned && !aec_live(e)) aec_not_live(t);
  if (t->poisoned) return (struct aec_result){.status = t->poisoned};
  if (arg_len <= inline_max) {
    aec_put_words(h->data, arg, arg_len);
  } else {
    handle = aec_shm_alloc(&e->shm, arg_len, AEC_OWNED);
    if (!handle) return (struct aec_result){.status = arg_len > AEC_MAX_PAYLOAD ? AEC_E_TOOBIG : AEC_E_AGAIN};
    aec_put_words(e->region + aec_handle_offset(handle), arg, arg_len);
    aec_store32(&h->arg_off, aec_handle_offset(handle));
  }
  aec_store32(&h->func, func);
  aec_store32(&h->arg_len, arg_len);
  aec_store32(&h->ret_cap, ret_cap);
  aec_fence_store();
  aec_store32(&h->run, seq);
  t->hot_seq = seq;
  while (aec_load32(&t->hot_reply->done) != seq) {
    if (!aec_live(e) && aec_not_live(t) == AEC_E_GONE) {
      if (handle) aec_shm_move(&e->shm, handle, AEC_OWNED, AEC_FREE);
      return (struct aec_result){.status = AEC_E_GONE};
    }
    t->stat.idle_turns++;
    aec_pause();
  }
  aec_fence_load();
  struct aec_hot_reply reply;
  aec_copy_words(&reply, t->hot_reply, offsetof(struct aec_hot_reply, data));
  result = (struct aec_result){.status = aec_known_status(reply.status), .ret_len = reply.ret_len, .ret_val = reply.ret_val};
  if (reply.ret_len > ret_cap) result = (struct aec_result){.status = AEC_E_TOOBIG};
  else if (reply.ret_len && aec_copyin(e, ret, reply.ret_off, reply.ret_len) != AEC_OK) result = (struct aec_result){.status = AEC_E_RING};
  if (handle) aec_shm_move(&e->shm, handle, AEC_OWNED, AEC_FREE);
  return result;
}

int aec_serve_spin(struct aec_rx *r) {
  struct aec *e = r->e;
  uint32_t seq = aec_load32(&r->hot->run);
  if (seq == r->hot_seq) return 0;
  aec_fence_load();
  struct aec_hot h;
  aec_copy_words(&h, r->hot, sizeof h);
  struct aec_request q = {.arg_len = h.arg_len, .arg = h.data};
  int32_t status = AEC_OK;
  r->hot_seq = seq;
  /* The next call means that the last result was copied out. */
  if (r->hot_held) aec_shm_move(&e->shm, r->hot_held, AEC_OWNED, AEC_FREE);
  r->hot_held = 0;
  if (h.arg_len > sizeof h.data) {
    uint8_t *scratch = r->scratch + (size_t)e->depth * e->limits.max_arg;
    if (h.arg_len > e->limits.max_arg) status = AEC_E_TOOBIG;
    else if (aec_copyin(e, scratch, h.arg_off, h.arg_len) != AEC_OK) status = AEC_E_INVAL;
    q.arg = scratch;
  }
  if (status == AEC_OK && h.func < e->n_table) {
    q.ret_cap = h.ret_cap < e->table[h.func].ret_max ? h.ret_cap : e->table[h.func].ret_max;
    if (q.ret_cap && !(r->hot_held = aec_shm_alloc(&e->shm, q.ret_cap, AEC_OWNED))) status = AEC_E_AGAIN;
    else if (q.ret_cap) q.ret = e->region + aec_handle_offset(r->hot_held);
  }
  if (status == AEC_OK) status = aec_dispatch(e, h.func, &q);
  if (!aec_live(e)) return 1;
  struct aec_hot_reply *reply = r->hot_reply;
  aec_store32(&reply->status, (uint32_t)status);
  aec_store32(&reply->ret_len, status == AEC_OK ? q.ret_len : 0);
  aec_store32(&reply->ret_off, r->hot_held ? aec_handle_offset(r->hot_held) : 0);
  aec_store64(&reply->ret_val, q.ret_val);
  aec_fence_store();
  aec_store32(&reply->done, seq);
  return 1;
}

/* ---- A call that waits ---- */

static struct aec_result call_sync(struct aec_tx *t, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap) {
  struct aec *e = t->e;
  struct aec_cqe answer = {0};
  if (!e->port || !e->port->sync) return (struct aec_result){.status = AEC_E_NOFUNC};
  int error = e->port->sync(e, func, arg, arg_len, ret, ret_cap, &answer);
  if (error) return (struct aec_result){.status = error};
  return (struct aec_result){.status = aec_known_status(answer.status), .ret_len = answer.ret_len, .ret_val = answer.ret_val};
}

/* SGX Switchless gives a task to a worker that is free, or goes the slow way after so many turns. */
static int worker_is_free(struct aec_tx *t) {
  for (uint32_t turn = 0; turn < t->e->limits.retries; turn++) {
    if (aec_load32(&t->sq_head->flags) & AEC_IDLE) return 1;
    aec_pause();
  }
  return 0;
}

struct aec_result aec_call(struct aec_tx *t, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap) {
  struct aec *e = t->e;
  if (e->backend == AEC_SYNC) return call_sync(t, func, arg, arg_len, ret, ret_cap);
  if (e->backend == AEC_SPIN) return aec_call_spin(t, func, arg, arg_len, ret, ret_cap);
  if (e->backend == AEC_WORKERS && e->port && e->port->sync && !worker_is_free(t)) {
    t->stat.fallbacks++;
    return call_sync(t, func, arg, arg_len, ret, ret_cap);
  }
  struct aec_submission s = {.func = func, .arg = arg, .arg_len = arg_len, .ret = ret, .ret_cap = ret_cap};
  aec_ticket ticket;
  for (uint32_t turns = 0;;) {
    int error = aec_submit(t, &s, &ticket);
    if (error == AEC_OK) return aec_wait(t, ticket, 0);
    if (error != AEC_E_AGAIN || (aec_outstanding(t) == 0 && aec_live(e))) return (struct aec_result){.status = error};
    if (aec_poll(t) == 0) aec_idle_caller(t, turns++, 0);
    else turns = 0;
  }
}
