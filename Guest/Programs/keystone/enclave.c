#define _GNU_SOURCE
#include "enclave.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

noreturn void usage_error(const char *format, ...) {
  va_list args;
  fflush(stdout);
  fprintf(stderr, "%s: ", program_name);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(2);
}

/* ---- Files ---- */

static size_t round_to_page(size_t n) { return (n + KEYSTONE_PAGE - 1) & ~(KEYSTONE_PAGE - 1); }

static struct image read_image(const char *path) {
  struct image image = {.path = path};
  struct stat status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) != 0) usage_error("%s: %s", path, strerror(errno));
  if (!S_ISREG(status.st_mode)) usage_error("%s: not a regular file", path);
  if (status.st_size == 0) usage_error("%s: empty file", path);

  image.size = (size_t)status.st_size;
  image.padded = round_to_page(image.size);
  image.bytes = calloc(1, image.padded);
  if (!image.bytes) usage_error("%s: too large for memory", path);
  for (size_t got = 0; got < image.size;) {
    ssize_t n = read(fd, image.bytes + got, image.size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) usage_error("%s: %s", path, n ? strerror(errno) : "became shorter while it was read");
    got += (size_t)n;
  }
  close(fd);
  return image;
}

/* The runtime inside the enclave would reject the file too, but only after the enclave exists, and with no
 * better message than the value -1. */
static void check_elf(const struct image *image, const char *role) {
  Elf64_Ehdr header;
  if (image->size < sizeof header) usage_error("%s: not an ELF file (%s)", image->path, role);
  memcpy(&header, image->bytes, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) usage_error("%s: not an ELF file (%s)", image->path, role);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_RISCV)
    usage_error("%s: not a 64-bit RISC-V ELF file (%s)", image->path, role);
  if (header.e_type != ET_EXEC)
    usage_error("%s: not a static executable at fixed addresses (%s): link with -static -no-pie", image->path, role);
}

struct images read_images(const char *eapp, const char *runtime, const char *loader) {
  struct images images = {
      .loader = read_image(loader),
      .runtime = read_image(runtime),
      .eapp = read_image(eapp),
  };
  check_elf(&images.eapp, "eapp");
  check_elf(&images.runtime, "runtime");
  return images;
}

/* ---- Device ---- */

int open_device(void) {
  int fd = open(KEYSTONE_DEVICE, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    usage_error("cannot open " KEYSTONE_DEVICE ": %s. Start this program with \"rvjit run\", or on a machine that "
                "booted with Keystone's security monitor load keystone-driver.ko",
                strerror(errno));
  return fd;
}

static int control(int device, unsigned long command, void *argument) {
  return ioctl(device, command, argument) == 0 ? 0 : -errno;
}

int enclave_create(struct enclave *e, const struct images *images, size_t free_memory) {
  /* The loader needs pages of its own for page tables, the runtime for its stack: 16 is what Keystone's SDK
   * adds too (sdk/src/host/Enclave.cpp). */
  enum { SPARE_PAGES = 16 };
  size_t bytes = images->loader.padded + images->runtime.padded + images->eapp.padded + round_to_page(free_memory);
  e->info = (struct keystone_create){.min_pages = bytes / KEYSTONE_PAGE + SPARE_PAGES};
  return control(e->device, KEYSTONE_IOC_CREATE, &e->info);
}

/* The driver rounds up to a power of two of pages. Rounding here first makes host and enclave agree on where
 * the buffer ends. */
int enclave_utm(struct enclave *e, size_t utm_size) {
  size_t rounded = KEYSTONE_PAGE;
  while (rounded < utm_size && rounded << 1) rounded <<= 1;
  e->utm_size = rounded;
  e->info.utm_size = rounded;
  return control(e->device, KEYSTONE_IOC_UTM_INIT, &e->info);
}

uint8_t *enclave_map_page(struct enclave *e, size_t offset) {
  void *page = mmap(NULL, KEYSTONE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, e->device, (off_t)offset);
  return page == MAP_FAILED ? NULL : page;
}

/* The driver maps one page at a time before FINALIZE. */
static int load_image(struct enclave *e, const struct image *image, size_t *offset) {
  for (size_t at = 0; at < image->padded; at += KEYSTONE_PAGE, *offset += KEYSTONE_PAGE) {
    uint8_t *page = enclave_map_page(e, *offset);
    if (!page) return -errno;
    memcpy(page, image->bytes + at, KEYSTONE_PAGE);
    munmap(page, KEYSTONE_PAGE);
  }
  return 0;
}

int enclave_load(struct enclave *e, const struct images *images) {
  size_t offset = 0;
  int error = load_image(e, &images->loader, &offset);
  if (!error) error = load_image(e, &images->runtime, &offset);
  if (!error) error = load_image(e, &images->eapp, &offset);
  return error;
}

int enclave_finalize(struct enclave *e, const struct images *images, size_t free_memory) {
  e->info.runtime_paddr = e->info.epm_paddr + images->loader.padded;
  e->info.user_paddr = e->info.runtime_paddr + images->runtime.padded;
  e->info.free_paddr = e->info.user_paddr + images->eapp.padded;
  e->info.free_requested = free_memory;
  return control(e->device, KEYSTONE_IOC_FINALIZE, &e->info);
}

int enclave_map_utm(struct enclave *e) {
  void *utm = mmap(NULL, e->utm_size, PROT_READ | PROT_WRITE, MAP_SHARED, e->device, 0);
  if (utm == MAP_FAILED) return -errno;
  e->utm = utm;
  return 0;
}

int enclave_destroy(struct enclave *e) {
  if (e->utm) munmap(e->utm, e->utm_size);
  e->utm = NULL;
  return control(e->device, KEYSTONE_IOC_DESTROY, &e->info);
}

int enclave_build(struct enclave *e, const struct images *images, size_t free_memory, size_t utm_size) {
  int error = enclave_create(e, images, free_memory);
  if (!error) error = enclave_utm(e, utm_size);
  if (!error) error = enclave_load(e, images);
  if (!error) error = enclave_finalize(e, images, free_memory);
  if (!error) error = enclave_map_utm(e);
  return error;
}

int enclave_step(struct enclave *e, unsigned long command) {
  struct keystone_run run = {.eid = e->info.eid};
  int error = control(e->device, command, &run);
  e->error = run.error;
  e->value = run.value;
  return error;
}

int enclave_run(struct enclave *e, serve_edge_call *serve, void *context) {
  int error = enclave_step(e, KEYSTONE_IOC_RUN);
  while (!error && (e->error == SM_EDGE_CALL_HOST || e->error == SM_INTERRUPTED)) {
    if (e->error == SM_EDGE_CALL_HOST) serve(e, context);
    error = enclave_step(e, KEYSTONE_IOC_RESUME);
  }
  return error;
}

const char *sm_error_name(uint64_t error) {
  switch (error) {
    case SM_SUCCESS: return "success";
    case SM_UNKNOWN_ERROR: return "unknown error";
    case SM_INVALID_ID: return "invalid enclave id";
    case SM_INTERRUPTED: return "interrupted";
    case SM_PMP_FAILURE: return "PMP failure";
    case SM_NOT_RUNNABLE: return "not runnable";
    case SM_NOT_DESTROYABLE: return "not destroyable";
    case SM_REGION_OVERLAPS: return "region overlaps";
    case SM_NOT_ACCESSIBLE: return "not accessible";
    case SM_ILLEGAL_ARGUMENT: return "illegal argument";
    case SM_NOT_RUNNING: return "not running";
    case SM_NOT_RESUMABLE: return "not resumable";
    case SM_EDGE_CALL_HOST: return "edge call";
    case SM_NOT_INITIALIZED: return "not initialized";
    case SM_NO_FREE_RESOURCE: return "no free resource";
    case SM_SBI_PROHIBITED: return "prohibited";
    case SM_ILLEGAL_PTE: return "illegal page table entry";
    case SM_NOT_FRESH: return "not fresh";
    case SM_DEPRECATED: return "deprecated";
    case SM_NOT_IMPLEMENTED: return "not implemented";
    default: return "no such error";
  }
}
