/* Edge calls without an enclave: both sides in one plain Linux process. */
#include "plain.h"

#include <stdio.h>
#include <string.h>

static const struct {
  const char *name, *usage;
  int (*run)(int argc, char **argv);
} parts[] = {
    {"layout", "", print_layout},
    {"cost", "PAYLOAD BATCH", print_cost},
    {"calls", "BACKEND CALLS LANES SEED", run_calls},
    {"teardown", "ROUNDS SEED", run_teardown},
    {"hostile", "CALLS HARTS SEED", run_hostile},
    {"allocator", "PAGES SMALLEST [STEPS SEED]", run_allocator},
};

int main(int argc, char **argv) {
  int result = 2;
  for (unsigned i = 0; argc > 1 && i < sizeof parts / sizeof *parts; i++)
    if (strcmp(argv[1], parts[i].name) == 0) result = parts[i].run(argc - 1, argv + 1);
  if (result == 2)
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++)
      fprintf(stderr, "%s aec-plain %s %s\n", i ? "      " : "usage:", parts[i].name, parts[i].usage);
  return result;
}
