/* Shared between the library's own files. */
#ifndef AEC_PRIVATE_H
#define AEC_PRIVATE_H

#include "aec.h"
#include "aec_port.h"

#define AEC_ALWAYS_INLINE static inline __attribute__((always_inline))
#define AEC_SELDOM(condition) __builtin_expect(!!(condition), 0)

/* Where a free-running index lies in a ring. */
AEC_ALWAYS_INLINE size_t aec_at(uint32_t index, uint64_t mask) { return (uint64_t)(int64_t)(int32_t)index & mask; }

/* A cookie is generation:48, slot:16. A generation never comes back, so what is replayed names nothing. */
#define AEC_NO_CALL (~0ull)
#define AEC_NEXT_GENERATION (1ull << 16)

struct aec_pending {
  uint64_t waiting;   /* cookie of the call under way, or AEC_NO_CALL */
  uint64_t done;      /* cookie of the call whose result is here, or AEC_NO_CALL */
  uint64_t last;      /* the last one given out */
  aec_handle arg;     /* 0: none */
  union {
    void *ret;
    struct aec_pending *next; /* while no call uses it */
  };
  uint32_t ret_cap;
  uint32_t abandoned; /* `last` timed out, and its completion has not come */
  struct aec_result result;
};
_Static_assert(offsetof(struct aec_request, arg_len) % 8 == 0 && offsetof(struct aec_request, ret_cap) == offsetof(struct aec_request, arg_len) + 4,
               "set as one word");
_Static_assert(sizeof(struct aec_pending) == 64, "found by a shift");

void aec_copy_words(void *to, const void *shared, uint32_t len);
void aec_put_words(void *shared, const void *from, uint32_t len);

/* What a reader's flags say after an index was published, between the two a full fence: the fence orders the store of
 * the index before the load of the wish; the reader orders its wish before its last look at the index. */
#define AEC_WISHES (AEC_NEED_NOTIFY | AEC_USE_EVENT)
/* The reader of a line has a wish, and its index moved: rings, perhaps. AEC_OK. */
int aec_bell(struct aec *e, const struct aec_line *reader, uint32_t old, uint32_t now, struct aec_statistics *stat);

/* The slot where entry `index` comes next has seq index + 1 once it is there. Before that, what the last round left, or
 * nothing yet: else the other side broke the protocol. */
AEC_ALWAYS_INLINE int aec_is_vacant(uint32_t seq, uint32_t index, uint64_t mask) { return seq == index - (uint32_t)mask || seq == 0; }

/* Heads are told when they pass half a ring: the line in which they stand is then seldom written, and the other side, which looks at its
 * flags with every entry, keeps it in its cache. */
AEC_ALWAYS_INLINE int aec_tells_head(uint32_t before, uint32_t head, uint64_t mask) { return (before ^ head) > (uint32_t)mask >> 1; }

/* A head of the other side, and the number up to which it may have gone: 0 <= produced - consumed <= entries, or it broke the protocol. */
static inline int aec_index_ok(uint32_t produced, uint32_t consumed, uint32_t entries) {
  return produced - consumed <= entries;
}

/* A status of the other side: AEC_OK or negative. */
static inline int32_t aec_known_status(int32_t status) { return status > 0 ? AEC_E_RING : status; }

static inline uint32_t aec_live(const struct aec *e) { return aec_load32(e->state) == AEC_LIVE; }

/* When the region is not live: AEC_E_AGAIN while the enclave has not attached; else the lane is closed: AEC_E_GONE. */
int aec_not_live(struct aec_tx *lane);

/* What this side's servers want to be told. */
void aec_wish(const struct aec *e, uint32_t flags);

/* Serves until nothing waits and the other side knows that it has to tell; how many calls. */
int aec_drain(struct aec *e);

/* The one place where waiting is done: `turns` without an event so far. */
void aec_idle_caller(struct aec_tx *lane, uint32_t turns, uint64_t deadline);
void aec_idle_server(struct aec *e, uint32_t turns);

struct aec_result aec_call_spin(struct aec_tx *lane, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap);
int aec_serve_spin(struct aec_rx *lane);

/* Closes a lane for good: every call on it completes with `status`. */
void aec_close_lane(struct aec_tx *lane, int32_t status);

#endif
