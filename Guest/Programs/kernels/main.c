/* kernels NAME [REPEAT] | all | list: prints "NAME REPEAT CHECKSUM". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

static const struct kernel *const all[] = {
    &aes,     &atomics, &bignum,        &callvm,     &chase,     &compression, &coremark_like, &crc32,
    &dhrystone_like,    &fft,           &fib,        &json,      &libc_mem, &lu,            &mandel,
    &matmul_double,     &matmul_int,    &memcopy,    &nbody,     &queens,   &quicksort,     &sha256,
    &sha512,  &sieve,   &spin_float,    &spmv,       &switchvm,  &syscalls, &text_words,    &threads1,
    &threads2,          &vcall,
};
enum { COUNT = sizeof all / sizeof *all };

static void run(const struct kernel *k, unsigned repeat) {
  printf("%s %u %016" PRIx64 "\n", k->name, repeat, k->run(repeat));
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: kernels NAME [REPEAT] | all [REPEAT] | list\n");
    return 2;
  }
  unsigned long repeat = 0; /* each kernel's own */
  if (argc == 3) {
    char *end;
    errno = 0;
    repeat = strtoul(argv[2], &end, 10);
    if (errno || *end || repeat == 0 || repeat > 1000000000) {
      fprintf(stderr, "kernels: not a repeat count: %s\n", argv[2]);
      return 2;
    }
  }
  if (strcmp(argv[1], "list") == 0) {
    for (int i = 0; i < COUNT; i++) puts(all[i]->name);
    return 0;
  }
  int found = 0;
  for (int i = 0; i < COUNT; i++)
    if (strcmp(argv[1], "all") == 0 || strcmp(argv[1], all[i]->name) == 0) {
      run(all[i], repeat ? (unsigned)repeat : all[i]->repeat);
      found = 1;
    }
  if (!found) fprintf(stderr, "kernels: no kernel %s; see kernels list\n", argv[1]);
  return found ? 0 : 2;
}
