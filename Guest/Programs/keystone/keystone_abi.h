/* The public numbers and layouts of Keystone, in one place.
 *
 * Each group names the upstream file (keystone-enclave/keystone, commit 88c49ee) that defines the fact.
 * Only facts are taken from there: this text is RvJit's own. Everything is little-endian RV64. */
#ifndef KEYSTONE_ABI_H
#define KEYSTONE_ABI_H

#ifdef __ASSEMBLER__
#define KEYSTONE_PAGE 4096
#else
#define KEYSTONE_PAGE 4096UL
#endif

/* ---- Security monitor calls that guest code in this folder makes (sdk/include/shared/sm_call.h) ---- */
#define SBI_EXT_KEYSTONE 0x08424b45 /* a7, "BKE" */
#define SBI_SM_RANDOM 3001          /* a6; a1 returns it */
#define SBI_SM_ATTEST_ENCLAVE 3002  /* a0 report, a1 data, a2 size of data; virtual addresses */
#define SBI_SM_GET_SEALING_KEY 3003 /* a0 key and signature, a1 name, a2 size of name; physical addresses */
#define SBI_SM_STOP_ENCLAVE 3004    /* a0 = why */
#define STOP_EDGE_CALL_HOST 1
#define SBI_SM_EXIT_ENCLAVE 3006    /* a6; a0 = return value */

/* ---- Calls to the machine's firmware (SBI specification, legacy extensions), a7 ---- */
#define SBI_LEGACY_SET_TIMER 0 /* a0 = time */
#define SBI_LEGACY_PUTCHAR 1   /* a0 = character */

/* ---- Calls of an enclave application to its runtime, a7 (runtime/call/syscall.c) ---- */
#define EAPP_OCALL 1001      /* a0 id, a1 data, a2 size, a3 result, a4 result size; 0 or 1 */
#define EAPP_SHAREDCOPY 1002 /* a0 destination, a1 offset in the shared buffer, a2 size; 0 or 1 */
#define EAPP_ATTEST 1003     /* a0 report (2048 bytes), a1 data, a2 size up to 1024; 0 or a number of the monitor */
#define EAPP_SEALING_KEY 1004 /* a0 key, a1 size, a2 name, a3 size; 0 or a number of the monitor */
#define EAPP_EXIT 1101       /* a0 = return value */

/* The runtime ends an application that faults with this return value (runtime/sys/interrupt.c). */
#define EAPP_KILLED (-1)

#ifndef __ASSEMBLER__
#include <stdint.h>

/* ---- ioctls of /dev/keystone_enclave (sdk/include/shared/keystone_user.h) ----
 * The direction bits lie: the driver copies the structure in, and out again, for every command. */
#define KEYSTONE_DEVICE "/dev/keystone_enclave"
#define KEYSTONE_IOC_CREATE 0x8050a400UL   /* struct keystone_create */
#define KEYSTONE_IOC_DESTROY 0x4050a401UL  /* struct keystone_create */
#define KEYSTONE_IOC_RUN 0x8018a404UL      /* struct keystone_run */
#define KEYSTONE_IOC_RESUME 0x8018a405UL   /* struct keystone_run */
#define KEYSTONE_IOC_FINALIZE 0x8050a406UL /* struct keystone_create */
#define KEYSTONE_IOC_UTM_INIT 0x8050a407UL /* struct keystone_create */

struct keystone_create {
  uint64_t eid;            /* out of CREATE, into all others; 0x1000 and above */
  uint64_t min_pages;      /* into CREATE; the driver rounds up to a power of two */
  uint64_t utm_size;       /* into UTM_INIT, in bytes; rounded up to a power of two of pages */
  uint64_t runtime_paddr;  /* into FINALIZE, with the next three: where the loader ends, */
  uint64_t user_paddr;     /*   the runtime ends, */
  uint64_t free_paddr;     /*   the eapp ends, */
  uint64_t free_requested; /*   and how many bytes the enclave may use beyond that */
  uint64_t epm_paddr;      /* out of CREATE */
  uint64_t epm_size;       /* out of CREATE */
  uint64_t utm_paddr;      /* out of UTM_INIT */
};

struct keystone_run {
  uint64_t eid;
  uint64_t error; /* a number of the list below */
  uint64_t value; /* the enclave's return value when error is 0 */
};

_Static_assert(sizeof(struct keystone_create) == 0x50, "encoded in the ioctl numbers");
_Static_assert(sizeof(struct keystone_run) == 0x18, "encoded in the ioctl numbers");

/* ---- Results of the security monitor (sdk/include/shared/sm_err.h): positive, unlike standard SBI ---- */
enum {
  SM_SUCCESS = 0,
  SM_UNKNOWN_ERROR = 100000,
  SM_INVALID_ID = 100001,
  SM_INTERRUPTED = 100002, /* a timer tick: resume */
  SM_PMP_FAILURE = 100003,
  SM_NOT_RUNNABLE = 100004,
  SM_NOT_DESTROYABLE = 100005,
  SM_REGION_OVERLAPS = 100006,
  SM_NOT_ACCESSIBLE = 100007,
  SM_ILLEGAL_ARGUMENT = 100008,
  SM_NOT_RUNNING = 100009,
  SM_NOT_RESUMABLE = 100010,
  SM_EDGE_CALL_HOST = 100011, /* an OCALL waits in the shared buffer: serve it, then resume */
  SM_NOT_INITIALIZED = 100012,
  SM_NO_FREE_RESOURCE = 100013,
  SM_SBI_PROHIBITED = 100014,
  SM_ILLEGAL_PTE = 100015,
  SM_NOT_FRESH = 100016,
  SM_DEPRECATED = 100099,
  SM_NOT_IMPLEMENTED = 100100,
};

/* ---- Attestation report (sm/src/enclave.h, struct report). All of it is bytes, so nothing is padded. ---- */
#define REPORT_BUFFER 2048 /* what the runtime writes, whatever a report's size is */
#define REPORT_DATA 1024
struct keystone_report {
  uint8_t enclave_hash[64];
  uint64_t data_size;
  uint8_t data[REPORT_DATA];
  uint8_t enclave_signature[64]; /* of the monitor, over all before, up to data_size bytes of data */
  uint8_t monitor_hash[64];
  uint8_t monitor_key[32];
  uint8_t monitor_signature[64]; /* of the device, over hash and key */
  uint8_t device_key[32];
};
_Static_assert(sizeof(struct keystone_report) == 1352, "enclave.h");

/* What GET_SEALING_KEY gives (sm/src/enclave.h, struct sealing_key). */
struct keystone_sealing_key {
  uint8_t key[128];
  uint8_t signature[64];
};

/* ---- The shared buffer, UTM (sdk/include/edge/edge_common.h) ----
 * One call at a time: this header at offset 0, its argument and later its result right behind it.
 * All offsets count from the start of the buffer. */
struct edge_call {
  uint64_t id;
  uint64_t arg_offset;
  uint64_t arg_size;
  uint64_t status; /* written by the host, with the two below */
  uint64_t ret_offset;
  uint64_t ret_size;
};
_Static_assert(sizeof(struct edge_call) == 48, "edge_common.h");

/* A "wrapped" result is this pair, and the eapp fetches the bytes it names with EAPP_SHAREDCOPY. */
struct edge_data {
  uint64_t offset;
  uint64_t size;
};

enum {
  EDGE_OK = 0,
  EDGE_BAD_ID = 1,
  EDGE_BAD_OFFSET = 2,
  EDGE_BAD_POINTER = 3,
  EDGE_ERROR = 4,
  EDGE_SYSCALL_FAILED = 5,
};

/* A system call of a libc eapp that the runtime forwards to the host: u64 number at arg_offset, its
 * payload 8 bytes further; the host leaves an i64 result at arg_offset (sdk/src/edge/edge_syscall.c). */
#define EDGE_SYSCALL 11

/* Payloads (sdk/include/edge/edge_syscall.h), compiled for RV64. Paths and buffers end the structure and
 * reach as far as the argument does. */
struct edge_openat { /* openat; unlinkat, without the mode */
  int32_t dirfd, flags;
  uint32_t mode;
  char path[]; /* at 12 */
};
struct edge_transfer { /* read, write */
  int32_t fd;
  uint64_t size;
  uint8_t bytes[]; /* at 16 */
};
struct edge_fd { /* close, fsync */
  int32_t fd;
};
struct edge_lseek {
  int32_t fd;
  int64_t offset;
  int32_t whence;
};
struct edge_ftruncate {
  int32_t fd;
  int64_t size;
};
#define EDGE_STAT_BYTES 128 /* struct stat of RV64 Linux */
struct edge_fstat {
  int32_t fd;
  uint64_t stat[EDGE_STAT_BYTES / 8]; /* at 8, written by the host */
};
struct edge_fstatat {
  int32_t dirfd, flags;
  uint64_t stat[EDGE_STAT_BYTES / 8]; /* at 8, written by the host */
  char path[];                        /* at 136 */
};
_Static_assert(sizeof(struct edge_transfer) == 16 && sizeof(struct edge_lseek) == 24, "edge_syscall.h");
_Static_assert(sizeof(struct edge_fstat) == 136 && sizeof(struct edge_fstatat) == 136, "edge_syscall.h");
#endif /* __ASSEMBLER__ */

/* ---- Calls between the host programs and the eapps of this folder. Ours: a Keystone host program and its
 * eapps choose them freely below EDGE_SYSCALL. 1 and 2 agree with upstream's examples. ---- */
#define CALL_PRINT 1          /* bytes -> nothing; the host prints Enclave said: "..." */
#define CALL_PRINT_VALUE 2    /* u64 -> nothing; the host prints Enclave said value: ... */
#define CALL_GET_STRING 3     /* nothing -> the bytes of --string */
#define CALL_ADD 4            /* two i64 -> their i64 sum */
#define CALL_NULL 5           /* bytes -> the same bytes, untouched: the bare cost of the way */
#define CALL_GET_WRAPPED 6    /* nothing -> struct edge_data that names the bytes of --string */
#define CALL_KEEP 8           /* bytes -> nothing; the host looks at them as it likes */
#define CALL_GET_ARG 7        /* u64 index -> u64, the index-th --arg; status EDGE_ERROR when there is none */

#endif
