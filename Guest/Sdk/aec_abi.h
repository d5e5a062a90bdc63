/* AEC v2: the layout that both sides of an asynchronous edge call agree on. Nothing here is private to a side.
 * Reference: docs/abi/edge-calls.md. The C# twin is Monitor/EdgeCalls/AecAbi.cs; aec-layout prints this file's
 * offsets and a test compares them.
 *
 * A region is the upper half of an enclave's UTM, a power of two of bytes at its own alignment:
 *
 *   0            len/2                    len
 *   | ZH | DH ...|  Z0  | ZE | DE ...     |
 *     host writes   SM     enclave writes
 *
 * One PMP register keeps the directions: on the host's harts it makes the upper half read-only, on the enclave's
 * hart the lower half. References are offsets from the region's base, never addresses. Little-endian throughout. */
#ifndef AEC_ABI_H
#define AEC_ABI_H

#include <stdint.h>

#define AEC_MAGIC 0x31434541u /* "AEC1" */
#define AEC_MAJOR 2
#define AEC_MINOR 0
#define AEC_PAGE 4096u
#define AEC_MIN_REGION 0x10000u
#ifndef AEC_MIN_LOG2 /* the model checker has smaller rings than are allowed, so that they wrap */
#define AEC_MIN_LOG2 4
#endif
#define AEC_MAX_LOG2 12
#define AEC_MAX_LANES 64
#define AEC_MAX_PAYLOAD 0x100000u

enum { AEC_DEAD = 0, AEC_INIT = 1, AEC_LIVE = 2, AEC_DRAIN = 3 }; /* aec_header.state: cleared memory is dead */
enum { AEC_ZE = 0, AEC_ZH = 1, AEC_DE = 2, AEC_DH = 3 };          /* zones: index of off[] and len[] */

/* Z0. Written by the security monitor only. */
struct aec_header {
  uint32_t magic;
  uint16_t major, minor;
  uint32_t eid;
  uint32_t gen; /* goes up with each setup and teardown */
  uint32_t region_len;
  uint32_t features;
  uint16_t n_osq, n_esq; /* lanes for OCALLs, lanes for ECALLs */
  uint16_t log2_entries;
  uint16_t reserved;
  uint32_t off[4], len[4]; /* by zone */
  uint32_t state;
  uint32_t max_func; /* entries of the sealed table; 0 before it is sealed */
  uint64_t timebase; /* ticks a second of the time CSR */
};

/* What a consumer has taken and wants to be told. A cache line with one writer, which seldom writes it. */
struct aec_line {
  uint32_t idx;   /* free-running: entries consumed, as far as it has said */
  uint32_t flags; /* AEC_NEED_NOTIFY, ... */
  uint32_t event; /* with AEC_USE_EVENT: ring only when this index is passed */
  uint32_t gen;   /* header.gen that the writer attached under */
  uint32_t notify; /* not 0: less one, what uipi.send reaches the writer by; a right of the sender's own, so a lie is nobody's harm */
  uint32_t cancels; /* a caller's: not 0 when a CANCEL is among what the server has not taken */
  uint8_t pad[40];
};
/* aec_line.flags. AEC_TURNS is the host's, on its heads before the enclave runs: one thread serves, calls and runs the
 * enclave. */
enum { AEC_NEED_NOTIFY = 1, AEC_USE_EVENT = 4, AEC_IDLE = 8, AEC_TURNS = 16 };

/* Submission. Two cache lines, the second for long inline arguments only. */
#define AEC_INLINE_MAX 88u
struct aec_sqe {
  uint32_t seq; /* index + 1, written last: it publishes the entry. Before that: index + 1 - N, or 0 */
  uint16_t op;
  uint16_t flags;
  uint64_t cookie; /* the caller's; comes back as it is */
  uint32_t func;
  uint32_t arg_len, arg_off; /* in the caller's data zone, unless AEC_INLINE */
  uint32_t ret_cap;          /* bytes of result that the caller can take */
  uint32_t reserved;
  uint32_t deadline; /* low half of the time CSR; 0: none */
  uint8_t data[AEC_INLINE_MAX];
};
enum { AEC_NOP = 0, AEC_CALL = 1, AEC_CANCEL = 3, AEC_FENCE = 4 };                       /* op */
enum { AEC_INLINE = 1, AEC_SEALED = 2, AEC_NO_CQE = 4, AEC_LINK = 8, AEC_NEST_OK = 16, AEC_URGENT = 32 }; /* flags */

/* Completion. The result lies in the server's data zone until the caller's head passes this entry. */
struct aec_cqe {
  uint32_t seq;
  int32_t status;
  uint64_t cookie;
  uint32_t ret_off, ret_len;
  uint64_t ret_val;
};

/* The one slot of a lane that backend `spin` uses, after HotCalls: request in the caller's zone, reply in the server's. */
struct aec_hot {
  uint32_t run; /* goes up with each call */
  uint32_t func;
  uint32_t arg_len, arg_off;
  uint32_t ret_cap;
  uint8_t data[44];
};
struct aec_hot_reply {
  uint32_t done; /* equals run when the reply is there */
  int32_t status;
  uint32_t ret_len, ret_off;
  uint64_t ret_val;
  uint8_t data[40];
};

_Static_assert(sizeof(struct aec_header) == 0x50 && sizeof(struct aec_line) == 64, "AEC v2");
_Static_assert(sizeof(struct aec_sqe) == 128 && sizeof(struct aec_cqe) == 32, "AEC v2");
_Static_assert(sizeof(struct aec_hot) == 64 && sizeof(struct aec_hot_reply) == 64, "AEC v2");

/* A control zone: first the lanes this side calls through, then the lanes it serves.
 *   calling: CQ head line, aec_hot,       SQEs
 *   serving: SQ head line, aec_hot_reply, CQEs */
#define AEC_LANE_LINES 128u
#define AEC_HEAD_LINE 0u
#define AEC_HOT_LINE 64u
static inline uint32_t aec_tx_stride(uint32_t log2) { return AEC_LANE_LINES + ((uint32_t)sizeof(struct aec_sqe) << log2); }
static inline uint32_t aec_rx_stride(uint32_t log2) { return AEC_LANE_LINES + ((uint32_t)sizeof(struct aec_cqe) << log2); }
static inline uint32_t aec_tx_offset(uint32_t lane, uint32_t log2) { return lane * aec_tx_stride(log2); }
static inline uint32_t aec_rx_offset(uint32_t n_tx, uint32_t lane, uint32_t log2) {
  return n_tx * aec_tx_stride(log2) + lane * aec_rx_stride(log2);
}

/* Status of a call. Negative Linux error numbers. */
enum {
  AEC_OK = 0,
  AEC_E_PERM = -1,      /* not allowed in this order of calls */
  AEC_E_NOENT = -2,     /* no such call */
  AEC_E_AGAIN = -11,    /* ring, memory or quota full */
  AEC_E_INVAL = -22,
  AEC_E_NOFUNC = -38,   /* not in the callee's table */
  AEC_E_NEST = -40,     /* called back where that is not allowed */
  AEC_E_RING = -71,     /* the other side broke the protocol: the lane is closed */
  AEC_E_TAMPER = -74,
  AEC_E_TOOBIG = -90,
  AEC_E_GONE = -104,    /* the other side is gone */
  AEC_E_TIMEOUT = -110,
  AEC_E_ALREADY = -114, /* too late to cancel */
  AEC_E_STALE = -116,
  AEC_E_CANCELED = -125,
};

/* Calls of an eapp to its runtime, a7. Keystone's own end at 1004 and go on at 1101. */
#define AEC_EYRIE_SETUP 1010    /* a0 = struct aec_attachment*; 0 or a negative error */
#define AEC_EYRIE_SET_TABLE 1011 /* a0 table, a1 bytes: whole pages, read-only from then on; 0 or a negative error */
#define AEC_EYRIE_WAIT 1012     /* a0 AEC_RING|AEC_SLEEP, a1 microseconds at most, 0: no limit; header state */
#define AEC_EYRIE_FALLBACK 1013 /* as OCALL: a0 id, a1 data, a2 size, a3 result, a4 result size */

/* Calls of that runtime to the monitor, a6 of extension SBI_EXT_KEYSTONE. */
#define SBI_AEC_ATTACH 3010     /* where the region lies; as long as the shared buffer, and behind it */
#define SBI_AEC_RECEIVE 3011    /* a0 vector; what AEC_EYRIE_RECEIVE answers */
#define SBI_AEC_SEAL_TABLE 3012 /* a0 SHA3-512, a virtual address; a1 rows */
#define SBI_AEC_WAIT 3013       /* a0 AEC_RING|AEC_SLEEP, a1 time; header state */

/* Memory between enclaves, which no host reaches: calls of an eapp to its runtime; each answers -1 when refused. */
#define AEC_EYRIE_SHM_CREATE 1020   /* a0 bytes, a power of two; the region's number */
#define AEC_EYRIE_SHM_GRANT 1021    /* a0 region, a1 enclave, a2 0 nothing, 1 read, 3 read and write */
#define AEC_EYRIE_SHM_TRANSFER 1022 /* a0 region, a1 enclave: its owner from now on */
#define AEC_EYRIE_SHM_LOCK 1023     /* a0 region: rights stay as they are */
#define AEC_EYRIE_SHM_MAP 1024      /* a0 region; where it appears */

#define AEC_EYRIE_RECEIVE 1014  /* a0 vector; what the host's uipi.send reaches this thread by, or -1 */

/* The bit of a receiver's pending word that edge calls use, both ways. */
#define AEC_VECTOR 0

/* ioctls of /dev/keystone_enclave beside Keystone's own (magic 0xa4). */
#define AEC_IOC_SETUP 0xc040a410u    /* _IOWR(0xa4, 0x10, struct aec_setup) */
#define AEC_IOC_TEARDOWN 0xc010a411u /* _IOWR(0xa4, 0x11, struct aec_door) */
#define AEC_IOC_DOOR 0xc010a412u     /* _IOWR(0xa4, 0x12, struct aec_door) */
#define AEC_IOC_RECEIVE 0xc018a415u  /* _IOWR(0xa4, 0x15, struct aec_receive) */
#define AEC_IOC_COUNTERS 0xc060a413u /* _IOWR(0xa4, 0x13, struct aec_counters) */

enum { AEC_RING = 1, AEC_SLEEP = 2 };

/* 64 bytes. */
struct aec_setup {
  uint64_t eid; /* the driver's */
  uint16_t n_osq, n_esq;
  uint16_t log2_entries;
  uint16_t reserved0;
  uint32_t features;
  uint32_t reserved1;
  uint64_t region_offset; /* out: from the UTM's start */
  uint64_t region_len;    /* out */
  uint64_t reserved[3];
};
/* 16 bytes. */
struct aec_door {
  uint32_t eid;
  uint32_t what;  /* AEC_RING, AEC_SLEEP */
  uint32_t limit; /* microseconds to sleep at most, 0: no limit */
  uint32_t state; /* out: header state */
};
/* This thread receives user interrupts from an enclave; 24 bytes. */
struct aec_receive {
  uint64_t eid, vector;
  uint64_t entry; /* out: what the enclave's uipi.send reaches this thread by */
};
/* Privilege transitions of all harts so far, by kind, in the order of the monitor's list; 96 bytes. */
#define AEC_TRANSITION_KINDS 10
struct aec_counters {
  uint64_t eid;
  uint64_t transitions[AEC_TRANSITION_KINDS];
  uint64_t rings; /* doorbells rung, both ways */
};
/* What AEC_EYRIE_SETUP answers. */
struct aec_attachment {
  uint64_t base; /* of the region, in the eapp */
  uint64_t len;
};
_Static_assert(sizeof(struct aec_setup) == 64 && sizeof(struct aec_door) == 16, "encoded in the ioctl numbers");
_Static_assert(sizeof(struct aec_counters) == 96, "encoded in the ioctl number");

#endif
