#include "aec_shm.h"

#include "aec_abi.h"

enum { KIND_SLAB = 0xfd, KIND_TAKEN = 0xfe, KIND_TAIL = 0xff }; /* less than AEC_ORDERS: head of a free block */
#define NONE 0xffffffffu

size_t aec_shm_needs(uint32_t zone_len) { return (zone_len / AEC_PAGE) * sizeof(struct aec_page); }

static void lock(struct aec_shm *s) {
  while (__atomic_exchange_n(&s->lock, 1, __ATOMIC_ACQUIRE))
    ;
}
static void unlock(struct aec_shm *s) { __atomic_store_n(&s->lock, 0, __ATOMIC_RELEASE); }

/* ---- Lists of pages ---- */

static void push(struct aec_shm *s, uint32_t *head, uint32_t p) {
  s->page[p].prev = NONE;
  s->page[p].next = *head;
  if (*head != NONE) s->page[*head].prev = p;
  *head = p;
}

static void unlink(struct aec_shm *s, uint32_t *head, uint32_t p) {
  struct aec_page *page = &s->page[p];
  if (page->prev == NONE) *head = page->next;
  else s->page[page->prev].next = page->next;
  if (page->next != NONE) s->page[page->next].prev = page->prev;
}

/* ---- Buddy: blocks of 2^order pages, aligned to their size within the zone ---- */

static void give_block(struct aec_shm *s, uint32_t p, unsigned order) {
  while (order + 1 < AEC_ORDERS) {
    uint32_t buddy = p ^ (1u << order);
    if (buddy + (1u << order) > s->pages || s->page[buddy].kind != order) break;
    unlink(s, &s->free_block[order], buddy);
    s->page[buddy].kind = KIND_TAIL;
    s->page[p].kind = KIND_TAIL;
    p &= ~(1u << order);
    order++;
  }
  s->page[p].kind = (uint8_t)order;
  push(s, &s->free_block[order], p);
}

static uint32_t take_block(struct aec_shm *s, unsigned order) {
  unsigned have = order;
  while (have < AEC_ORDERS && s->free_block[have] == NONE) have++;
  if (have == AEC_ORDERS) return NONE;
  uint32_t p = s->free_block[have];
  unlink(s, &s->free_block[have], p);
  while (have > order) {
    have--;
    uint32_t upper = p + (1u << have);
    s->page[upper].kind = (uint8_t)have;
    push(s, &s->free_block[have], upper);
  }
  s->page[p].kind = KIND_TAKEN;
  return p;
}

void aec_shm_init(struct aec_shm *s, uint8_t *region, uint32_t offset, uint32_t len, uint8_t zone, void *memory) {
  *s = (struct aec_shm){.base = region + offset, .offset = offset, .pages = len / AEC_PAGE, .zone = zone, .page = memory};
  s->quota = (uint64_t)s->pages * AEC_PAGE;
  for (unsigned i = 0; i < AEC_ORDERS; i++) s->free_block[i] = NONE;
  for (unsigned i = 0; i < AEC_SLAB_CLASSES; i++) s->partial[i] = NONE;
  for (uint32_t p = 0; p < s->pages; p++) s->page[p] = (struct aec_page){.kind = KIND_TAIL};
  for (uint32_t p = 0; p < s->pages; p++) give_block(s, p, 0); /* merges as it goes */
}

/* ---- Classes ---- */

static unsigned class_of(uint32_t len) {
  unsigned c = 0;
  while (len > 64u << c) c++;
  return c < AEC_SLAB_CLASSES ? c : AEC_BUDDY_CLASS + c - AEC_SLAB_CLASSES; /* RV64GC has no instruction for it */
}

static uint32_t class_size(unsigned c) {
  return c < AEC_BUDDY_CLASS ? 64u << c : AEC_PAGE << (c - AEC_BUDDY_CLASS);
}

uint32_t aec_shm_size(aec_handle h) { return class_size((uint8_t)(h >> 48)); }

static unsigned slots_of(unsigned c) { return AEC_SLOTS >> c; }

/* A block, if need be of empty slabs. */
static uint32_t find_block(struct aec_shm *s, unsigned order) {
  uint32_t p = take_block(s, order);
  if (p != NONE) return p;
  for (unsigned c = 0; c < AEC_SLAB_CLASSES; c++)
    for (uint32_t slab = s->partial[c], behind; slab != NONE; slab = behind) {
      behind = s->page[slab].next;
      if (s->page[slab].left != slots_of(c)) continue;
      unlink(s, &s->partial[c], slab);
      give_block(s, slab, 0);
    }
  return take_block(s, order);
}

static uint32_t new_slab(struct aec_shm *s, unsigned c) {
  uint32_t p = find_block(s, 0);
  if (p == NONE) return NONE;
  s->page[p].kind = KIND_SLAB;
  s->page[p].slab_class = (uint8_t)c;
  s->page[p].first = 0;
  s->page[p].left = (uint8_t)slots_of(c);
  for (unsigned i = 0; i < slots_of(c); i++) s->page[p].link[i] = (uint8_t)(i + 1);
  push(s, &s->partial[c], p);
  return p;
}

aec_handle aec_shm_alloc(struct aec_shm *s, uint32_t len, unsigned state) {
  if (len > AEC_MAX_PAYLOAD) return 0;
  unsigned c = class_of(len);
  uint32_t size = class_size(c);
  uint32_t p, slot = 0;
  aec_handle h = 0;
  lock(s);
  if (size > s->quota - s->in_use) goto out;
  if (c < AEC_BUDDY_CLASS) {
    p = s->partial[c];
    if (p == NONE && (p = new_slab(s, c)) == NONE) goto out;
    slot = s->page[p].first;
    s->page[p].first = s->page[p].link[slot];
    if (--s->page[p].left == 0) unlink(s, &s->partial[c], p);
  } else {
    p = find_block(s, c - AEC_BUDDY_CLASS);
    if (p == NONE) goto out;
  }
  if (s->page[p].gen[slot] == 0) s->page[p].gen[slot] = 1; /* so that no handle is 0 */
  s->page[p].state[slot] = (uint8_t)state;
  s->in_use += size;
  h = (s->offset + p * AEC_PAGE + slot * size) | (uint64_t)s->page[p].gen[slot] << 32 | (uint64_t)c << 48 | (uint64_t)s->zone << 56;
out:
  unlock(s);
  return h;
}

static void give(struct aec_shm *s, uint32_t p, uint32_t slot, unsigned c) {
  struct aec_page *page = &s->page[p];
  page->gen[slot]++;
  s->in_use -= class_size(c);
  if (c >= AEC_BUDDY_CLASS) {
    give_block(s, p, c - AEC_BUDDY_CLASS);
    return;
  }
  if (page->left == 0) push(s, &s->partial[c], p);
  page->link[slot] = page->first;
  page->first = (uint8_t)slot;
  page->left++;
  /* An empty slab goes back, unless it is the last one of its class: calls one after the other would cut it anew. */
  if (page->left == slots_of(c) && (page->next != NONE || page->prev != NONE)) {
    unlink(s, &s->partial[c], p);
    give_block(s, p, 0);
  }
}

int aec_shm_move(struct aec_shm *s, aec_handle h, unsigned from, unsigned to) {
  unsigned c = (uint8_t)(h >> 48);
  uint32_t at = (uint32_t)h - s->offset;
  uint32_t p = at / AEC_PAGE, slot;
  int result = AEC_E_STALE;
  if ((uint8_t)(h >> 56) != s->zone || p >= s->pages) return AEC_E_STALE;
  lock(s);
  slot = c < AEC_BUDDY_CLASS ? (at % AEC_PAGE) >> (AEC_SLAB_SHIFT + c) : 0;
  struct aec_page *page = &s->page[p];
  int is_kind = c < AEC_BUDDY_CLASS ? page->kind == KIND_SLAB && page->slab_class == c : page->kind == KIND_TAKEN;
  if (is_kind && page->gen[slot] == (uint16_t)(h >> 32) && page->state[slot] != AEC_FREE) {
    result = page->state[slot] == from ? AEC_OK : AEC_E_INVAL;
    if (result == AEC_OK) {
      page->state[slot] = (uint8_t)to;
      if (to == AEC_FREE) give(s, p, slot, c);
    }
  }
  unlock(s);
  return result;
}
