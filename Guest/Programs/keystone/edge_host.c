/* Serving edge calls.
 *
 * The enclave may write the shared buffer while we read it, so every field is fetched once into private
 * memory, checked there, and used from there. What is handed to a system call in place (the bytes of read and
 * write) may change meanwhile, but its bounds are private. */
#define _GNU_SOURCE
#include "edge_host.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A private copy of where the argument lies, proven to be inside the buffer. */
struct request {
  uint8_t *utm;
  size_t utm_size;
  uint64_t id;
  size_t offset, size;
};

/* What the host answers with. */
struct reply {
  uint64_t status;
  size_t offset, size;
};

static const struct reply nothing = {EDGE_OK, 0, 0};
static const struct reply bad_offset = {EDGE_BAD_OFFSET, 0, 0};
static const struct reply failed = {EDGE_ERROR, 0, 0};

static uint8_t *argument_of(const struct request *r) { return r->utm + r->offset; }

/* Copies a fixed-size argument out; 0 when the request is too short to hold one. */
static int fetch(const struct request *r, size_t at, void *to, size_t size) {
  if (at > r->size || size > r->size - at) return 0;
  memcpy(to, argument_of(r) + at, size);
  return 1;
}

/* Results stand where arguments do, right behind the header. */
static struct reply answer(const struct request *r, const void *data, size_t size) {
  size_t offset = sizeof(struct edge_call);
  if (size > r->utm_size - offset) return failed;
  memcpy(r->utm + offset, data, size);
  return (struct reply){EDGE_OK, offset, size};
}

/* ---- Printing ---- */

/* The enclave is not trusted to leave the terminal alone, so control characters are shown in hex. */
static struct reply print_buffer(const struct request *r) {
  char *text = malloc(r->size + 1);
  if (!text) return failed;
  memcpy(text, argument_of(r), r->size);
  text[r->size] = '\0';
  printf("Enclave said: \"");
  for (const char *c = text; *c; c++) {
    unsigned char byte = (unsigned char)*c;
    if (iscntrl(byte)) printf("\\x%02x", byte);
    else putchar(byte);
  }
  printf("\"\n");
  free(text);
  return nothing;
}

static struct reply print_number(const struct request *r) {
  uint64_t value;
  if (!fetch(r, 0, &value, sizeof value)) return bad_offset;
  printf("Enclave said value: %" PRIu64 "\n", value);
  return nothing;
}

/* ---- Giving ---- */

static struct reply give_string(const struct request *r, const struct host_services *s) {
  return answer(r, s->string, strlen(s->string) + 1);
}

static struct reply give_wrapped_string(const struct request *r, const struct host_services *s) {
  size_t size = strlen(s->string) + 1;
  struct edge_data where = {sizeof(struct edge_call) + sizeof where, size};
  if (size > r->utm_size - where.offset) return failed;
  memcpy(r->utm + where.offset, s->string, size);
  return answer(r, &where, sizeof where);
}

static struct reply give_argument(const struct request *r, const struct host_services *s) {
  uint64_t index;
  if (!fetch(r, 0, &index, sizeof index)) return bad_offset;
  if (index >= s->argument_count) return failed;
  return answer(r, &s->arguments[index], sizeof s->arguments[index]);
}

static struct reply add(const struct request *r) {
  uint64_t terms[2];
  if (!fetch(r, 0, terms, sizeof terms)) return bad_offset;
  uint64_t sum = terms[0] + terms[1];
  return answer(r, &sum, sizeof sum);
}

/* ---- System calls of libc eapps ----
 * Each handler takes the payload; its result replaces the system call's number. errno does not travel: the
 * ABI knows only -1. */

enum { NUMBER_SIZE = 8 };

static int fetch_payload(const struct request *r, void *to, size_t size) { return fetch(r, NUMBER_SIZE, to, size); }

/* A path, which must end within the argument. */
static int fetch_path(const struct request *r, size_t at, char *path, size_t capacity) {
  at += NUMBER_SIZE;
  if (at >= r->size) return 0;
  size_t size = r->size - at < capacity ? r->size - at : capacity;
  memcpy(path, argument_of(r) + at, size);
  return memchr(path, '\0', size) != NULL;
}

static int64_t forward_openat(const struct request *r) {
  struct edge_openat a;
  char path[4096];
  if (!fetch_payload(r, &a, sizeof a) || !fetch_path(r, offsetof(struct edge_openat, path), path, sizeof path)) return -1;
  return openat(a.dirfd, path, a.flags, a.mode);
}

static int64_t forward_unlinkat(const struct request *r) {
  struct edge_openat a;
  char path[4096];
  if (!fetch_payload(r, &a, sizeof a) || !fetch_path(r, offsetof(struct edge_openat, path), path, sizeof path)) return -1;
  return unlinkat(a.dirfd, path, a.flags);
}

static int64_t forward_transfer(const struct request *r, long number) {
  struct edge_transfer a;
  const size_t header = NUMBER_SIZE + sizeof a;
  if (!fetch_payload(r, &a, sizeof a) || a.size > r->size - header) return -1;
  if (number == SYS_read) return read(a.fd, argument_of(r) + header, a.size);
  fflush(stdout); /* our own lines first */
  return write(a.fd, argument_of(r) + header, a.size);
}

static int64_t forward_descriptor(const struct request *r, long number) {
  struct edge_fd a;
  if (!fetch_payload(r, &a, sizeof a)) return -1;
  if (number == SYS_fsync) return fsync(a.fd);
  return a.fd > STDERR_FILENO ? close(a.fd) : 0; /* the enclave's exit must not take our own streams along */
}

static int64_t forward_lseek(const struct request *r) {
  struct edge_lseek a;
  return fetch_payload(r, &a, sizeof a) ? lseek(a.fd, a.offset, a.whence) : -1;
}

static int64_t forward_ftruncate(const struct request *r) {
  struct edge_ftruncate a;
  return fetch_payload(r, &a, sizeof a) ? ftruncate(a.fd, a.size) : -1;
}

static int64_t forward_fstat(const struct request *r) {
  struct edge_fstat a;
  struct stat status;
  _Static_assert(sizeof status == sizeof a.stat, "the payload carries RV64's struct stat");
  if (!fetch_payload(r, &a, sizeof a) || fstat(a.fd, &status) != 0) return -1;
  memcpy(argument_of(r) + NUMBER_SIZE + offsetof(struct edge_fstat, stat), &status, sizeof status);
  return 0;
}

static int64_t forward_fstatat(const struct request *r) {
  struct edge_fstatat a;
  struct stat status;
  char path[4096];
  if (!fetch_payload(r, &a, sizeof a) || !fetch_path(r, sizeof a, path, sizeof path)) return -1;
  if (fstatat(a.dirfd, path, &status, a.flags) != 0) return -1;
  memcpy(argument_of(r) + NUMBER_SIZE + offsetof(struct edge_fstatat, stat), &status, sizeof status);
  return 0;
}

static struct reply forward_syscall(const struct request *r) {
  uint64_t number;
  int64_t result;
  if (!fetch(r, 0, &number, sizeof number)) return bad_offset;
  switch (number) {
    case SYS_openat: result = forward_openat(r); break;
    case SYS_unlinkat: result = forward_unlinkat(r); break;
    case SYS_read:
    case SYS_write: result = forward_transfer(r, (long)number); break;
    case SYS_close:
    case SYS_fsync: result = forward_descriptor(r, (long)number); break;
    case SYS_lseek: result = forward_lseek(r); break;
    case SYS_ftruncate: result = forward_ftruncate(r); break;
    case SYS_fstat: result = forward_fstat(r); break;
    case SYS_newfstatat: result = forward_fstatat(r); break;
    default: return (struct reply){EDGE_SYSCALL_FAILED, 0, 0};
  }
  memcpy(argument_of(r), &result, sizeof result);
  return (struct reply){EDGE_OK, r->offset, sizeof result};
}

/* ---- Dispatch ---- */

static struct reply dispatch(const struct request *r, const struct host_services *s) {
  switch (r->id) {
    case CALL_PRINT: return print_buffer(r);
    case CALL_PRINT_VALUE: return print_number(r);
    case CALL_GET_STRING: return give_string(r, s);
    case CALL_ADD: return add(r);
    case CALL_NULL: return (struct reply){EDGE_OK, r->offset, r->size};
    case CALL_GET_WRAPPED: return give_wrapped_string(r, s);
    case CALL_GET_ARG: return give_argument(r, s);
    case EDGE_SYSCALL: return forward_syscall(r);
    default: return (struct reply){EDGE_BAD_ID, 0, 0};
  }
}

void serve_host_call(struct enclave *e, void *services) {
  volatile struct edge_call *header = (volatile struct edge_call *)e->utm;
  struct request r = {
      .utm = e->utm,
      .utm_size = e->utm_size,
      .id = header->id,
      .offset = header->arg_offset,
      .size = header->arg_size,
  };
  struct reply reply = bad_offset;
  if (r.offset >= sizeof *header && r.offset <= r.utm_size && r.size <= r.utm_size - r.offset)
    reply = dispatch(&r, services);
  header->status = reply.status;
  header->ret_offset = reply.offset;
  header->ret_size = reply.size;
}
