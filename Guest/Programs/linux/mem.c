/* Memory: mappings and their rights, and what every kind of stray access does. The addresses that matter most to
 * a translator that places guest memory in a window are the last byte of a mapping, 2^38, the top of the address
 * space, and accesses that straddle pages. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE };

static char *map(size_t size, int rights) {
  return mmap(NULL, size, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static uint64_t word_at(const void *at) {
  uint64_t value;
  __asm__ volatile("ld %0, 0(%1)" : "=r"(value) : "r"(at) : "memory");
  return value;
}

/* What may fault. */
static void load(void *at) { word_at(at); }
static void load_byte(void *at) { __asm__ volatile("lbu zero, 0(%0)" : : "r"(at) : "memory"); }
static void load_wrapping_up(void *at) { __asm__ volatile("ld zero, 2040(%0)" : : "r"(at) : "memory"); }
static void load_wrapping_down(void *at) { __asm__ volatile("ld zero, -2048(%0)" : : "r"(at) : "memory"); }
static void store(void *at) { __asm__ volatile("sd zero, 0(%0)" : : "r"(at) : "memory"); }
static void load_float(void *at) { __asm__ volatile("fld ft0, 0(%0)" : : "r"(at) : "ft0", "memory"); }
static void amo(void *at) { __asm__ volatile("amoadd.d zero, zero, (%0)" : : "r"(at) : "memory"); }
static void reserve(void *at) { __asm__ volatile("lr.d zero, (%0)" : : "r"(at) : "memory"); }
static void call(void *at) { ((void (*)(void))at)(); }

/* ---- Rights ---- */

static void rights(void) {
  char *p = map(3 * PAGE, RW);
  p[PAGE] = 1;
  check(!faults(store, p + PAGE), "read-write: store");
  mprotect(p + PAGE, PAGE, PROT_READ);
  printf("read-only: load %s", faults(load, p + PAGE) ? fault_name() : "no fault");
  faults(store, p + PAGE);
  printf(", store %s\n", fault_name());
  check(last_fault.address == (uintptr_t)p + PAGE, "read-only: address");
  check(!faults(store, p) && !faults(store, p + 2 * PAGE), "its neighbours stay writable");
  mprotect(p + PAGE, PAGE, PROT_NONE);
  faults(load, p + PAGE);
  printf("no access: load %s\n", fault_name());
  mprotect(p + PAGE, PAGE, RW);
  check(!faults(store, p + PAGE) && word_at(p + PAGE) == 0, "writable again");
  faults(call, p + PAGE);
  printf("not executable: call %s\n", fault_name());
  check(last_fault.pc == (uintptr_t)p + PAGE && last_fault.address == last_fault.pc, "not executable: pc and address");
  munmap(p + PAGE, PAGE);
  faults(load, p + PAGE);
  printf("hole: load %s\n", fault_name());
  faults(call, p + PAGE);
  printf("hole: call %s\n", fault_name());
  check(!faults(store, p) && !faults(store, p + 2 * PAGE), "around the hole");
  munmap(p, 3 * PAGE);
  check(mprotect(p, PAGE, RW) == -1 && errno == ENOMEM, "mprotect of nothing: ENOMEM");
  check(munmap(p + 1, PAGE) == -1 && errno == EINVAL, "munmap off a page boundary: EINVAL");
}

/* ---- Page boundaries ---- */

static void boundaries(void) {
  char *p = map(3 * PAGE, RW);
  munmap(p + 2 * PAGE, PAGE);
  char *end = p + 2 * PAGE;
  check(!faults(load, end - 8), "last word of a mapping");
  check(!faults(load_byte, end - 1), "last byte of a mapping");
  for (int i = 7; i > 0; i -= 3) {
    faults(load, end - i);
    check(last_fault.signal == SIGSEGV && last_fault.address >= (uintptr_t)end - i && last_fault.address <= (uintptr_t)end,
          "load of 8 bytes, %d before the end", i);
  }
  memset(end - 8, 0x55, 8);
  faults(store, end - 4);
  check(last_fault.signal == SIGSEGV && end[-5] == 0x55, "store across the end");

  for (int i = 0; i < 16; i++) p[PAGE - 8 + i] = (char)(i + 1);
  check(word_at(p + PAGE - 3) == 0x0d0c0b0a09080706, "unaligned load across two pages");
  store(p + PAGE - 5);
  check(p[PAGE - 6] == 3 && p[PAGE - 5] == 0 && p[PAGE + 2] == 0 && p[PAGE + 3] == 12, "unaligned store across two pages");
  mprotect(p + PAGE, PAGE, PROT_READ);
  faults(store, p + PAGE - 4);
  check(last_fault.signal == SIGSEGV, "store into a second page that is read-only");
  mprotect(p, PAGE, PROT_NONE);
  faults(load, p + PAGE - 4);
  check(last_fault.signal == SIGSEGV, "load from a first page that is not accessible");
  munmap(p, 2 * PAGE);
}

/* ---- Addresses that nobody can map ---- */

static void strays(void) {
  static const unsigned long addresses[] = {
      0,
      0x38,
      0xfff,
      1ull << 38,
      (1ull << 38) + 0x10008,
      (1ull << 39),
      (1ull << 39) + (1ull << 38),
      1ull << 47,
      (1ull << 56) + 0x12345678,
      1ull << 62,
      0x7ffffffffffffff8,
      0x8000000000000000,
      0xffffffc000000000, /* -2^38 */
      0xffffffff80000000,
      0xffffffffc0000000,
      0xfffffffffffff000,
      0xfffffffffffffff8,
      0xffffffffffffffff,
  };
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    void *at = (void *)addresses[i];
    int loaded = faults(load, at), stored = faults(store, at), floated = faults(load_float, at);
    int added = faults(amo, (void *)(addresses[i] & ~7ul)), reserved = faults(reserve, (void *)(addresses[i] & ~7ul));
    check(loaded == SIGSEGV && stored == SIGSEGV && floated == SIGSEGV && added == SIGSEGV && reserved == SIGSEGV,
          "0x%016lx: load, store, fld, amo, lr", addresses[i]);
  }
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    faults(call, (void *)(addresses[i] & ~3ul));
    check(last_fault.signal == SIGSEGV && last_fault.pc == (addresses[i] & ~3ul), "0x%016lx: jump", addresses[i] & ~3ul);
  }

  /* A base near the top with a positive displacement wraps to page 0; one near 0 with a negative, to the top. */
  faults(load_wrapping_up, (void *)-16L);
  check(last_fault.signal == SIGSEGV && last_fault.address == 2024, "displacement that wraps upward");
  faults(load_wrapping_down, (void *)8L);
  check(last_fault.signal == SIGSEGV && last_fault.address == (uintptr_t)-2040, "displacement that wraps downward");

  /* A good base whose displacement or whose copy in bits 63..38 leads out. */
  char *p = map(PAGE, RW);
  faults(load, p + (1ull << 38));
  check(last_fault.signal == SIGSEGV, "a mapped address plus 2^38");
  faults(store, (char *)((uintptr_t)p | 1ull << 63));
  check(last_fault.signal == SIGSEGV, "a mapped address with bit 63 set");
  munmap(p, PAGE);
}

/* ---- Life of mappings ---- */

static void life(void) {
  char *start = sbrk(0);
  check(sbrk(5000) == start && (memset(start, 1, 5000), sbrk(0) == start + 5000), "brk grows");
  check(sbrk(-5000) == start + 5000 && sbrk(5000) == start, "brk shrinks and grows");
  check(brk(start) == 0, "brk back");

  char *p = map(4 * PAGE, RW);
  memset(p, 7, 4 * PAGE);
  check(madvise(p + PAGE, PAGE, MADV_DONTNEED) == 0 && p[PAGE] == 0 && p[0] == 7, "MADV_DONTNEED zeroes");
  char *q = mremap(p, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
  check(q != MAP_FAILED && q[0] == 7 && q[PAGE] == 0 && q[3 * PAGE] == 7 && q[63 * PAGE] == 0, "mremap grows");
  check(mremap(q, 64 * PAGE, 2 * PAGE, 0) == q && faults(load, q + 2 * PAGE) == SIGSEGV, "mremap shrinks");
  q[5] = 9;
  char *over = mmap(q, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  check(over == q && q[5] == 0, "MAP_FIXED replaces");
  check(mmap(q, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST,
        "MAP_FIXED_NOREPLACE: EEXIST");
  munmap(q, 2 * PAGE);

  char *large = mmap(NULL, 1ull << 33, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(large != MAP_FAILED && (large[1ull << 32] = 3) == 3 && large[(1ull << 33) - 1] == 0, "8 GiB, two pages touched");
  munmap(large, 1ull << 33);
  check(mmap(NULL, 1ull << 50, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED && errno == ENOMEM,
        "2^50 bytes: ENOMEM");
  check(mmap(NULL, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EINVAL, "0 bytes: EINVAL");

  /* Many small mappings with alternating rights: each is a mapping of its own for the kernel. */
  char *many = map(2000 * PAGE, RW);
  for (int i = 0; i < 2000; i += 2) mprotect(many + i * PAGE, PAGE, PROT_READ);
  int right = 0;
  for (int i = 0; i < 2000; i++) right += (faults(store, many + i * PAGE) == SIGSEGV) == (i % 2 == 0);
  check(right == 2000, "2000 pages with alternating rights");
  munmap(many, 2000 * PAGE);
}

static void file_mappings(void) {
  char name[] = "/tmp/linux-tests-XXXXXX";
  int fd = mkstemp(name);
  unlink(name);
  if (write(fd, "file", 4) != 4 || ftruncate(fd, PAGE + 10) != 0) return;
  char *private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
  char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
  char *again = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  check(memcmp(private, "file", 4) == 0 && private[10] == 0, "private file mapping");
  shared[0] = 'F';
  char byte = 0;
  check(pread(fd, &byte, 1, 0) == 1 && byte == 'F' && again[0] == 'F', "a shared mapping writes the file");
  private[1] = 'X';
  check(again[1] == 'i', "a private mapping does not");
  faults(load, private + 2 * PAGE);
  check(last_fault.signal == SIGBUS, "beyond the end of the file: SIGBUS");
  munmap(private, 4 * PAGE);
  munmap(shared, PAGE);
  munmap(again, PAGE);
  close(fd);
}

int mem_test(int argc, char **argv) {
  (void)argc, (void)argv;
  catch_faults();
  rights();
  boundaries();
  strays();
  life();
  file_mappings();
  return failures() != 0;
}
