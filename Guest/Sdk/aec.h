/* Asynchronous edge calls between an enclave and its host program, for both of them.
 *
 * Who calls holds a lane; who serves polls. A lane belongs to one thread at a time: many callers take many lanes
 * (a ring has one producer and one consumer, so no locked instruction stands on the way). Both sides link the
 * same library and differ in the role only. docs/edge-calls.md begins with an example. */
#ifndef AEC_H
#define AEC_H

#include <stddef.h>
#include <stdint.h>

#include "aec_abi.h"
#include "aec_shm.h"

enum aec_role { AEC_ENCLAVE = 0, AEC_HOST = 1 };

/* How a call reaches the other side. */
enum aec_backend {
  AEC_SYNC,           /* Keystone's own: eight privilege transitions */
  AEC_SPIN,           /* HotCalls: one slot, the server does nothing but look at it */
  AEC_WORKERS,        /* SGX Switchless: rings served by workers; when all are busy, or sleep, sync */
  AEC_ASYNC_POLL,     /* rings, both sides poll */
  AEC_ASYNC_ADAPTIVE, /* rings, poll while answers come soon, else sleep until told: by a user interrupt, or the doorbell */
  AEC_ASYNC_UIPI,     /* rings, never poll: sleep, or do something else, until a user interrupt */
  AEC_BACKENDS
};
extern const char *const aec_backend_names[AEC_BACKENDS];

/* ---- Serving ---- */

struct aec_request {
  const void *arg; /* a private copy */
  uint32_t arg_len;
  uint32_t ret_cap; /* bytes that `ret` has room for: what the caller takes and the table allows, the lower */
  void *ret;        /* write only: the other side sees every byte at once */
  uint32_t ret_len; /* in: 0 */
  uint64_t ret_val; /* in: 0; comes back whatever ret_len is */
  void *context;
};
/* AEC_OK or a negative status. */
typedef int32_t aec_function(struct aec_request *r);

enum { AEC_FN_SERIAL = 1, AEC_FN_NEST_OK = 2 }; /* aec_entry.flags */

#define AEC_MAX_TABLE 256

/* A row of the handler table, 64 bytes. An enclave's table is sealed before the first call: read-only and part of
 * what the monitor knows about the enclave.
 *
 * Bits of an order that calls must keep: all of `requires` must be set; `revokes`, which are among them, end when the
 * call begins, for one call only, and come back if it fails; `provides` are set when it succeeds. Rows that require,
 * revoke and provide one bit never run at the same time. */
struct aec_entry {
  aec_function *function;
  void *context;
  uint32_t flags;
  uint32_t arg_min, arg_max, ret_max;
  uint64_t requires, provides, revokes;
  uint64_t reserved;
};
_Static_assert(sizeof(struct aec_entry) == 64, "whole pages hold whole rows");

/* ---- Endpoint ---- */

struct aec;
/* What differs between an eapp and a host program. Any may be NULL. */
struct aec_port {
  /* Wakes the other side's sleepers, sleeps until woken, or both; then the header's state. */
  uint32_t (*door)(struct aec *e, uint32_t what, uint32_t microseconds);
  /* The synchronous way: AEC_OK when the other side answered; then *status, *ret_len and *ret_val are its answer. */
  int (*sync)(struct aec *e, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap, struct aec_cqe *answer);
  /* Registers this thread to receive user interrupts; what the other side sends by, or negative where there are none. */
  long (*receive)(struct aec *e);
  void *context;
};

struct aec_limits {
  uint32_t max_arg;        /* bytes of argument that this side accepts; 0: 4096 */
  uint32_t max_entries;    /* calls outstanding on a lane; 0: what the ring holds */
  uint64_t quota;          /* bytes of payload outstanding; 0: the whole zone */
  uint32_t poll_turns;     /* what a sleep costs, in turns of looking: nobody looks longer; 0: 1 with user interrupts, 50 with the doorbell */
  uint32_t retries;        /* AEC_WORKERS: turns before the synchronous way, and before a worker sleeps; 0: 20000 */
  uint32_t serve_while_waiting; /* not 0: the endpoint has one thread, which serves while it waits for its own calls */
};

struct aec_pending; /* private to the library */

/* Events since attach; calls themselves are counted by the indices. */
struct aec_statistics {
  uint64_t stale, late, rejected; /* completions nobody waits for, after a time-out, that broke the protocol */
  uint64_t rings, sent, suppressed, sleeps, idle_turns; /* doorbells, user interrupts, neither */
  uint64_t fallbacks; /* calls that went the synchronous way because no worker was free */
  uint64_t bytes_in;
};

/* What waiting was like, so that looking stops where it does not pay (aec_wait.c). */
struct aec_habit {
  uint32_t began;    /* idle_turns when the last wait began */
  uint32_t patience; /* turns to look before sleeping, this time */
  uint32_t late;     /* how tired of looking */
  uint32_t blind;    /* waits that slept at once, one after the other */
};

struct aec_tx { /* a lane this side calls through */
  struct aec *e;
  const uint32_t *state;                          /* of the header */
  struct aec_line *cq_head;                       /* mine */
  const struct aec_line *sq_head;                 /* the other side's */
  struct aec_sqe *sqe;
  const struct aec_cqe *cqe;
  struct aec_hot *hot;
  const struct aec_hot_reply *hot_reply;
  struct aec_pending *pending, *free;             /* one for each entry; those that no call uses */
  uint64_t mask;                                  /* entries - 1 */
  uint32_t tail, full, shown, head;               /* written, the tail that is too far, published, consumed */
  uint32_t cancels, canceled;                     /* the other side may not have taken a CANCEL; the tail behind the last */
  int32_t poisoned;                               /* 0, or what calls complete with */
  uint32_t hot_seq;
  struct aec_habit habit;
  struct aec_statistics stat;
};

struct aec_rx { /* a lane this side serves */
  struct aec *e;
  const uint32_t *state;
  struct aec_line *sq_head;
  const struct aec_line *cq_head;
  const struct aec_sqe *sqe;
  struct aec_cqe *cqe;
  const struct aec_hot *hot;
  struct aec_hot_reply *hot_reply;
  uint64_t mask;
  uint32_t head, tail;                            /* taken, completed */
  uint32_t next;                                  /* while `queued`: between it and head lies the private queue */
  uint32_t freed, full;                           /* results given back, the tail that is too far */
  union {
    struct {
      uint8_t poisoned, spin, link_failed, queued;
      uint32_t lent;                              /* results that the caller has not passed yet */
    };
    uint64_t unusual;                             /* not 0: calls go the long way */
  };
  uint32_t hot_seq;
  struct aec_sqe *queue;                          /* private copies, each where it lay in the ring */
  aec_handle *held;                               /* result of each completion that the caller has not passed yet */
  aec_handle hot_held;
  uint8_t *scratch;
  struct aec_statistics stat;
};

struct aec {
  uint8_t *region;
  const uint32_t *state; /* of the header */
  uint32_t len, gen, log2, entries;
  enum aec_role role;
  enum aec_backend backend;
  struct aec_limits limits;
  const struct aec_port *port;
  uint32_t peer_data_off, peer_data_len;
  struct aec_shm shm;
  struct aec_tx *tx;
  struct aec_rx *rx;
  uint32_t n_tx, n_rx;
  const struct aec_entry *table;
  uint32_t n_table;
  /* For each entry that has a function and no rule but lengths: the inline lengths that it takes, `count` from `least` on. */
  struct aec_plain {
    uint8_t least, count;
  } plain[AEC_MAX_TABLE];
  uint32_t active[AEC_MAX_TABLE]; /* for each entry: whether it runs */
  uint64_t order;    /* bits that completed calls provided */
  uint32_t depth;    /* handlers that run, one inside the other; only kept when serving while waiting */
  uint32_t nest_ok;  /* the innermost one allows another */
  uint32_t user;     /* a thread of this side receives user interrupts */
  struct aec_habit habit; /* who serves waits for all lanes */
  uint64_t interrupts, spurious; /* taken by the handler of aec_user.h; those that found nothing to serve */
};
#define AEC_MAX_DEPTH 2

/* Bytes of private memory that aec_setup takes from its caller; 0 when the region is not one. */
size_t aec_memory_needs(const void *region, size_t region_len, enum aec_role role, const struct aec_limits *limits);

/* Attaches to a region. Nothing of the header is believed before it is checked, and nothing is read again but its
 * state. `memory` is private and 8-byte aligned. */
int aec_setup(struct aec *e, void *region, size_t region_len, enum aec_role role, enum aec_backend backend,
              const struct aec_limits *limits, const struct aec_port *port, void *memory, size_t memory_len);

/* Whom to serve: a table, once, before the first aec_serve; its rows stay as they are. */
int aec_register(struct aec *e, const struct aec_entry *table, uint32_t entries);

/* ---- Calling ---- */

typedef uint64_t aec_ticket;
struct aec_result {
  int32_t status;
  uint32_t ret_len;
  uint64_t ret_val;
};

/* Calls and waits, by the endpoint's backend. A result longer than ret_cap is AEC_E_TOOBIG. */
struct aec_result aec_call(struct aec_tx *lane, uint32_t func, const void *arg, uint32_t arg_len, void *ret, uint32_t ret_cap);

/* What to submit. `ret` is written when the call completes. */
struct aec_submission {
  uint32_t func;
  uint32_t arg_len, ret_cap;
  uint16_t flags;    /* AEC_LINK: the next one only if this one succeeds; AEC_NO_CQE; AEC_URGENT */
  uint16_t more;     /* not 0: more follow; nothing is shown to the other side before aec_flush or more = 0 */
  const void *arg;
  void *ret;
  uint64_t deadline; /* time CSR; 0: none. Not started then: AEC_E_TIMEOUT */
};
/* `ticket` may be NULL with AEC_NO_CQE. */
int aec_submit(struct aec_tx *lane, const struct aec_submission *s, aec_ticket *ticket);
void aec_flush(struct aec_tx *lane);

/* Takes what has arrived. Returns how many calls completed; AEC_E_RING or AEC_E_GONE when no more will. */
int aec_poll(struct aec_tx *lane);

/* Calls whose completion has not come, those that timed out included. */
uint32_t aec_outstanding(const struct aec_tx *lane);

/* Is the call over? Then *result is its outcome and the ticket is used up. AEC_E_AGAIN when it is not;
 * AEC_E_STALE for a ticket that names no call. */
int aec_take(struct aec_tx *lane, aec_ticket ticket, struct aec_result *result);

/* Polls until the call is over or the deadline (time CSR; 0: none) is past. A call that timed out is forgotten: its
 * argument stays in quarantine until the other side is done with it, and its result goes nowhere. */
struct aec_result aec_wait(struct aec_tx *lane, aec_ticket ticket, uint64_t deadline);

/* Asks the other side not to start it. Its completion says whether that came in time: AEC_E_CANCELED, or the result. */
int aec_cancel(struct aec_tx *lane, aec_ticket ticket);

/* ---- Serving ---- */

/* Takes and serves what waits on all lanes, or one; how many calls. */
int aec_serve(struct aec *e);
int aec_serve_lane(struct aec_rx *lane);

/* Serves from when the enclave attaches until the region ends or *stop is set; sleeps when the backend says so. */
void aec_serve_forever(struct aec *e, const uint32_t *stop);

/* Calls a function of the table for a request that came the synchronous way; `arg` is private. */
int32_t aec_dispatch(struct aec *e, uint32_t func, struct aec_request *r);

/* The only way to read what the other side wrote: one pass into private memory, bounds checked without additions. */
int aec_copyin(struct aec *e, void *to, uint32_t off, uint32_t len);

uint32_t aec_state(const struct aec *e);

#endif
