/* Runs one enclave from start to end.
 *
 *   host-runner [--utm BYTES] [--freemem BYTES] [--retval N] [--string TEXT] [--arg N]... EAPP RUNTIME LOADER
 *
 * The last line on stdout is "enclave returned N" (signed decimal). Exit code: 0; 1 when the enclave failed,
 * that is when the driver or the monitor refused it, when N is not --retval, or when N is -1 and no --retval
 * was given (a runtime ends an eapp that faults with -1); 2 for bad input. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge_host.h"
#include "enclave.h"

const char program_name[] = "host-runner";

static const char usage[] =
    "usage: host-runner [--utm BYTES] [--freemem BYTES] [--retval N] [--string TEXT] [--arg N]... "
    "EAPP RUNTIME LOADER";

struct options {
  size_t utm, free_memory;
  int has_expected;
  int64_t expected;
  struct host_services services;
};

static uint64_t number(const char *option, const char *text) {
  char *end;
  errno = 0;
  uint64_t value = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
  if (errno || end == text || *end) usage_error("--%s: not a number: %s", option, text);
  return value;
}

static size_t size_option(const char *option, const char *text) {
  uint64_t value = number(option, text);
  if (value == 0 || value > (uint64_t)1 << 40) usage_error("--%s: out of range: %s", option, text);
  return value;
}

static struct options parse(int argc, char **argv) {
  static const struct option known[] = {
      {"utm", required_argument, NULL, 'u'},    {"freemem", required_argument, NULL, 'f'},
      {"retval", required_argument, NULL, 'r'}, {"string", required_argument, NULL, 's'},
      {"arg", required_argument, NULL, 'a'},    {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0},
  };
  /* Sizes of Keystone's hello-native example. */
  struct options o = {.utm = 1 << 20, .free_memory = 1 << 20, .services.string = "hello from the host"};
  int option;
  opterr = 0;
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) switch (option) {
      case 'u': o.utm = size_option("utm", optarg); break;
      case 'f': o.free_memory = size_option("freemem", optarg); break;
      case 'r':
        o.has_expected = 1;
        o.expected = (int64_t)number("retval", optarg);
        break;
      case 's': o.services.string = optarg; break;
      case 'a':
        if (o.services.argument_count == MAX_ARGUMENTS) usage_error("more than %d --arg", MAX_ARGUMENTS);
        o.services.arguments[o.services.argument_count++] = number("arg", optarg);
        break;
      case 'h': puts(usage); exit(0);
      default: usage_error("%s", usage);
    }
  if (argc - optind != 3) usage_error("%s", usage);
  return o;
}

static int fail(const char *step, int error) {
  fflush(stdout);
  fprintf(stderr, "host-runner: %s: %s\n", step, strerror(-error));
  return 1;
}

static int run(struct enclave *e, const struct images *images, struct options *o) {
  int error = enclave_build(e, images, o->free_memory, o->utm);
  if (error) return fail("the driver did not create the enclave", error);
  error = enclave_run(e, serve_host_call, &o->services);
  if (error) return fail("the driver did not run the enclave", error);
  if (e->error != SM_SUCCESS) {
    fflush(stdout);
    fprintf(stderr, "host-runner: the security monitor stopped the enclave: %" PRIu64 " (%s)\n", e->error,
            sm_error_name(e->error));
    return 1;
  }

  int64_t value = (int64_t)e->value;
  printf("enclave returned %" PRId64 "\n", value);
  fflush(stdout);
  if (o->has_expected && value != o->expected) {
    fprintf(stderr, "host-runner: expected %" PRId64 "\n", o->expected);
    return 1;
  }
  return !o->has_expected && value == EAPP_KILLED;
}

int main(int argc, char **argv) {
  struct options o = parse(argc, argv);
  struct images images = read_images(argv[optind], argv[optind + 1], argv[optind + 2]);
  struct enclave e = {.device = open_device()};
  int status = run(&e, &images, &o);
  int error = enclave_destroy(&e);
  if (error && status == 0) status = fail("the driver did not destroy the enclave", error);
  close(e.device);
  return status;
}
