/* The memory manager of a zone, explored.
 *
 *   aec-plain allocator PAGES SMALLEST             every state that allocating and freeing can reach
 *   aec-plain allocator PAGES SMALLEST STEPS SEED  a random walk instead, for zones with too many states
 *
 * Sizes are the classes from SMALLEST bytes to the whole zone. States are told apart by what is allocated and by the
 * order of every free list, not by generations. In each state: objects lie in the zone, apart from each other; free blocks,
 * slabs and objects cover every page once; free blocks that could be one are one; an allocation fails only when nothing
 * fits; a handle that was freed, or names another zone or state, changes nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aec.h"
#include "check.h"
#include "plain.h"

enum { MOST_PAGES = 64, UNIT = 64, UNITS = AEC_PAGE / UNIT, MOST = MOST_PAGES * UNITS, DEAD = 8, ZONE = AEC_DE, OFFSET = 5 * AEC_PAGE, SEEN_BITS = 22 };
#define NONE 0xffffffffu

struct world {
  struct aec_shm s;
  uint32_t live_count, dead_count;
  aec_handle dead[DEAD]; /* the last ones */
  aec_handle live[MOST];
  struct aec_page page[]; /* as many as there are */
};

static uint32_t pages, smallest;
static uint64_t states, moves;

static size_t world_size(void) { return sizeof(struct world) + pages * sizeof(struct aec_page); }

static struct world *copy_of(const struct world *w) {
  struct world *c = malloc(world_size());
  memcpy(c, w, world_size());
  c->s.page = c->page;
  return c;
}

static uint32_t at(aec_handle h) { return aec_handle_offset(h) - OFFSET; }
static unsigned class_of(aec_handle h) { return (uint8_t)(h >> 48); }
static unsigned slots_of(unsigned c) { return AEC_SLOTS >> c; }

/* ---- What must hold ---- */

enum { NOTHING, FREE_PAGE, EMPTY_SLAB, USED_SLAB, BLOCK };

struct map {
  uint8_t page[MOST_PAGES];
  uint8_t used[MOST]; /* by units */
};

static void cover(struct map *m, uint32_t first, uint32_t count, uint8_t kind) {
  for (uint32_t p = first; p < first + count; p++) {
    if (p >= pages || m->page[p] != NOTHING) wrong("a page that belongs to two", p, kind);
    else m->page[p] = kind;
  }
}

static void check_free_blocks(const struct world *w, struct map *m) {
  for (unsigned order = 0; order < AEC_ORDERS; order++) {
    uint32_t before = NONE, steps = 0;
    for (uint32_t p = w->s.free_block[order]; p != NONE && steps++ <= pages; before = p, p = w->page[p].next) {
      if (p % (1u << order) || w->page[p].kind != order || w->page[p].prev != before) wrong("a free block", p, order);
      cover(m, p, 1u << order, FREE_PAGE);
      uint32_t buddy = p ^ 1u << order;
      if (buddy + (1u << order) <= pages && w->page[buddy].kind == order) wrong("buddies that are not one", p, order);
    }
  }
}

static void check_objects(const struct world *w, struct map *m) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < w->live_count; i++) {
    uint32_t size = aec_shm_size(w->live[i]), from = at(w->live[i]);
    bytes += size;
    if (from % size % AEC_PAGE || from > pages * AEC_PAGE || size > pages * AEC_PAGE - from) wrong("an object outside the zone", from, size);
    else
      for (uint32_t u = from / UNIT; u < (from + size) / UNIT; u++)
        if (m->used[u]++) wrong("objects that overlap", from, size);
    if (class_of(w->live[i]) >= AEC_BUDDY_CLASS) cover(m, from / AEC_PAGE, size / AEC_PAGE, BLOCK);
  }
  if (w->s.in_use != bytes) wrong("bytes in use", (long)w->s.in_use, (long)bytes);
}

static void check_slabs(const struct world *w, struct map *m) {
  for (uint32_t p = 0; p < pages; p++) {
    if (m->page[p] != NOTHING) continue;
    const struct aec_page *page = &w->page[p];
    unsigned c = page->slab_class, slots = slots_of(c), taken = 0;
    for (unsigned i = 0; i < slots; i++) taken += m->used[p * UNITS + i * (UNITS / slots)] != 0;
    if (taken + page->left != slots) wrong("a page that belongs to nobody, or a slab that counts wrong", p, page->left);
    uint64_t chain = 0;
    uint8_t slot = page->first;
    for (unsigned i = 0; i < page->left; i++, slot = page->link[slot]) {
      if (slot >= slots || (chain >> slot & 1) || m->used[p * UNITS + slot * (UNITS / slots)]) wrong("a slab's free list", p, slot);
      else chain |= 1ull << slot;
    }
    m->page[p] = taken ? USED_SLAB : EMPTY_SLAB;
  }
  for (unsigned c = 0; c < AEC_SLAB_CLASSES; c++) {
    uint32_t before = NONE, steps = 0;
    for (uint32_t p = w->s.partial[c]; p != NONE && steps++ <= pages; before = p, p = w->page[p].next)
      if (w->page[p].slab_class != c || w->page[p].left == 0 || w->page[p].prev != before) wrong("a list of slabs", p, c);
  }
}

static int fits(const struct world *w, const struct map *m, unsigned size) {
  if (size < AEC_PAGE)
    for (uint32_t p = 0; p < pages; p++)
      if (m->page[p] >= EMPTY_SLAB && m->page[p] <= USED_SLAB && (uint32_t)UNIT << w->page[p].slab_class == size && w->page[p].left) return 1;
  uint32_t run = size < AEC_PAGE ? 1 : size / AEC_PAGE;
  for (uint32_t p = 0; p + run <= pages; p += run) {
    uint32_t n = 0;
    while (n < run && (m->page[p + n] == FREE_PAGE || m->page[p + n] == EMPTY_SLAB)) n++;
    if (n == run) return 1;
  }
  return 0;
}

/* Nothing that is no object of the right state may be moved. */
static void check_refusals(struct world *w) {
  struct world *before = copy_of(w);
  for (uint32_t i = 0; i < DEAD && i < w->dead_count; i++)
    for (unsigned from = AEC_OWNED; from <= AEC_QUARANTINED; from++)
      if (aec_shm_move(&w->s, w->dead[i], from, AEC_FREE) != AEC_E_STALE) wrong("a stale handle", (long)w->dead[i], from);
  if (w->live_count) {
    aec_handle h = w->live[0];
    if (aec_shm_move(&w->s, h, AEC_LENT, AEC_FREE) != AEC_E_INVAL) wrong("freed from another state", (long)h, 0);
    if (aec_shm_move(&w->s, h ^ 1ull << 56, AEC_OWNED, AEC_FREE) != AEC_E_STALE) wrong("freed by another zone's handle", (long)h, 0);
    if (aec_shm_move(&w->s, h ^ 1ull << 40, AEC_OWNED, AEC_FREE) != AEC_E_STALE) wrong("freed by another generation", (long)h, 0);
    if (aec_shm_move(&w->s, h + (uint64_t)pages * AEC_PAGE, AEC_OWNED, AEC_FREE) != AEC_E_STALE) wrong("freed outside the zone", (long)h, 0);
    if (aec_shm_move(&w->s, h, AEC_OWNED, AEC_LENT) || aec_shm_move(&w->s, h, AEC_LENT, AEC_QUARANTINED) || aec_shm_move(&w->s, h, AEC_QUARANTINED, AEC_OWNED))
      wrong("the life of an object", (long)h, 0);
  }
  if (memcmp(&before->page, &w->page, pages * sizeof *w->page) || memcmp(&before->s.in_use, &w->s.in_use, sizeof w->s.in_use)) wrong("a refusal that changed something", 0, 0);
  free(before);
}

static void check(struct world *w, struct map *m) {
  memset(m, 0, sizeof *m);
  check_free_blocks(w, m);
  check_objects(w, m);
  check_slabs(w, m);
  check_refusals(w);
}

/* ---- Moves ---- */

static int allocate(struct world *w, uint32_t size, const struct map *m) {
  int room = fits(w, m, size);
  aec_handle h = aec_shm_alloc(&w->s, size, AEC_OWNED);
  moves++;
  if ((h != 0) != room) wrong(h ? "room where there is none" : "no room where there is some", size, (long)h);
  if (h == 0) return 0;
  if (aec_shm_size(h) != size) wrong("the size of an object", aec_shm_size(h), size);
  w->live[w->live_count++] = h;
  return 1;
}

static void release(struct world *w, uint32_t i) {
  aec_handle h = w->live[i];
  moves++;
  if (aec_shm_move(&w->s, h, AEC_OWNED, AEC_FREE) != AEC_OK) wrong("an object that cannot be freed", (long)h, i);
  w->live[i] = w->live[--w->live_count];
  w->dead[w->dead_count++ % DEAD] = h;
}

/* ---- All states ---- */

static uint64_t mix(uint64_t h, uint64_t x) {
  h = (h ^ x) * 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

static uint64_t identity(const struct world *w) {
  uint64_t h = 1, set = 0;
  for (unsigned i = 0; i < AEC_ORDERS; i++, h = mix(h, 1000 + i))
    for (uint32_t p = w->s.free_block[i]; p != NONE; p = w->page[p].next) h = mix(h, p);
  for (unsigned c = 0; c < AEC_SLAB_CLASSES; c++, h = mix(h, 2000 + c))
    for (uint32_t p = w->s.partial[c]; p != NONE; p = w->page[p].next) {
      h = mix(h, 3000 + p);
      uint8_t slot = w->page[p].first;
      for (unsigned i = 0; i < w->page[p].left; i++, slot = w->page[p].link[slot]) h = mix(h, slot);
    }
  for (uint32_t i = 0; i < w->live_count; i++) set += mix(class_of(w->live[i]) + 7, at(w->live[i]));
  return mix(h, set) | 1;
}

static uint64_t *seen;

static int is_new(uint64_t id) {
  for (uint64_t i = id >> (64 - SEEN_BITS);; i = (i + 1) & ((1u << SEEN_BITS) - 1)) {
    if (seen[i] == id) return 0;
    if (seen[i] == 0) {
      seen[i] = id;
      return ++states;
    }
  }
}

struct waiting {
  struct waiting *next;
  struct world *world;
};

static struct waiting *first, **last = &first;

static void enqueue(struct world *w) {
  if (!is_new(identity(w)) || states > (1u << SEEN_BITS) / 4 * 3) {
    free(w);
    return;
  }
  struct waiting *q = malloc(sizeof *q);
  *q = (struct waiting){.world = w};
  *last = q;
  last = &q->next;
}

static void explore(struct world *begin) {
  static struct map m;
  seen = calloc(1u << SEEN_BITS, sizeof *seen);
  enqueue(copy_of(begin));
  while (first) {
    struct waiting *q = first;
    struct world *w = q->world;
    if ((first = q->next) == NULL) last = &first;
    check(w, &m);
    for (uint32_t size = smallest; size <= pages * AEC_PAGE; size *= 2) {
      struct world *after = copy_of(w);
      if (allocate(after, size, &m)) enqueue(after);
      else free(after);
    }
    for (uint32_t i = 0; i < w->live_count; i++) {
      struct world *after = copy_of(w);
      release(after, i);
      enqueue(after);
    }
    free(w);
    free(q);
  }
  free(seen);
  if (states > (1u << SEEN_BITS) / 4 * 3) wrong("more states than the table holds", (long)states, 0);
}

/* ---- A walk ---- */

static void walk(struct world *w, uint64_t steps, uint64_t seed) {
  static struct map m;
  unsigned sizes = 1;
  while (smallest << sizes <= pages * AEC_PAGE) sizes++;
  for (uint64_t i = 0; i < steps; i++) {
    uint64_t x = next(&seed);
    check(w, &m);
    if (w->live_count && x % 64 < 30 + i / 256 % 8) release(w, (uint32_t)(x >> 8) % w->live_count);
    else allocate(w, smallest << (x >> 8) % sizes, &m);
  }
  while (w->live_count) release(w, (uint32_t)next(&seed) % w->live_count);
  check(w, &m);
}

int run_allocator(int argc, char **argv) {
  if (argc != 3 && argc != 5) return 2;
  pages = (uint32_t)number(argv[1]);
  smallest = (uint32_t)number(argv[2]);
  if (pages < 1 || pages > MOST_PAGES || smallest < UNIT || smallest > AEC_PAGE || (smallest & (smallest - 1))) return 2;
  struct world *w = calloc(1, world_size());
  static uint8_t region[OFFSET + MOST_PAGES * AEC_PAGE];
  aec_shm_init(&w->s, region, OFFSET, pages * AEC_PAGE, ZONE, w->page);
  if (argc == 5) walk(w, number(argv[3]), number(argv[4]) * 2 + 1);
  else explore(w);
  free(w);
  fprintf(stderr, "states %" PRIu64 ", moves %" PRIu64 "\n", states, moves);
  return outcome();
}
