/* linux-tests compute: what eapp_compute computes inside an enclave, for comparison. */
#include "../keystone/compute.h"

#include <inttypes.h>

#include "tests.h"

static void report(uint64_t value) { printf("value: %" PRIu64 "\n", value); }

int compute_test(int argc, char **argv) {
  (void)argc, (void)argv;
  printf("returned %ld\n", compute_all(report));
  return 0;
}
