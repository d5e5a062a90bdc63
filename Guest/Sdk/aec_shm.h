/* The memory manager of one side's data zone.
 *
 * Two levels: a buddy allocator hands out blocks of 4 KiB times a power of two, a slab allocator divides single
 * pages into objects of 64 bytes to 2 KiB. All bookkeeping is private memory: what the other side can write is
 * never believed. An object's life:
 *
 *   FREE --alloc--> OWNED --submit--> LENT --completion--> OWNED --free--> FREE
 *                                       \--timeout, cancel--> QUARANTINED --late completion--> FREE
 *
 * A quarantined object keeps its memory, because the other side may still read it. A handle carries the generation
 * of its object, which goes up with every free: an old handle is AEC_E_STALE and never touches the new owner's bytes.
 * Outstanding bytes are limited by a quota. One thread at a time: a spin lock that is private, too. */
#ifndef AEC_SHM_H
#define AEC_SHM_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t aec_handle; /* off:32, gen:16, class:8, zone:8; 0 is no handle */

enum { AEC_FREE = 0, AEC_OWNED = 1, AEC_LENT = 2, AEC_QUARANTINED = 3 };

enum { AEC_SLAB_CLASSES = 6, AEC_SLAB_SHIFT = 6, AEC_SLOTS = 64, AEC_ORDERS = 19, AEC_BUDDY_CLASS = 16 };

struct aec_page {
  uint8_t first, left;    /* slab: first free object, how many are free */
  uint8_t link[AEC_SLOTS]; /* the free object behind each */
  uint16_t gen[AEC_SLOTS];
  uint8_t state[AEC_SLOTS];
  uint32_t next, prev;    /* in the list of free blocks of an order, or of slabs of a class that have room */
  uint8_t kind;           /* order of a block, or AEC_KIND_* */
  uint8_t slab_class;
};

struct aec_shm {
  uint8_t *base; /* of the zone */
  uint32_t offset;
  uint32_t pages;
  uint8_t zone;
  uint32_t lock;
  uint64_t in_use, quota; /* bytes, by size of class */
  struct aec_page *page;
  uint32_t free_block[AEC_ORDERS];
  uint32_t partial[AEC_SLAB_CLASSES];
};

/* Bytes of private memory for a zone. */
size_t aec_shm_needs(uint32_t zone_len);
void aec_shm_init(struct aec_shm *s, uint8_t *region, uint32_t offset, uint32_t len, uint8_t zone, void *memory);

/* An object in state `state`, AEC_OWNED or AEC_LENT. 0 when there is no room, or the quota is used up. */
aec_handle aec_shm_alloc(struct aec_shm *s, uint32_t len, unsigned state);

/* Moves an object from one state to another; AEC_FREE gives it back. AEC_E_STALE when the handle is old, AEC_E_INVAL
 * when the object is not in state `from`. */
int aec_shm_move(struct aec_shm *s, aec_handle h, unsigned from, unsigned to);

/* Offset from the region's base. */
static inline uint32_t aec_handle_offset(aec_handle h) { return (uint32_t)h; }

/* Size of an object's class. */
uint32_t aec_shm_size(aec_handle h);

#endif
