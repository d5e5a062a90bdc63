/* Tests of what a Linux program may expect from the machine and kernel under it. Each prints the same lines on
 * every correct RV64 Linux; linux-tests NAME exits with 0, or 1 when a check failed. */
#ifndef TESTS_H
#define TESTS_H

#include <stdint.h>
#include <stdio.h>

typedef int test_function(int argc, char **argv);
test_function compute_test, env_test, exitcode_test, files_test, mem_test, signals_test, smc_test,
    smc_shared_test, threads_test, time_test;

/* Prints "what: ok" or "what: FAILED" and remembers the failure. */
void check(int holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
int failures(void);

/* Makes an access that may fault: 0, or the signal, with the rest in last_fault. A function of its own, because
 * what returns by siglongjmp must not share its locals with the caller. */
struct fault {
  int signal;
  int code;
  uintptr_t address, pc;
};
extern struct fault last_fault;
int faults(void (*access)(void *), const void *at);
void catch_faults(void); /* SIGSEGV, SIGBUS and SIGILL from now on */
const char *fault_name(void);

#endif
