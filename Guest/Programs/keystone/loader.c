/* Brings up an enclave: maps the runtime, the eapp with its stack, and the shared buffer in Sv39 tables, and enters the
 * runtime. Works where it lies: no address in it is absolute. */
#include <elf.h>

#include "supervisor.h"

#define SATP_SV39 (8ul << 60)

struct memory {
  uint64_t free, end; /* physical */
  uint64_t *root;
};

static noreturn void fail(void) {
  console("[loader] FATAL: failed to load.\n");
  sm_exit(EAPP_KILLED);
}

static uint64_t take_page(struct memory *m) {
  if (m->end - m->free < KEYSTONE_PAGE) fail();
  uint64_t *page = (uint64_t *)m->free;
  for (size_t i = 0; i < KEYSTONE_PAGE / sizeof *page; i++) page[i] = 0;
  m->free += KEYSTONE_PAGE;
  return (uint64_t)page;
}

/* The entry for an address in the table of a level. */
static uint64_t *find(struct memory *m, uint64_t address, int level) {
  uint64_t *table = m->root;
  for (int at = 2;; at--) {
    uint64_t *entry = &table[index_at(address, at)];
    if (at == level) return entry;
    if (!*entry) *entry = entry_of(take_page(m), 0);
    table = (uint64_t *)physical_of(*entry);
  }
}

static void map(struct memory *m, uint64_t address, uint64_t physical, uint64_t flags) {
  uint64_t *entry = find(m, address, 0);
  if (*entry) fail(); /* segments that overlap */
  *entry = leaf_of(physical, flags);
}

/* Whole pages of the file are mapped where they lie; the others are copied into a zeroed page. */
static void load_segment(struct memory *m, uint64_t file, const Elf64_Phdr *s, uint64_t owner) {
  uint64_t flags = owner | (s->p_flags & PF_R ? R : 0) | (s->p_flags & PF_W ? R | W : 0) | (s->p_flags & PF_X ? X : 0);
  uint64_t filled = s->p_vaddr + s->p_filesz, end = s->p_vaddr + s->p_memsz;
  for (uint64_t page = s->p_vaddr & ~PAGE_MASK; page < end; page += KEYSTONE_PAGE) {
    uint64_t from = page < s->p_vaddr ? s->p_vaddr : page;
    uint64_t to = page + KEYSTONE_PAGE < filled ? page + KEYSTONE_PAGE : filled;
    uint64_t source = file + s->p_offset + (from - s->p_vaddr);
    if (from == page && to == page + KEYSTONE_PAGE) {
      map(m, page, source, flags);
      continue;
    }
    uint64_t copy = take_page(m);
    for (uint64_t at = from; at < to; at++) *(uint8_t *)(copy + at - page) = *(uint8_t *)(source + at - from);
    map(m, page, copy, flags);
  }
}

/* The file lies page by page in enclave memory; segments of `owner` must lie in its half. Gives the entry point. */
static uint64_t load_elf(struct memory *m, uint64_t file, uint64_t size, uint64_t owner) {
  const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
  if (size < sizeof *header || *(uint32_t *)header->e_ident != 0x464c457f || header->e_phentsize != sizeof(Elf64_Phdr) ||
      header->e_phoff > size || (uint64_t)header->e_phnum * sizeof(Elf64_Phdr) > size - header->e_phoff)
    fail();
  const Elf64_Phdr *s = (const Elf64_Phdr *)(file + header->e_phoff);
  for (int i = 0; i < header->e_phnum; i++, s++) {
    if (s->p_type != PT_LOAD) continue;
    uint64_t lowest = owner ? 0 : RUNTIME_VA, highest = owner ? USER_LIMIT : -KEYSTONE_PAGE;
    if (s->p_vaddr < lowest || s->p_vaddr > highest || s->p_memsz > highest - s->p_vaddr || s->p_filesz > s->p_memsz) fail();
    if (s->p_filesz && (s->p_offset > size || s->p_filesz > size - s->p_offset || ((s->p_offset ^ s->p_vaddr) & PAGE_MASK)))
      fail();
    load_segment(m, file, s, owner);
  }
  return header->e_entry;
}

static void map_shared(struct memory *m, uint64_t utm, uint64_t size) {
  for (uint64_t at = 0; at < size;) {
    int large = !((utm | at) & (MEGAPAGE - 1)) && size - at >= MEGAPAGE;
    *find(m, UTM_VA + at, large) = leaf_of(utm + at, R | W);
    at += large ? MEGAPAGE : KEYSTONE_PAGE;
  }
}

/* Translation goes on with no page mapped for the next instruction: its fetch faults into stvec, the runtime's entry.
 * There: a0 = entry point of the eapp, a1 = bytes of the shared buffer, a2 = physical address of MONITOR_PAGE_VA. */
static noreturn void enter(uint64_t runtime, uint64_t satp, uint64_t eapp, uint64_t utm_size, uint64_t monitor_page) {
  register uint64_t a0 __asm__("a0") = eapp;
  register uint64_t a1 __asm__("a1") = utm_size;
  register uint64_t a2 __asm__("a2") = monitor_page;
  __asm__ volatile("csrw stvec, %0; sfence.vma; csrw satp, %1" : : "r"(runtime), "r"(satp), "r"(a0), "r"(a1), "r"(a2) : "memory");
  __builtin_unreachable();
}

noreturn void load(uint64_t unused, uint64_t base, uint64_t size, uint64_t runtime, uint64_t user, uint64_t free, uint64_t utm,
                   uint64_t utm_size) {
  (void)unused;
  uint64_t user_end = free - KEYSTONE_PAGE; /* without the stack */
  struct memory m = {.free = free, .end = base + size};
  m.root = (uint64_t *)take_page(&m);
  uint64_t entry = load_elf(&m, runtime, user - runtime, 0);
  uint64_t eapp = load_elf(&m, user, user_end - user, U);
  for (uint64_t at = USER_STACK_TOP - USER_STACK_BYTES; at < USER_STACK_TOP; at += KEYSTONE_PAGE)
    map(&m, at, take_page(&m), U | R | W);
  map_shared(&m, utm, utm_size);
  uint64_t page = take_page(&m);
  map(&m, MONITOR_PAGE_VA, page, R | W);
  map(&m, TABLE_VA, physical_of(*find(&m, TABLE_VA, 1)), R | W);
  enter(entry, SATP_SV39 | (uint64_t)m.root >> 12, eapp, utm_size, page);
}
