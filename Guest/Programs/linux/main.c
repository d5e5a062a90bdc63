#include "tests.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <ucontext.h>

static int failed;

void check(int holds, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  printf(": %s\n", holds ? "ok" : "FAILED");
  fflush(stdout);
  failed += !holds;
}

int failures(void) { return failed; }

struct fault last_fault;
static sigjmp_buf fault_return;

static void on_fault(int signal, siginfo_t *info, void *context) {
  const ucontext_t *c = context;
  last_fault = (struct fault){signal, info->si_code, (uintptr_t)info->si_addr, c->uc_mcontext.__gregs[REG_PC]};
  siglongjmp(fault_return, 1);
}

int faults(void (*access)(void *), const void *at) {
  last_fault = (struct fault){0};
  if (sigsetjmp(fault_return, 1) == 0) access((void *)(uintptr_t)at);
  return last_fault.signal;
}

void catch_faults(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  sigaction(SIGILL, &action, NULL);
}

const char *fault_name(void) {
  switch (last_fault.signal) {
    case 0: return "no fault";
    case SIGSEGV: return last_fault.code == SEGV_MAPERR ? "SIGSEGV not mapped" : "SIGSEGV not permitted";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    default: return "another signal";
  }
}

static const struct {
  const char *name;
  test_function *run;
} tests[] = {
    {"compute", compute_test}, {"env", env_test},         {"exitcode", exitcode_test}, {"files", files_test},
    {"mem", mem_test},         {"signals", signals_test}, {"smc", smc_test},           {"smc-shared", smc_shared_test},
    {"threads", threads_test}, {"time", time_test},
};

int main(int argc, char **argv) {
  const char *name = argc > 1 ? argv[1] : "";
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    if (strcmp(name, tests[i].name) == 0) return tests[i].run(argc - 1, argv + 1);
  fprintf(stderr, "usage: linux-tests");
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) fprintf(stderr, "%s%s", i ? "|" : " ", tests[i].name);
  fprintf(stderr, " [ARGUMENT]...\n");
  return 2;
}
