/* linux-tests exitcode N: exit(N). _exit N: without flushing stdio. thread N: exit_group from a second thread.
 * abort: dies of SIGABRT. kill N: dies of signal N. segv: dies of a fault. quiet-thread: the main thread leaves,
 * the process lives on and returns 5 from the other. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests.h"

static void *exit_from_thread(void *code) {
  exit((int)(intptr_t)code);
}

static void *exit_later(void *main_thread) {
  pthread_join(*(pthread_t *)main_thread, NULL);
  exit(5);
}

int exitcode_test(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "0";
  int code = argc > 2 ? atoi(argv[2]) : 0;
  printf("leaving\n");
  fflush(stdout);
  if (strcmp(how, "_exit") == 0) {
    printf("lost with the buffer");
    _exit(code);
  }
  if (strcmp(how, "abort") == 0) abort();
  if (strcmp(how, "kill") == 0) kill(getpid(), code), pause();
  if (strcmp(how, "segv") == 0) __asm__ volatile("sw zero, 8(zero)" ::: "memory");
  if (strcmp(how, "thread") == 0 || strcmp(how, "quiet-thread") == 0) {
    static pthread_t self;
    pthread_t other;
    self = pthread_self();
    if (*how == 't') pthread_create(&other, NULL, exit_from_thread, (void *)(intptr_t)code);
    else pthread_create(&other, NULL, exit_later, &self);
    if (*how == 't') pthread_join(other, NULL);
    pthread_exit(NULL);
  }
  return atoi(how);
}
