/* What the loader and the runtime of this folder share: where things lie in the enclave's upper half of Sv39, and how
 * S-mode calls the security monitor. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "keystone_abi.h"

/* Virtual addresses, as Keystone's runtime has them (runtime/include/mm/vm_defs.h), but for the page that the monitor
 * reads and writes. Nothing here is the eapp's. */
#define MONITOR_PAGE_VA 0xffffffff40000000
#define TABLE_VA (MONITOR_PAGE_VA + 0x1000)  /* the last-level table that maps these three pages */
#define WINDOW_VA (MONITOR_PAGE_VA + 0x2000) /* any page, as the runtime sets its entry there */
#define UTM_VA 0xffffffff80000000
#define RUNTIME_VA 0xffffffffc0000000

/* The eapp: everything below 2^38; its stack ends at the top. */
#define USER_LIMIT 0x4000000000
#define USER_STACK_TOP 0x40000000
#define USER_STACK_BYTES 0x20000

/* An eapp starts so far below the top: TLBs that are indexed by page number keep the last pages of whatever is a power of
 * two long, as regions and buffers are, in the same places. */
#define USER_STACK_COLOUR 0x4000

/* Where an eapp finds the region of asynchronous edge calls: a gigabyte of its own. */
#define REGION_VA 0x3000000000

#define SSTATUS_SPIE (1 << 5)
#define SSTATUS_SPP (1 << 8)
#define SSTATUS_FS (3 << 13)
#define SSTATUS_SUM (1 << 18)

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdnoreturn.h>

/* ---- Sv39 (privileged manual, "Sv39: Page-Based 39-bit Virtual-Memory System") ---- */
enum { V = 1, R = 2, W = 4, X = 8, U = 16, A = 64, D = 128 };

#define PAGE_MASK (KEYSTONE_PAGE - 1)
#define MEGAPAGE (1ul << 21)
#define GIGAPAGE (1ul << 30)
#define TABLE_ENTRIES 512

static inline uint64_t entry_of(uint64_t physical, uint64_t flags) { return physical >> 12 << 10 | flags | V; }
static inline uint64_t leaf_of(uint64_t physical, uint64_t flags) { return entry_of(physical, flags | A | D); }
static inline uint64_t physical_of(uint64_t entry) { return entry >> 10 << 12; }

/* Where the entry for an address stands in a table of a level; 2 is the root. */
static inline size_t index_at(uint64_t address, int level) { return address >> (12 + 9 * level) & (TABLE_ENTRIES - 1); }

struct sbi_result {
  uint64_t error, value;
};

static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t a, uint64_t b, uint64_t c) {
  register uint64_t a0 __asm__("a0") = a;
  register uint64_t a1 __asm__("a1") = b;
  register uint64_t a2 __asm__("a2") = c;
  register uint64_t a6 __asm__("a6") = function;
  register uint64_t a7 __asm__("a7") = extension;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
  return (struct sbi_result){a0, a1};
}

static inline struct sbi_result sm_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c) {
  return sbi_call(SBI_EXT_KEYSTONE, function, a, b, c);
}

static inline noreturn void sm_exit(uint64_t value) {
  for (;;) sm_call(SBI_SM_EXIT_ENCLAVE, value, 0, 0);
}

/* On the machine's console, which is not the host program's standard output. */
static inline void console(const char *text) {
  while (*text) sbi_call(SBI_LEGACY_PUTCHAR, 0, (uint64_t)*text++, 0, 0);
}

static inline void console_hex(uint64_t value) {
  int shift = 60;
  while (shift && !(value >> shift & 15)) shift -= 4;
  console("0x");
  for (; shift >= 0; shift -= 4) sbi_call(SBI_LEGACY_PUTCHAR, 0, "0123456789abcdef"[value >> shift & 15], 0, 0);
}
#endif

#endif
