/* Runs an enclave that makes no edge calls, and counts the interruptions that it is resumed from, in the first word of
 * the shared buffer: host-interrupts EAPP RUNTIME LOADER. Prints what the enclave returned. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "enclave.h"

const char program_name[] = "host-interrupts";

enum { FREE_MEMORY = 64 * 1024, UTM = 64 * 1024 };

static int fail(const char *step, int error) {
  fprintf(stderr, "host-interrupts: %s: %s\n", step, strerror(-error));
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) usage_error("usage: host-interrupts EAPP RUNTIME LOADER");
  struct images images = read_images(argv[1], argv[2], argv[3]);
  struct enclave e = {.device = open_device()};
  int error = enclave_build(&e, &images, FREE_MEMORY, UTM);
  if (error) return fail("the driver did not create the enclave", error);

  error = enclave_step(&e, KEYSTONE_IOC_RUN);
  while (!error && e.error == SM_INTERRUPTED) {
    ++*(volatile uint64_t *)e.utm;
    error = enclave_step(&e, KEYSTONE_IOC_RESUME);
  }

  if (error) return fail("the driver did not run the enclave", error);
  if (e.error == SM_SUCCESS) printf("enclave returned %" PRId64 "\n", (int64_t)e.value);
  else printf("enclave stopped: %s\n", sm_error_name(e.error));
  error = enclave_destroy(&e);
  return error ? fail("the driver did not destroy the enclave", error) : 0;
}
