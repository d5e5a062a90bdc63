/* The enclave's page tables, changed while they translate. One of them maps itself, and with it a window: a page that is
 * whichever page its entry names. That is how the others are reached. */
#include "runtime.h"

static uint64_t *look(uint64_t physical) {
  volatile uint64_t *table = (volatile uint64_t *)TABLE_VA;
  table[index_at(WINDOW_VA, 0)] = leaf_of(physical, R | W);
  __asm__ volatile("sfence.vma %0, zero" : : "r"(WINDOW_VA) : "memory");
  return (uint64_t *)(WINDOW_VA + (physical & PAGE_MASK));
}

/* The entry for an address in the table of a level, until the next look; NULL when there is no such table. */
static uint64_t *find(uint64_t address, int level) {
  uint64_t satp;
  __asm__ volatile("csrr %0, satp" : "=r"(satp));
  uint64_t table = satp << 20 >> 8; /* its low 44 bits are a page number */
  for (int at = 2;; at--) {
    uint64_t *entry = look(table + index_at(address, at) * sizeof *entry);
    if (at == level) return entry;
    if ((*entry & (V | R | W | X)) != V) return NULL;
    table = physical_of(*entry);
  }
}

/* Where one of the runtime's own pages lies. */
static uint64_t locate(const void *page) { return physical_of(*find((uint64_t)page, 0)); }

static void forget_translations(void) { __asm__ volatile("sfence.vma" : : : "memory"); }

/* The eapp reads what the host and the monitor write, and writes the rest of the upper half. So the megapage with the
 * header is divided into pages, and it is the only one. */
int map_region(uint64_t physical, uint64_t bytes) {
  static uint64_t megapages[TABLE_ENTRIES] __attribute__((aligned(KEYSTONE_PAGE)));
  static uint64_t pages[TABLE_ENTRIES] __attribute__((aligned(KEYSTONE_PAGE)));
  if (bytes > GIGAPAGE || *find(REGION_VA, 2)) return 1;
  const uint64_t header = bytes / 2, divided = header & ~(MEGAPAGE - 1);
  for (uint64_t at = 0; at < bytes; at += MEGAPAGE)
    megapages[index_at(at, 1)] =
        at == divided ? entry_of(locate(pages), 0) : leaf_of(physical + at, at < header ? U | R : U | R | W);
  for (uint64_t at = divided; at < bytes && at < divided + MEGAPAGE; at += KEYSTONE_PAGE)
    pages[index_at(at, 0)] = leaf_of(physical + at, at <= header ? U | R : U | R | W);
  uint64_t entry = entry_of(locate(megapages), 0);
  *find(REGION_VA, 2) = entry;
  forget_translations();
  return 0;
}

static int is_region(uint64_t address) { return index_at(address, 2) == index_at(REGION_VA, 2); }

int protect(uint64_t address, uint64_t bytes) {
  for (uint64_t at = address; at < address + bytes; at += KEYSTONE_PAGE) {
    uint64_t *entry = is_region(at) ? NULL : find(at, 0);
    if (!entry || (*entry & (V | R | U)) != (V | R | U)) return 1;
    *entry &= ~(uint64_t)W;
  }
  forget_translations();
  return 0;
}
