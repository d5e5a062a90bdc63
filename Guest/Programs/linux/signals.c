/* Signals: synchronous ones with their siginfo and ucontext, asynchronous ones with masks and queues, escape by
 * siglongjmp, alternative stacks, and what RISC-V does not raise. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests.h"

static void install(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

/* ---- A handler that reads and changes the interrupted context ---- */

static siginfo_t seen;
static uintptr_t seen_pc;

/* Skips the faulting instruction (its low bits tell its length) and puts 1234 into a0. */
static void repair(int signal, siginfo_t *info, void *context) {
  (void)signal;
  ucontext_t *c = context;
  seen = *info;
  seen_pc = c->uc_mcontext.__gregs[REG_PC];
  uint16_t low;
  memcpy(&low, (void *)seen_pc, sizeof low);
  c->uc_mcontext.__gregs[REG_PC] += (low & 3) == 3 ? 4 : 2;
  c->uc_mcontext.__gregs[REG_A0] = 1234;
}

/* Runs one instruction that faults, with a0 as operand; says where it stood and what a0 is afterwards. */
#define FAULTING(instruction, operand, pc, result)                          \
  do {                                                                      \
    register uint64_t a0 __asm__("a0") = (uint64_t)(operand);               \
    uintptr_t at;                                                           \
    __asm__ volatile("lla %1, 1f\n1: " instruction : "+r"(a0), "=&r"(at) : : "memory"); \
    pc = at;                                                                \
    result = a0;                                                            \
  } while (0)

static void check_repair(const char *what, int signal, int code, uintptr_t pc, uint64_t result) {
  check(seen.si_signo == signal && seen.si_code == code, "%s: signal %d code %d", what, signal, code);
  check(seen_pc == pc, "%s: pc of the instruction", what);
  check(result == 1234, "%s: resumed behind it with a register changed", what);
}

static void synchronous(void) {
  uintptr_t pc;
  uint64_t result;
  install(SIGSEGV, repair, 0);
  install(SIGILL, repair, 0);
  install(SIGTRAP, repair, 0);

  FAULTING("ld a0, 8(a0)", 0, pc, result);
  check_repair("load from page 0", SIGSEGV, SEGV_MAPERR, pc, result);
  check(seen.si_addr == (void *)8, "load from page 0: si_addr");

  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  FAULTING("sb zero, 5(a0)", page, pc, result);
  check_repair("store to a read-only page", SIGSEGV, SEGV_ACCERR, pc, result);
  check(seen.si_addr == page + 5, "store to a read-only page: si_addr");

  FAULTING("amoadd.d a0, a0, (a0)", page, pc, result);
  check_repair("amo on a read-only page", SIGSEGV, SEGV_ACCERR, pc, result);

  FAULTING(".insn 0xc0001073", 0, pc, result); /* csrrw x0, cycle, x0: writes a read-only register */
  check_repair("illegal instruction, 4 bytes", SIGILL, ILL_ILLOPC, pc, result);
  FAULTING(".2byte 0", 0, pc, result);
  check_repair("illegal instruction, 2 bytes", SIGILL, ILL_ILLOPC, pc, result);
  __asm__ volatile("fsrmi 5"); /* a reserved rounding mode */
  FAULTING("fadd.d ft0, ft0, ft0", 0, pc, result);
  __asm__ volatile("fsrmi 0");
  check_repair("reserved dynamic rounding mode", SIGILL, ILL_ILLOPC, pc, result);
  FAULTING("ebreak", 0, pc, result);
  check_repair("ebreak", SIGTRAP, TRAP_BRKPT, pc, result);

  volatile long zero = 0;
  check(7 / zero == -1 && 7 % zero == 7, "division by zero gives -1 and the dividend, no SIGFPE");
  volatile long lowest = INT64_MIN, minus_one = -1;
  check(lowest / minus_one == INT64_MIN && lowest % minus_one == 0, "overflowing division, no SIGFPE");
  munmap(page, 4096);
}

/* ---- State that a handler must not disturb ---- */

static void spoil(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info, (void)context;
  __asm__ volatile("fcvt.d.l fa0, zero; fcvt.d.l fs0, zero; fcvt.d.l ft11, zero; fsrmi 1; fsflagsi 31"
                   : : : "fa0", "fs0", "ft11");
}

static void preserved(void) {
  install(SIGUSR1, spoil, 0);
  const long pid = getpid();
  register double fs0 __asm__("fs0") = 1.5;
  register double ft11 __asm__("ft11") = 2.5;
  register long a0 __asm__("a0") = pid;
  register long a1 __asm__("a1") = SIGUSR1;
  register long a7 __asm__("a7") = 129; /* kill, without a function call that may save registers itself */
  unsigned long fcsr;
  __asm__ volatile("fscsr zero; ecall; frcsr %3" : "+r"(a0), "+f"(fs0), "+f"(ft11), "=r"(fcsr) : "r"(a1), "r"(a7) : "memory");
  check(fs0 == 1.5 && ft11 == 2.5, "floating-point registers survive a handler");
  check(fcsr == 0, "fcsr survives a handler");
}

/* ---- Queueing and masks ---- */

static volatile sig_atomic_t deliveries, depth, deepest;
static int last_value, last_code;

static void count(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  deliveries++;
  last_value = info->si_value.sival_int;
  last_code = info->si_code;
}

static void nest(int signal, siginfo_t *info, void *context) {
  (void)info, (void)context;
  if (++depth > deepest) deepest = depth;
  if (++deliveries < 4) raise(signal);
  depth--;
}

static void masks(void) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN);

  install(SIGUSR1, count, 0);
  install(SIGRTMIN, count, 0);
  deliveries = 0;
  raise(SIGUSR1);
  check(deliveries == 1 && last_code == SI_TKILL, "raise");
  kill(getpid(), SIGUSR1);
  check(deliveries == 2 && last_code == SI_USER, "kill of itself is delivered before kill returns");

  sigprocmask(SIG_BLOCK, &set, NULL);
  deliveries = 0;
  raise(SIGUSR1);
  raise(SIGUSR1);
  for (int i = 0; i < 3; i++) sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 70 + i});
  sigpending(&pending);
  check(deliveries == 0 && sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGRTMIN), "blocked signals wait");
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  check(deliveries == 4, "a standard signal is delivered once, a real-time signal as often as it was sent");

  sigprocmask(SIG_BLOCK, &set, NULL);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 99});
  siginfo_t info;
  check(sigwaitinfo(&set, &info) == SIGRTMIN && info.si_value.sival_int == 99, "sigwaitinfo takes a blocked signal");
  struct timespec soon = {0, 1000000};
  check(sigtimedwait(&set, &info, &soon) == -1 && errno == EAGAIN, "sigtimedwait times out");
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  install(SIGUSR2, nest, 0);
  deliveries = deepest = 0;
  raise(SIGUSR2);
  check(deliveries == 4 && deepest == 1, "a signal is blocked during its own handler");
  install(SIGUSR2, nest, SA_NODEFER);
  deliveries = deepest = 0;
  raise(SIGUSR2);
  check(deliveries == 4 && deepest == 4, "unless SA_NODEFER says otherwise");

  install(SIGUSR2, count, SA_RESETHAND);
  raise(SIGUSR2);
  struct sigaction now;
  sigaction(SIGUSR2, NULL, &now);
  check(now.sa_handler == SIG_DFL, "SA_RESETHAND");
}

/* ---- Interrupted system calls ---- */

static void timers(void) {
  struct itimerval soon = {.it_value = {0, 20000}};
  int ends[2];
  char byte;
  if (pipe(ends) != 0) return;

  install(SIGALRM, count, 0);
  setitimer(ITIMER_REAL, &soon, NULL);
  check(read(ends[0], &byte, 1) == -1 && errno == EINTR, "a handler interrupts read");

  install(SIGALRM, count, 0);
  setitimer(ITIMER_REAL, &soon, NULL);
  sigset_t none;
  sigemptyset(&none);
  check(sigsuspend(&none) == -1 && errno == EINTR, "sigsuspend");

  /* The loop makes no system call: the signal must reach running translated code. */
  deliveries = 0;
  setitimer(ITIMER_REAL, &soon, NULL);
  while (!deliveries) __asm__ volatile("" ::: "memory");
  check(1, "a handler interrupts a loop without calls");
  close(ends[0]);
  close(ends[1]);
}

/* ---- Escapes and stacks ---- */

static sigjmp_buf escape;
static void leave(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)info, (void)context;
  siglongjmp(escape, signal);
}

static __attribute__((noinline)) int escape_from(void (*body)(void)) {
  int signal = sigsetjmp(escape, 1);
  if (signal == 0) body();
  return signal;
}

static char alternative[64 * 1024];
static volatile int on_alternative;

static void leave_stack(int signal, siginfo_t *info, void *context) {
  (void)info, (void)context;
  char here;
  on_alternative = &here >= alternative && &here < alternative + sizeof alternative;
  siglongjmp(escape, signal);
}

/* Its frames fill any stack before n reaches the end. */
static __attribute__((noinline)) int overflow(int n) {
  volatile char frame[1024];
  frame[0] = (char)n;
  return n == 1 << 30 ? 0 : overflow(n + 1) + frame[0];
}

static void overflow_stack(void) { overflow(0); }

static void *overflow_thread(void *unused) {
  stack_t stack = {.ss_sp = alternative, .ss_size = sizeof alternative};
  sigaltstack(&stack, NULL);
  escape_from(overflow_stack);
  return unused;
}

static void touch_page_0(void) { __asm__ volatile("sw zero, 16(zero)" ::: "memory"); }

static void escapes(void) {
  install(SIGABRT, leave, 0);
  check(escape_from(abort) == SIGABRT, "siglongjmp out of abort");

  install(SIGSEGV, leave, 0);
  int escaped = 0;
  for (int i = 0; i < 3; i++) escaped += escape_from(touch_page_0) == SIGSEGV;
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  check(escaped == 3 && !sigismember(&mask, SIGSEGV), "three faults left by siglongjmp, mask restored");

  install(SIGSEGV, leave_stack, SA_ONSTACK);
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_create(&thread, &attributes, overflow_thread, NULL);
  pthread_join(thread, NULL);
  check(on_alternative, "stack overflow is handled on the alternative stack");

  stack_t none;
  check(sigaltstack(NULL, &none) == 0 && none.ss_flags == SS_DISABLE, "no alternative stack in the first thread");
  stack_t small = {.ss_sp = alternative, .ss_size = 16};
  check(sigaltstack(&small, NULL) == -1 && errno == ENOMEM, "an alternative stack of 16 bytes is refused");
}

int signals_test(int argc, char **argv) {
  (void)argc, (void)argv;
  synchronous();
  preserved();
  masks();
  timers();
  escapes();
  return failures() != 0;
}
