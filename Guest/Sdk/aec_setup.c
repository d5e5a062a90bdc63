#include "aec_private.h"

const char *const aec_backend_names[AEC_BACKENDS] = {"sync", "spin", "workers", "async-poll", "async-adaptive", "async-uipi"};

enum { DEFAULT_ARG = 4096, DEFAULT_RETRIES = 20000 };

/* Loads each shared word once. memcpy promises no such thing. */
void aec_copy_words(void *to, const void *shared, uint32_t len) {
  uint8_t *d = to;
  const uint8_t *s = shared;
  uint32_t i = 0;
  if ((((uintptr_t)d | (uintptr_t)s) & 7) == 0) {
    for (; len - i >= 32; i += 32) {
      uint64_t a = aec_load64(s + i), b = aec_load64(s + i + 8), c = aec_load64(s + i + 16), e = aec_load64(s + i + 24);
      aec_word *w = (aec_word *)(d + i);
      w[0] = a, w[1] = b, w[2] = c, w[3] = e;
    }
    for (; len - i >= 8; i += 8) *(aec_word *)(d + i) = aec_load64(s + i);
  }
  for (; i < len; i++) d[i] = *(const volatile uint8_t *)(s + i);
}

void aec_put_words(void *shared, const void *from, uint32_t len) {
  uint8_t *d = shared;
  const uint8_t *s = from;
  uint32_t i = 0;
  if ((((uintptr_t)d | (uintptr_t)s) & 7) == 0) {
    for (; len - i >= 32; i += 32) {
      const aec_word *w = (const aec_word *)(s + i);
      uint64_t a = w[0], b = w[1], c = w[2], e = w[3];
      aec_store64(d + i, a), aec_store64(d + i + 8, b), aec_store64(d + i + 16, c), aec_store64(d + i + 24, e);
    }
    for (; len - i >= 8; i += 8) aec_store64(d + i, *(const aec_word *)(s + i));
  }
  for (; i < len; i++) *(volatile uint8_t *)(d + i) = s[i];
}

int aec_copyin(struct aec *e, void *to, uint32_t off, uint32_t len) {
  uint32_t at = off - e->peer_data_off;
  if (off < e->peer_data_off || at > e->peer_data_len || len > e->peer_data_len - at) return AEC_E_RING;
  aec_copy_words(to, e->region + off, len);
  return AEC_OK;
}

uint32_t aec_state(const struct aec *e) {
  return aec_load32(e->state);
}

/* Everything that setup believes: a private copy of the header, checked. Zones must be whole pages inside their half,
 * in order, and control zones must hold the lanes. */
static int check(const struct aec_header *h, size_t len) {
  uint32_t half = h->region_len >> 1;
  if (h->magic != AEC_MAGIC || h->major != AEC_MAJOR) return AEC_E_INVAL;
  if (h->region_len != len || len < AEC_MIN_REGION || (len & (len - 1)) != 0) return AEC_E_INVAL;
  if (h->log2_entries < AEC_MIN_LOG2 || h->log2_entries > AEC_MAX_LOG2) return AEC_E_INVAL;
  if (h->n_osq > AEC_MAX_LANES || h->n_esq > AEC_MAX_LANES || h->n_osq + h->n_esq == 0) return AEC_E_INVAL;
  for (int z = 0; z < 4; z++) {
    int lower = z == AEC_ZH || z == AEC_DH;
    uint32_t first = lower ? 0 : half + AEC_PAGE, end = lower ? half : (uint32_t)len;
    if (h->off[z] % AEC_PAGE || h->len[z] % AEC_PAGE || h->off[z] < first || h->off[z] > end || h->len[z] > end - h->off[z])
      return AEC_E_INVAL;
  }
  uint32_t enclave = aec_rx_offset(h->n_osq, h->n_esq, h->log2_entries), host = aec_rx_offset(h->n_esq, h->n_osq, h->log2_entries);
  if (enclave > h->len[AEC_ZE] || host > h->len[AEC_ZH]) return AEC_E_INVAL;
  if (h->off[AEC_ZE] + h->len[AEC_ZE] > h->off[AEC_DE] || h->off[AEC_ZH] + h->len[AEC_ZH] > h->off[AEC_DH]) return AEC_E_INVAL;
  return AEC_OK;
}

static int read_header(struct aec_header *h, const void *region, size_t len) {
  if (len < AEC_MIN_REGION || len > 0x80000000u) return AEC_E_INVAL;
  aec_copy_words(h, (const uint8_t *)region + len / 2, sizeof *h);
  return check(h, len);
}

/* ---- Private memory, handed out in order ---- */

struct cut {
  uint8_t *at;
  size_t used, limit;
};

static void *cut(struct cut *c, size_t bytes) {
  size_t at = c->used;
  c->used += (bytes + 7) & ~(size_t)7;
  return c->at && c->used <= c->limit ? c->at + at : NULL;
}

struct shape {
  uint32_t n_tx, n_rx, entries, data_len, max_arg;
};

static struct shape shape_of(const struct aec_header *h, enum aec_role role, const struct aec_limits *limits) {
  int enclave = role == AEC_ENCLAVE;
  return (struct shape){
      .n_tx = enclave ? h->n_osq : h->n_esq,
      .n_rx = enclave ? h->n_esq : h->n_osq,
      .entries = 1u << h->log2_entries,
      .data_len = h->len[enclave ? AEC_DE : AEC_DH],
      .max_arg = limits && limits->max_arg ? limits->max_arg : DEFAULT_ARG,
  };
}

static void divide(struct cut *c, struct aec *e, const struct shape *s, void **shm) {
  e->tx = cut(c, s->n_tx * sizeof *e->tx);
  e->rx = cut(c, s->n_rx * sizeof *e->rx);
  *shm = cut(c, aec_shm_needs(s->data_len));
  for (uint32_t i = 0; i < s->n_tx; i++) {
    void *pending = cut(c, s->entries * sizeof(struct aec_pending));
    if (pending) e->tx[i] = (struct aec_tx){.pending = pending};
  }
  for (uint32_t i = 0; i < s->n_rx; i++) {
    void *queue = cut(c, s->entries * sizeof(struct aec_sqe)), *held = cut(c, s->entries * sizeof(aec_handle));
    void *scratch = cut(c, (size_t)s->max_arg * AEC_MAX_DEPTH);
    if (scratch) e->rx[i] = (struct aec_rx){.queue = queue, .held = held, .scratch = scratch};
  }
}

size_t aec_memory_needs(const void *region, size_t region_len, enum aec_role role, const struct aec_limits *limits) {
  struct aec_header h;
  if (read_header(&h, region, region_len) != AEC_OK) return 0;
  struct shape s = shape_of(&h, role, limits);
  struct cut c = {0};
  struct aec e;
  void *shm;
  divide(&c, &e, &s, &shm);
  return c.used;
}

/* ---- Setup ---- */

/* Lines and slots of a lane: `mine` and `peer` are the control zones, at the lane's offsets in each. */
static void place_tx(struct aec_tx *t, struct aec *e, uint8_t *mine, const uint8_t *peer) {
  t->e = e;
  t->cq_head = (struct aec_line *)(mine + AEC_HEAD_LINE);
  t->hot = (struct aec_hot *)(mine + AEC_HOT_LINE);
  t->sqe = (struct aec_sqe *)(mine + AEC_LANE_LINES);
  t->sq_head = (const struct aec_line *)(peer + AEC_HEAD_LINE);
  t->hot_reply = (const struct aec_hot_reply *)(peer + AEC_HOT_LINE);
  t->cqe = (const struct aec_cqe *)(peer + AEC_LANE_LINES);
  t->state = e->state;
  t->mask = e->entries - 1;
  t->full = e->entries;
  for (uint32_t i = e->entries; i-- > 0;) {
    t->pending[i] = (struct aec_pending){.waiting = AEC_NO_CALL, .done = AEC_NO_CALL, .last = i};
    if (i >= e->limits.max_entries) continue;
    t->pending[i].next = t->free;
    t->free = &t->pending[i];
  }
}

static void place_rx(struct aec_rx *r, struct aec *e, uint8_t *mine, const uint8_t *peer) {
  r->e = e;
  r->state = e->state;
  r->mask = e->entries - 1;
  r->full = e->entries;
  r->spin = e->backend == AEC_SPIN;
  r->sq_head = (struct aec_line *)(mine + AEC_HEAD_LINE);
  r->hot_reply = (struct aec_hot_reply *)(mine + AEC_HOT_LINE);
  r->cqe = (struct aec_cqe *)(mine + AEC_LANE_LINES);
  r->cq_head = (const struct aec_line *)(peer + AEC_HEAD_LINE);
  r->hot = (const struct aec_hot *)(peer + AEC_HOT_LINE);
  r->sqe = (const struct aec_sqe *)(peer + AEC_LANE_LINES);
}

int aec_setup(struct aec *e, void *region, size_t region_len, enum aec_role role, enum aec_backend backend,
              const struct aec_limits *limits, const struct aec_port *port, void *memory, size_t memory_len) {
  struct aec_header h;
  int error = read_header(&h, region, region_len);
  if (error) return error;
  if (h.state != AEC_INIT && h.state != AEC_LIVE) return AEC_E_GONE;

  *e = (struct aec){.region = region, .len = (uint32_t)region_len, .gen = h.gen, .log2 = h.log2_entries,
                    .entries = 1u << h.log2_entries, .role = role, .backend = backend, .port = port};
  e->state = &((const struct aec_header *)(e->region + region_len / 2))->state;
  if (limits) e->limits = *limits;
  struct aec_limits *l = &e->limits;
  if (!l->max_arg) l->max_arg = DEFAULT_ARG;
  if (!l->max_entries || l->max_entries > e->entries) l->max_entries = e->entries;
  if (!l->retries) l->retries = DEFAULT_RETRIES;

  struct shape s = shape_of(&h, role, limits);
  struct cut c = {.at = memory, .limit = memory_len};
  void *shm;
  divide(&c, e, &s, &shm);
  if (c.used > memory_len) return AEC_E_AGAIN;
  e->n_tx = s.n_tx;
  e->n_rx = s.n_rx;

  int enclave = role == AEC_ENCLAVE;
  int own = enclave ? AEC_DE : AEC_DH, other = enclave ? AEC_DH : AEC_DE;
  e->peer_data_off = h.off[other];
  e->peer_data_len = h.len[other];
  aec_shm_init(&e->shm, region, h.off[own], h.len[own], (uint8_t)own, shm);
  if (l->quota && l->quota < e->shm.quota) e->shm.quota = l->quota;

  uint8_t *mine = e->region + h.off[enclave ? AEC_ZE : AEC_ZH];
  const uint8_t *peer = e->region + h.off[enclave ? AEC_ZH : AEC_ZE];
  for (uint32_t i = 0; i < e->n_tx; i++)
    place_tx(&e->tx[i], e, mine + aec_tx_offset(i, e->log2), peer + aec_rx_offset(e->n_rx, i, e->log2));
  for (uint32_t i = 0; i < e->n_rx; i++)
    place_rx(&e->rx[i], e, mine + aec_rx_offset(e->n_tx, i, e->log2), peer + aec_tx_offset(i, e->log2));
  return AEC_OK;
}

int aec_register(struct aec *e, const struct aec_entry *table, uint32_t entries) {
  if (e->table) return AEC_E_PERM;
  if (entries > AEC_MAX_TABLE) return AEC_E_TOOBIG;
  for (uint32_t i = 0; i < entries; i++)
    if (table[i].revokes & ~table[i].requires) return AEC_E_INVAL;
  e->table = table;
  e->n_table = entries;
  for (uint32_t i = 0; i < entries; i++) {
    const struct aec_entry *f = &table[i];
    uint32_t most = f->arg_max < AEC_INLINE_MAX ? f->arg_max : AEC_INLINE_MAX;
    if (f->function && !f->flags && !f->requires && !f->provides && f->arg_min <= most)
      e->plain[i] = (struct aec_plain){.least = (uint8_t)f->arg_min, .count = (uint8_t)(most - f->arg_min + 1)};
  }
  return AEC_OK;
}
