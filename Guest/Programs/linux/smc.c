/* Code that is written while the program runs. A translation must never outlive the code that it came from once
 * the guest has executed fence.i or asked the kernel to flush. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests.h"

enum { PAGE = 4096, RW = PROT_READ | PROT_WRITE, RX = PROT_READ | PROT_EXEC, RWX = RW | PROT_EXEC };

typedef int function(int);

/* addi a0, a0, n; ret */
static void write_adder(void *at, int n) {
  uint32_t code[2] = {0x00050513 | (uint32_t)n << 20, 0x00008067};
  memcpy(at, code, sizeof code);
}

static void fence_i(void) { __asm__ volatile("fence.i" ::: "memory"); }
static void flush(void *at, size_t size) { syscall(SYS_riscv_flush_icache, at, (char *)at + size, 0); }

static int call(void *at, int x) { return ((function *)at)(x); }

static void run_once(void *at) { call(at, 1); }

static void rewritten(void) {
  char *code = mmap(NULL, 2 * PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int right = 0;
  for (int n = 0; n < 200; n++) {
    write_adder(code, n);
    fence_i();
    for (int i = 0; i < 50; i++) right += call(code, i) == i + n; /* hot enough to be translated */
  }
  check(right == 200 * 50, "rewritten 200 times with fence.i");

  /* The instruction crosses a page, and only its second half changes. */
  char *across = code + PAGE - 2;
  right = 0;
  for (int n = 0; n < 100; n++) {
    write_adder(across, n);
    fence_i();
    for (int i = 0; i < 20; i++) right += call(across, 1000) == 1000 + n;
  }
  check(right == 100 * 20, "an instruction across two pages");

  /* Data next to code: stores that must be cheap but must not be lost. */
  volatile long *counter = (long *)(code + 512);
  write_adder(code, 1);
  fence_i();
  *counter = 0;
  int x = 0;
  for (int i = 0; i < 20000; i++) {
    x = call(code, x);
    ++*counter;
  }
  check(x == 20000 && *counter == 20000, "data on a code page");
  munmap(code, 2 * PAGE);
}

static void protected(void) {
  char *code = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int right = 0;
  for (int n = 0; n < 50; n++) {
    mprotect(code, PAGE, RW);
    write_adder(code + 64, n);
    mprotect(code, PAGE, RX);
    flush(code, PAGE);
    for (int i = 0; i < 50; i++) right += call(code + 64, i) == i + n;
  }
  check(right == 50 * 50, "RW to RX 50 times with riscv_flush_icache");

  catch_faults();
  mprotect(code, PAGE, RW);
  faults(run_once, code + 64);
  printf("translated before, not executable now: %s\n", fault_name());
  mprotect(code, PAGE, RX);
  check(call(code + 64, 1) == 50, "executable again");
  munmap(code, PAGE);
  faults(run_once, code + 64);
  printf("translated before, unmapped now: %s\n", fault_name());

  char *again = mmap(code, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  write_adder(again + 64, 77);
  flush(again, PAGE);
  check(call(again + 64, 1) == 78, "other code at the same address");
  munmap(again, PAGE);
}

/* A store into the very block that runs: patches the instruction three ahead of itself. */
static void own_block(void) {
  static const uint32_t code[] = {
      0x00b52823, /* sw a1, 16(a0) */
      0x0000100f, /* fence.i */
      0x00000513, /* li a0, 0 */
      0x00000013, /* nop */
      0x00100513, /* li a0, 1, which the store replaces */
      0x00008067, /* ret */
  };
  uint32_t *page = mmap(NULL, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, code, sizeof code);
  fence_i();
  int right = 0;
  for (uint32_t n = 0; n < 500; n++)
    right += ((int (*)(void *, uint32_t))page)(page, 0x00000513 | n << 20) == (int)n; /* li a0, n */
  check(right == 500, "a block that patches itself");
  munmap(page, PAGE);
}

/* Two mappings of one file, one writable, one executable, as JIT compilers with W^X do. */
static void aliased(void) {
  int fd = memfd_create("code", 0);
  if (ftruncate(fd, PAGE) != 0) return;
  char *writable = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
  char *executable = mmap(NULL, PAGE, RX, MAP_SHARED, fd, 0);
  int right = 0;
  for (int n = 0; n < 50; n++) {
    write_adder(writable, n);
    flush(executable, PAGE);
    for (int i = 0; i < 50; i++) right += call(executable, i) == i + n;
  }
  check(right == 50 * 50, "written through another mapping");
  munmap(writable, PAGE);
  munmap(executable, PAGE);
  close(fd);
}

/* One thread runs a loop, the other patches its exit and flushes every hart. */
static char *loop_code;
static atomic_int looping;

static void *run_loop(void *unused) {
  (void)unused;
  looping = 1;
  return (void *)(long)call(loop_code, 5);
}

static void across_threads(void) {
  loop_code = mmap(NULL, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const uint32_t loop[] = {0x0000006f /* j . */, 0x00008067 /* ret */};
  memcpy(loop_code, loop, sizeof loop);
  fence_i();
  pthread_t thread;
  pthread_create(&thread, NULL, run_loop, NULL);
  while (!looping) usleep(1000);
  usleep(20000);
  *(volatile uint32_t *)loop_code = 0x00150513; /* addi a0, a0, 1 */
  flush(loop_code, PAGE);
  void *result;
  pthread_join(thread, &result);
  check((long)result == 6, "another thread's endless loop ends when it is patched");
  munmap(loop_code, PAGE);
}

int smc_test(int argc, char **argv) {
  (void)argc, (void)argv;
  rewritten();
  protected();
  own_block();
  return failures() != 0;
}

/* Apart from the rest because qemu-user misses both: its flush is a no-op, it notices writes by page protection,
 * and neither a second mapping nor a loop that jumps to itself in another thread is caught that way. */
int smc_shared_test(int argc, char **argv) {
  (void)argc, (void)argv;
  aliased();
  across_threads();
  return failures() != 0;
}
