/* Clocks: they advance, agree with each other and sleep as long as asked. Nothing printed depends on speed. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

static int64_t now(clockid_t clock) {
  struct timespec t = {0};
  clock_gettime(clock, &t);
  return t.tv_sec * 1000000000 + t.tv_nsec;
}

int time_test(int argc, char **argv) {
  (void)argc, (void)argv;
  static const struct {
    clockid_t id;
    const char *name;
  } clocks[] = {{CLOCK_REALTIME, "realtime"}, {CLOCK_MONOTONIC, "monotonic"}, {CLOCK_BOOTTIME, "boottime"},
                {CLOCK_MONOTONIC_RAW, "monotonic raw"}, {CLOCK_PROCESS_CPUTIME_ID, "process"},
                {CLOCK_THREAD_CPUTIME_ID, "thread"}};
  for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
    struct timespec resolution;
    int64_t first = now(clocks[i].id), last = first;
    int monotonic = clock_getres(clocks[i].id, &resolution) == 0 && first > 0;
    for (int n = 0; n < 1000; n++) {
      int64_t next = now(clocks[i].id);
      monotonic &= next >= last;
      last = next;
    }
    check(monotonic && last > first, "%s clock", clocks[i].name);
  }
  struct timespec t;
  check(clock_gettime(99, &t) == -1 && errno == EINVAL, "clock 99: EINVAL");

  int64_t before = now(CLOCK_MONOTONIC);
  struct timespec pause = {0, 20000000};
  nanosleep(&pause, NULL);
  int64_t slept = now(CLOCK_MONOTONIC) - before;
  check(slept >= 20000000 && slept < 5000000000, "nanosleep");
  struct timespec until = {0};
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  check(now(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000 + until.tv_nsec, "clock_nanosleep until");
  struct timespec bad = {0, 1000000000};
  check(nanosleep(&bad, NULL) == -1 && errno == EINVAL, "nanosleep of 10^9 ns: EINVAL");

  struct timeval day;
  gettimeofday(&day, NULL);
  check(llabs(day.tv_sec - time(NULL)) <= 1 && day.tv_sec > 1700000000, "gettimeofday and time");

  uint64_t ticks, later;
  __asm__ volatile("rdtime %0" : "=r"(ticks));
  nanosleep(&pause, NULL);
  __asm__ volatile("rdtime %0" : "=r"(later));
  check(later > ticks, "rdtime advances");

  struct rusage usage;
  check(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_utime.tv_sec + usage.ru_utime.tv_usec > 0, "getrusage");

  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec every = {.it_value = {0, 5000000}, .it_interval = {0, 5000000}};
  uint64_t expirations = 0;
  check(timer >= 0 && timerfd_settime(timer, 0, &every, NULL) == 0 && read(timer, &expirations, 8) == 8 && expirations > 0,
        "timerfd");
  close(timer);
  return failures() != 0;
}
