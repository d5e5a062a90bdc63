/* Not a loader but an attacker in a loader's place: it is the enclave's S-mode, and looks for what the security monitor
 * lets it do. Each line on the console says whether one attempt ended as it must; the enclave returns how many did not.
 * The host program counts interruptions into the first word of the shared buffer (host_interrupts.c). */
#include "supervisor.h"

uint64_t probe_load(uint64_t), probe_store(uint64_t), probe_atomic(uint64_t), probe_reserve(uint64_t), probe_float(uint64_t),
    probe_csr(uint64_t), probe_fetch(uint64_t);

enum { FETCH_FAULT = 1, ILLEGAL = 2, LOAD_FAULT = 5, STORE_FAULT = 7, FETCH_PAGE_FAULT = 12, LOAD_PAGE_FAULT = 13 };
enum { LEAF = V | R | W | X | A | D };

#define MONITOR 0x80000000ul
#define DEVICE 0x10000000ul
#define RETURN 0x00008067 /* ret */

static uint64_t expect(const char *where, const char *what, uint64_t actual, uint64_t expected) {
  console(where);
  console(what);
  console(": ");
  if (actual == expected) {
    console("ok\n");
    return 0;
  }
  console_hex(actual);
  console(", expected ");
  console_hex(expected);
  console("\n");
  return 1;
}

static uint64_t closed(const char *where, uint64_t address) {
  return expect(where, " load", probe_load(address), LOAD_FAULT) + expect(where, " store", probe_store(address), STORE_FAULT) +
         expect(where, " atomic", probe_atomic(address), STORE_FAULT) + expect(where, " reserve", probe_reserve(address), LOAD_FAULT) +
         expect(where, " float", probe_float(address), LOAD_FAULT) + expect(where, " fetch", probe_fetch(address), FETCH_FAULT);
}

/* Where the enclave's memory and the shared buffer lie; they may be neighbours. */
struct place {
  uint64_t base, size, free, utm, utm_size;
};

static uint64_t surroundings(const struct place *p) {
  uint64_t utm = p->utm, first = p->base < utm ? p->base : utm;
  uint64_t end = p->base < utm ? utm + p->utm_size : p->base + p->size;
  *(volatile uint32_t *)(utm + 64) = RETURN;
  return closed("monitor", MONITOR) + closed("before", first - 8) + closed("after", end) + closed("device", DEVICE) +
         closed("nowhere", 0) + expect("over the end", "", probe_load(end - 4), LOAD_FAULT) +
         expect("last word", "", probe_load(end - 8), 0) + expect("shared buffer", " load", probe_load(utm), 0) +
         expect("shared buffer", " fetch", probe_fetch(utm + 64), FETCH_FAULT) +
         expect("machine's CSR", "", probe_csr(0), ILLEGAL);
}

static uint64_t leaf(uint64_t physical, uint64_t flags) { return physical >> 12 << 10 | flags; }

/* The same through Sv39: the lowest 4 GiB as they are, and entries that lead out of the enclave. */
static uint64_t translated(const struct place *p) {
  uint64_t base = p->base, *root = (uint64_t *)p->free;
  for (int i = 0; i < 512; i++) root[i] = i < 4 ? leaf(i * GIGAPAGE, LEAF) : 0;
  root[4] = leaf(MONITOR, V);
  root[5] = leaf(base - GIGAPAGE, V);
  root[6] = leaf(MONITOR / GIGAPAGE * GIGAPAGE, V | R | W);
  root[7] = leaf(GIGAPAGE << 20, LEAF);
  __asm__ volatile("sfence.vma; csrw satp, %0; sfence.vma" : : "r"(8ul << 60 | p->free >> 12) : "memory");
  uint64_t failures = surroundings(p) + expect("table in the monitor", "", probe_load(4 * GIGAPAGE), LOAD_FAULT) +
                      expect("table outside of memory", "", probe_load(5 * GIGAPAGE), LOAD_FAULT) +
                      expect("page not accessed yet", "", probe_load(6 * GIGAPAGE), LOAD_PAGE_FAULT) +
                      expect("page beyond memory", "", probe_load(7 * GIGAPAGE), LOAD_FAULT) +
                      expect("no page", "", probe_load(8 * GIGAPAGE), LOAD_PAGE_FAULT) +
                      expect("no page", " fetch", probe_fetch(8 * GIGAPAGE), FETCH_PAGE_FAULT);

  /* Rights that a table gives and takes again. */
  root[8] = leaf(base & -GIGAPAGE, LEAF);
  __asm__ volatile("sfence.vma" ::: "memory");
  failures += expect("own memory elsewhere", "", probe_load(8 * GIGAPAGE + base % GIGAPAGE), 0);
  failures += closed("monitor elsewhere", 8 * GIGAPAGE + MONITOR % GIGAPAGE);
  __asm__ volatile("csrw satp, zero; sfence.vma" ::: "memory");
  return failures;
}

static uint64_t calls(void) {
  return expect("host's call", "", sm_call(2003, 0, 0, 0).error, SM_SBI_PROHIBITED) +
         expect("old call", "", sm_call(1001, 0, 0, 0).error, SM_DEPRECATED) +
         expect("unknown call", "", sm_call(3999, 0, 0, 0).error, SM_NOT_IMPLEMENTED) +
         expect("plugin", "", sm_call(4000, 1, 1, 0).error, SM_NOT_IMPLEMENTED) +
         expect("random", "", sm_call(SBI_SM_RANDOM, 0, 0, 0).error, SM_SUCCESS) +
         expect("other extension", "", sbi_call(0x10, 0, 0, 0, 0).error, (uint64_t)-2);
}

/* A timer takes the hart away; the host sees an interruption, resumes, and nothing has changed here. */
static uint64_t timer(uint64_t utm) {
  volatile uint64_t *interruptions = (volatile uint64_t *)utm;
  for (uint64_t n = 0; n < 3; n++) {
    register uint64_t kept __asm__("s7") = n + 0x5a5a;
    sbi_call(SBI_LEGACY_SET_TIMER, 0, 0, 0, 0);
    while (*interruptions <= n) __asm__ volatile("" : "+r"(kept));
    if (kept != n + 0x5a5a) return expect("timer", "", kept, n + 0x5a5a);
  }
  return expect("timer", "", 0, 0);
}

noreturn void load(uint64_t unused, uint64_t base, uint64_t size, uint64_t runtime, uint64_t user, uint64_t free, uint64_t utm,
                   uint64_t utm_size) {
  (void)unused, (void)runtime, (void)user;
  const struct place p = {base, size, free, utm, utm_size};
  __asm__ volatile("csrs sstatus, %0" : : "r"(SSTATUS_FS));
  sm_exit(calls() + surroundings(&p) + translated(&p) + timer(utm));
}
