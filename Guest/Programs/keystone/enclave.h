/* The host's side of one enclave, over the public device ABI alone. */
#ifndef ENCLAVE_H
#define ENCLAVE_H

#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "keystone_abi.h"

/* Bad input of any kind: one line on stderr and exit 2. Each program defines its own name. */
extern const char program_name[];
noreturn void usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file that goes into enclave memory, padded with zeros to whole pages. */
struct image {
  const char *path;
  uint8_t *bytes;
  size_t size; /* of the file */
  size_t padded;
};

struct images {
  struct image loader, runtime, eapp;
};

/* Reads and checks all three before anything is created; ends in usage_error when one is unfit. */
struct images read_images(const char *eapp, const char *runtime, const char *loader);

struct enclave {
  int device;
  struct keystone_create info; /* what the driver was told and what it answered */
  uint8_t *utm;
  size_t utm_size;
  uint64_t error, value; /* of the last RUN or RESUME */
};

/* Opens the device, or ends in usage_error that says how to get one. */
int open_device(void);

/* The steps of an enclave's life. All return 0, or a negative errno and leave the enclave destroyable. */
int enclave_create(struct enclave *e, const struct images *images, size_t free_memory);
int enclave_utm(struct enclave *e, size_t utm_size);
int enclave_load(struct enclave *e, const struct images *images);
int enclave_finalize(struct enclave *e, const struct images *images, size_t free_memory);
int enclave_map_utm(struct enclave *e);
int enclave_destroy(struct enclave *e);

/* All of the above up to a mapped UTM. */
int enclave_build(struct enclave *e, const struct images *images, size_t free_memory, size_t utm_size);

/* Runs to the end of the enclave: serves edge calls with `serve` and resumes. Leaves error and value. */
typedef void serve_edge_call(struct enclave *e, void *context);
int enclave_run(struct enclave *e, serve_edge_call *serve, void *context);

/* One step, KEYSTONE_IOC_RUN or KEYSTONE_IOC_RESUME. */
int enclave_step(struct enclave *e, unsigned long command);

/* A page of enclave memory, mapped before FINALIZE. NULL and errno on failure. */
uint8_t *enclave_map_page(struct enclave *e, size_t offset);

/* Text for an error number of the security monitor. */
const char *sm_error_name(uint64_t error);

#endif
