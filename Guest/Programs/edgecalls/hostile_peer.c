#include "hostile_peer.h"

#include "aec_port.h"
#include "check.h"

static uint64_t roll(struct peer *p) { return next(&p->seed); }

static struct aec *end_of(struct peer *p) { return p->e; }

static const struct aec_header *header_of(struct peer *p) { return (const struct aec_header *)(p->e->region + p->e->len / 2); }

/* A number that a careless check lets pass, or the ends of a zone. */
static uint32_t odd(struct peer *p) {
  const struct aec_header *h = header_of(p);
  uint64_t x = roll(p);
  uint32_t zone = (uint32_t)(x >> 8) % 4, near = (uint32_t)(x >> 16) % 3 - 1;
  switch (x % 8) {
    case 0: return (uint32_t)(x >> 32);
    case 1: return 0xffffffffu - (uint32_t)(x >> 32) % 64;
    case 2: return (1u << (x >> 32) % 32) + near;
    case 3: return h->off[zone] + near;
    case 4: return h->off[zone] + h->len[zone] + near;
    case 5: return h->len[zone] + near;
    default: return (uint32_t)(x >> 32) % 300;
  }
}

static uint32_t own_data(struct peer *p, uint32_t len) {
  int zone = end_of(p)->role == AEC_ENCLAVE ? AEC_DE : AEC_DH;
  const struct aec_header *h = header_of(p);
  return h->off[zone] + (uint32_t)(roll(p) >> 20) % (h->len[zone] - len);
}

static uint64_t pair(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

/* ---- Answers ---- */

/* Whether a ring of its own has room; now and then it does not care. */
static int room(struct peer *p, uint32_t produced, const struct aec_line *consumed) {
  return produced - aec_load32(&consumed->idx) < end_of(p)->entries || roll(p) % 65536 == 0;
}

static void post(struct peer *p, struct aec_rx *r, uint64_t cookie) {
  if (!room(p, r->tail, r->cq_head)) return;
  uint64_t x = roll(p);
  uint8_t *slot = (uint8_t *)&r->cqe[r->tail & (end_of(p)->entries - 1)];
  uint32_t len = x % 4 ? 0 : (uint32_t)(x >> 8) % 200, off = own_data(p, len), status = 0;
  if ((x >> 4) % 16 == 0) len = odd(p);
  if ((x >> 4) % 16 == 1) off = odd(p);
  if ((x >> 4) % 16 == 2) status = odd(p);
  if ((x >> 4) % 16 == 3) status = (uint32_t)AEC_E_AGAIN;
  uint32_t seq = ++r->tail - (roll(p) % 65536 == 0);
  aec_store64(slot + 8, cookie);
  aec_store64(slot + 16, pair(off, len));
  aec_store64(slot + 24, roll(p));
  aec_fence_store();
  aec_store64(slot, pair(seq, status));
}

static void answer(struct peer *p, struct aec_rx *r) {
  uint32_t n = end_of(p)->entries;
  for (uint32_t end = r->head + n; r->head != end; r->head++) {
    const uint8_t *slot = (const uint8_t *)&r->sqe[r->head & (n - 1)];
    if (aec_load32(slot) != r->head + 1) break;
    aec_fence_load();
    uint64_t cookie = aec_load64(slot + 8), x = roll(p), *old = &p->cookie[(x >> 8) % PEER_HISTORY];
    switch (x % 64) {
      case 0: post(p, r, cookie); post(p, r, cookie); break;         /* twice */
      case 1: post(p, r, *old); post(p, r, cookie); break;           /* with one of before */
      case 2: post(p, r, *old); *old = cookie; break;                /* late */
      case 3: post(p, r, cookie ^ 1ull << (x >> 16) % 64); post(p, r, cookie); break;
      default: post(p, r, cookie);
    }
    if (x % 64 != 2 && (x >> 24) % 8 == 0) *old = cookie;
    p->answered++;
  }
  aec_fence_store();
  aec_store32(&r->sq_head->idx, r->head);
}

static void answer_hot(struct peer *p, struct aec_rx *r) {
  uint32_t seq = aec_load32(&r->hot->run);
  if (seq == r->hot_seq) return;
  uint64_t x = roll(p);
  r->hot_seq = seq;
  aec_store32(&r->hot_reply->status, x % 8 ? 0 : odd(p));
  aec_store32(&r->hot_reply->ret_len, x % 4 ? 0 : odd(p));
  aec_store32(&r->hot_reply->ret_off, x & 16 ? odd(p) : own_data(p, 1));
  aec_fence_store();
  aec_store32(&r->hot_reply->done, seq);
  p->answered++;
}

/* ---- Calls ---- */

static void call(struct peer *p, struct aec_tx *t) {
  uint32_t n = end_of(p)->entries;
  for (uint64_t burst = roll(p) % 4; burst && room(p, t->tail, t->sq_head); burst--) {
    uint64_t x = roll(p);
    uint8_t *slot = (uint8_t *)&t->sqe[t->tail & (n - 1)];
    uint32_t len = (uint32_t)(x >> 8) % 100, off = own_data(p, len), func = (uint32_t)(x >> 16) % 8, cap = (uint32_t)(x >> 24) % 300;
    uint32_t op = x % 16 == 0 ? AEC_CANCEL : x % 16 == 1 ? (uint32_t)(x >> 32) % 8 : AEC_CALL;
    uint32_t flags = (uint32_t)(x >> 36) & (AEC_NO_CQE | AEC_LINK | AEC_NEST_OK | AEC_URGENT);
    if (len <= AEC_INLINE_MAX || (x >> 42) % 16 == 0) flags |= AEC_INLINE;
    if ((x >> 46) % 16 == 0) len = odd(p);
    if ((x >> 46) % 16 == 1) off = odd(p);
    if ((x >> 46) % 16 == 2) func = odd(p);
    if ((x >> 46) % 16 == 3) cap = odd(p);
    if (roll(p) % 32) flags &= ~(uint32_t)AEC_LINK;
    uint32_t seq = ++t->tail - (roll(p) % 65536 == 0);
    aec_store64(slot + 8, t->tail);
    aec_store64(slot + 16, pair(func, len));
    aec_store64(slot + 24, pair(off, cap));
    aec_store64(slot + 32, pair((uint32_t)roll(p), x % 32 == 0 ? odd(p) : 0));
    aec_store64(slot + 40, roll(p) % 64 ? t->tail - roll(p) % 4 : roll(p)); /* what a CANCEL names */
    aec_fence_store();
    aec_store64(slot, pair(seq, flags << 16 | op));
    p->called++;
  }
  while (aec_load32(&t->cqe[t->head & (n - 1)].seq) == t->head + 1) t->head++;
  aec_store32(&t->cq_head->idx, t->head);
}

static void call_hot(struct peer *p, struct aec_tx *t) {
  if (aec_load32(&t->hot_reply->done) != t->hot_seq && roll(p) % 64) return;
  aec_store32(&t->hot->func, roll(p) % 8 ? (uint32_t)roll(p) % 8 : odd(p));
  aec_store32(&t->hot->arg_len, odd(p));
  aec_store32(&t->hot->arg_off, roll(p) % 4 ? own_data(p, 300) : odd(p));
  aec_store32(&t->hot->ret_cap, odd(p));
  aec_fence_store();
  aec_store32(&t->hot->run, ++t->hot_seq);
  p->called++;
}

/* ---- Scribbling ---- */

static void scribble(struct peer *p) {
  const struct aec_header *h = header_of(p);
  int enclave = end_of(p)->role == AEC_ENCLAVE;
  int control = enclave ? AEC_ZE : AEC_ZH, data = enclave ? AEC_DE : AEC_DH;
  uint64_t x = roll(p);
  int zone = x % 4 ? control : data;
  uint32_t used = zone == data ? h->len[data] : enclave ? aec_rx_offset(h->n_osq, h->n_esq, h->log2_entries) : aec_rx_offset(h->n_esq, h->n_osq, h->log2_entries);
  uint32_t off = h->off[zone] + ((uint32_t)(x >> 32) % used & ~3u);
  if (x % 16 == 1) { /* the words beside an index, where most is decided */
    struct aec_line *lines[] = {end_of(p)->tx[(x >> 8) & 1].cq_head, end_of(p)->rx[(x >> 8) & 1].sq_head};
    off = (uint32_t)((uint8_t *)lines[(x >> 9) & 1] - end_of(p)->region) + 4 * ((x >> 11) % 16 == 0 ? 0 : 1 + (uint32_t)(x >> 17) % 5);
  }
  uint32_t *word = (uint32_t *)(end_of(p)->region + off);
  uint32_t is = aec_load32(word);
  switch ((x >> 20) % 4) {
    case 0: is ^= 1u << (x >> 22) % 32; break;
    case 1: is += (uint32_t)(x >> 22) % 5 - 2; break;
    case 2: is = odd(p); break;
    default: is = (uint32_t)roll(p);
  }
  aec_store32(word, is);
  p->scribbled++;
}

void peer_misbehave(struct peer *p) {
  struct aec *e = end_of(p);
  while (!__atomic_load_n(&p->stop, __ATOMIC_RELAXED) && !(p->while_live && aec_state(e) != AEC_LIVE)) {
    for (uint32_t i = p->first; i < p->first + p->lanes; i++) {
      e->backend == AEC_SPIN ? answer_hot(p, &e->rx[i]) : answer(p, &e->rx[i]);
      e->backend == AEC_SPIN ? call_hot(p, &e->tx[i]) : call(p, &e->tx[i]);
    }
    if (roll(p) % 65536 < p->noise) scribble(p);
    if (roll(p) % 64 == 0) e->port->door(e, AEC_RING, 0);
  }
}
