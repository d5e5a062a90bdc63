/* Shared between the library's own files. */
#ifndef AEC_PRIVATE_H
#define AEC_PRIVATE_H

#include "aec.h"
#include "aec_port.h"

enum aec_pending_state { AEC_P_FREE, AEC_P_WAITING, AEC_P_DONE, AEC_P_ABANDONED };

struct aec_pending {
  uint64_t cookie; /* gen:16, slot:16, random:32 */
  uint32_t state;
  uint16_t gen;
  aec_handle arg;
  void *ret;
  uint32_t ret_cap;
  struct aec_result result;
};

/* A private copy of an entry; its reserved word says whether it was canceled. */
struct aec_queued {
  struct aec_sqe sqe;
};

void aec_copy_words(void *to, const void *shared, uint32_t len);
void aec_put_words(void *shared, const void *from, uint32_t len);

/* After an index was published: does its reader want the bell? The full fence orders the store of the index before
 * the load of the wish; the reader orders its wish before its last look at the index. */
void aec_bell(struct aec *e, const struct aec_line *reader, uint32_t old, uint32_t now, int always, struct aec_statistics *stat);

/* A published index of the other side: AEC_E_RING unless 0 <= produced - consumed <= entries. */
static inline int aec_index_ok(uint32_t produced, uint32_t consumed, uint32_t entries) {
  return produced - consumed <= entries;
}

/* A status of the other side: AEC_OK or negative. */
static inline int32_t aec_known_status(int32_t status) { return status > 0 ? AEC_E_RING : status; }

static inline uint32_t aec_live(const struct aec *e) { return aec_load32(e->state) == AEC_LIVE; }

/* When the region is not live: AEC_E_AGAIN while the enclave has not attached; else the lane is closed: AEC_E_GONE. */
int aec_not_live(struct aec_tx *lane);

/* The one place where waiting is done: `turns` without an event so far. */
void aec_idle_caller(struct aec_tx *lane, uint32_t turns, uint64_t deadline);
void aec_idle_server(struct aec *e, uint32_t turns);

struct aec_result aec_call_spin(struct aec_tx *lane, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap);
int aec_serve_spin(struct aec_rx *lane);

/* Closes a lane for good: every call on it completes with `status`. */
void aec_close_lane(struct aec_tx *lane, int32_t status);

#endif
