/* Two enclaves at once: host-two EAPP-PROBE VICTIM RUNTIME LOADER, with eapp-hello as VICTIM.
 *
 * The victim is created first and stays. The host tries to reach its memory through a mapping it kept; then, one
 * attempt each, a probing enclave tries it: by its physical address, at the place where it would lie in the runtime's
 * linear view, and at every other address an attacker could think of. In the end the victim must run as if alone.
 * The exit code is that of host-attack. */
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge_host.h"
#include "enclave.h"

const char program_name[] = "host-two";

enum { FREE_MEMORY = 256 * 1024, UTM = 64 * 1024, VICTIM_RETURNS = 42 };
enum { LOAD = 1, STORE = 2, JUMP = 3, AMO = 4 }; /* eapp_probe.c */

static int failures;

static void expect(const char *what, int64_t actual, int64_t expected) {
  printf("%s: %" PRId64, what, actual);
  if (actual != expected) printf(", expected %" PRId64, expected);
  printf("\n");
  fflush(stdout);
  failures += actual != expected;
}

static int require(int error, const char *step) {
  if (error) fprintf(stderr, "host-two: %s failed: %s\n", step, strerror(-error));
  return error;
}

static sigjmp_buf back;
static volatile int fault_code;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  fault_code = info->si_code;
  siglongjmp(back, 1);
}

static __attribute__((noinline)) int touch(volatile uint8_t *at, int write) {
  fault_code = 0;
  if (sigsetjmp(back, 1) == 0) {
    if (write) *at = 0x66;
    else (void)*at;
  }
  return fault_code;
}

/* A new enclave for every attempt: each ends with its death. */
static void attempt(const char *what, const struct images *images, uint64_t probe, uint64_t address) {
  struct enclave e = {.device = open_device()};
  struct host_services services = {.string = "", .arguments = {probe, address}, .argument_count = 2};
  if (require(enclave_build(&e, images, FREE_MEMORY, UTM), "building the attacker") ||
      require(enclave_run(&e, serve_host_call, &services), "running the attacker")) {
    failures++;
  } else {
    expect(what, e.error ? (int64_t)e.error : (int64_t)e.value, EAPP_KILLED);
  }
  enclave_destroy(&e);
  close(e.device);
}

int main(int argc, char **argv) {
  if (argc != 5) usage_error("usage: host-two EAPP-PROBE VICTIM RUNTIME LOADER");
  struct images attacker = read_images(argv[1], argv[3], argv[4]);
  struct images victim = read_images(argv[2], argv[3], argv[4]);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);

  struct enclave b = {.device = open_device()};
  const size_t eapp = victim.loader.padded + victim.runtime.padded;
  if (require(enclave_create(&b, &victim, FREE_MEMORY), "create") || require(enclave_utm(&b, UTM), "utm_init") ||
      require(enclave_load(&b, &victim), "load"))
    return 1;
  volatile uint8_t *kept = enclave_map_page(&b, eapp);
  if (!kept) return require(-1, "mapping a page") != 0;
  expect("host reads the victim before finalize", kept[0], 0x7f);
  if (require(enclave_finalize(&b, &victim, FREE_MEMORY), "finalize") || require(enclave_map_utm(&b), "mapping the UTM"))
    return 1;

  expect("si_code when the host reads the victim", touch(kept, 0), SEGV_ACCERR);
  expect("si_code when the host writes the victim", touch(kept, 1), SEGV_ACCERR);

  /* Where the runtime maps the attacker's own memory linearly, the victim would lie at this distance. */
  const uint64_t linear = 0xffffffff00000000, target = b.info.epm_paddr + eapp;
  attempt("the enclave loads the victim's physical address", &attacker, LOAD, target);
  attempt("the enclave stores there", &attacker, STORE, target);
  attempt("the enclave jumps there", &attacker, JUMP, target);
  attempt("the enclave does an amo there", &attacker, AMO, target);
  attempt("the enclave loads that address plus 2^38", &attacker, LOAD, target + (1ul << 38));
  attempt("the enclave loads in the runtime's linear view", &attacker, LOAD, linear);
  attempt("the enclave loads the distance of the victim in it", &attacker, LOAD, linear + target);
  attempt("the enclave loads the victim's shared buffer", &attacker, LOAD, b.info.utm_paddr);
  attempt("the enclave stores to the victim's shared buffer", &attacker, STORE, b.info.utm_paddr);
  attempt("the enclave loads the host's address of the kept mapping", &attacker, LOAD, (uint64_t)kept);

  expect("si_code when the host reads the victim afterwards", touch(kept, 0), SEGV_ACCERR);
  struct host_services services = {.string = "hello from the host"};
  if (require(enclave_run(&b, serve_host_call, &services), "running the victim")) return 1;
  expect("the victim returns", b.error ? (int64_t)b.error : (int64_t)b.value, VICTIM_RETURNS);
  if (require(enclave_destroy(&b), "destroy")) failures++;
  close(b.device);
  return failures != 0;
}
