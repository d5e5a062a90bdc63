/* Runs eapp-paging with little memory, and tampers with what of it is outside.
 *
 *   host-paging leave|flip|replay|swap EAPP RUNTIME LOADER
 *
 * The runtime keeps pages that have no room in the upper three quarters of the shared buffer. After phase 1 `flip`
 * changes one bit of each page there; `replay` keeps a copy after phase 1 and puts it back after phase 2; `swap`
 * exchanges neighbours after phase 1. Exit code 0 when the enclave returned 11 (leave) or was ended by its runtime
 * (the others). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge_host.h"
#include "enclave.h"

const char program_name[] = "host-paging";

enum { UTM_SIZE = 8 << 20, FREE_MEMORY = 1 << 20, DONE = 11 };

enum attack { LEAVE, FLIP, REPLAY, SWAP };
static const char *const attacks[] = {"leave", "flip", "replay", "swap"};

struct context {
  struct host_services services;
  enum attack attack;
  uint8_t *copy;
};

static void attack(struct context *c, uint8_t *store, size_t size, uint64_t phase) {
  if (c->attack == FLIP && phase == 1)
    for (size_t at = 0; at < size; at += KEYSTONE_PAGE) store[at + 100] ^= 1;
  if (c->attack == REPLAY && phase == 1) memcpy(c->copy, store, size);
  if (c->attack == REPLAY && phase == 2) memcpy(store, c->copy, size);
  if (c->attack == SWAP && phase == 1)
    for (size_t at = 0; at + 2 * KEYSTONE_PAGE <= size; at += 2 * KEYSTONE_PAGE) {
      memcpy(c->copy, store + at, KEYSTONE_PAGE);
      memcpy(store + at, store + at + KEYSTONE_PAGE, KEYSTONE_PAGE);
      memcpy(store + at + KEYSTONE_PAGE, c->copy, KEYSTONE_PAGE);
    }
}

static void serve(struct enclave *e, void *context) {
  struct context *c = context;
  struct edge_call *header = (struct edge_call *)e->utm;
  uint64_t phase;
  if (header->id == CALL_NULL) {
    memcpy(&phase, e->utm + sizeof *header, sizeof phase);
    attack(c, e->utm + e->utm_size / 4, e->utm_size - e->utm_size / 4, phase);
  }
  serve_host_call(e, &c->services);
}

int main(int argc, char **argv) {
  struct context c = {.copy = malloc(UTM_SIZE)};
  size_t kind = 0;
  if (argc != 5) usage_error("usage: host-paging leave|flip|replay|swap EAPP RUNTIME LOADER");
  while (kind < sizeof attacks / sizeof *attacks && strcmp(argv[1], attacks[kind])) kind++;
  if (kind == sizeof attacks / sizeof *attacks || !c.copy) usage_error("no such attack: %s", argv[1]);
  c.attack = (enum attack)kind;

  struct images images = read_images(argv[2], argv[3], argv[4]);
  struct enclave e = {.device = open_device()};
  int error = enclave_build(&e, &images, FREE_MEMORY, UTM_SIZE);
  if (!error) error = enclave_run(&e, serve, &c);
  if (error) usage_error("the enclave cannot be run: %s", strerror(-error));
  long value = (long)e.value;
  printf("enclave returned %ld\n", value);
  enclave_destroy(&e);
  close(e.device);
  return value != (c.attack == LEAVE ? DONE : EAPP_KILLED);
}
