/* Loads and stores: widths, extension, displacements, unaligned accesses, forwarding between widths. */
#include "isa.h"

static uint8_t area[4096 * 3] __attribute__((aligned(4096)));

static void fill(void) {
  for (size_t i = 0; i < sizeof area; i++) area[i] = (uint8_t)(i * 37 + 129);
}

#define LOAD(name, displacement)                                                                                \
  {                                                                                                             \
    uint64_t r;                                                                                                 \
    __asm__ volatile(#name " %0, " #displacement "(%1)" : "=r"(r) : "r"(area + 4096) : "memory");               \
    result(#name " " #displacement, r);                                                                         \
  }
#define LOADS(name) \
  LOAD(name, 0) LOAD(name, 1) LOAD(name, 2) LOAD(name, 3) LOAD(name, 4) LOAD(name, 5) LOAD(name, 6) LOAD(name, 7) \
  LOAD(name, -1) LOAD(name, -2) LOAD(name, -3) LOAD(name, -4) LOAD(name, -5) LOAD(name, -8) LOAD(name, 2047) LOAD(name, -2048)

#define STORE(name, displacement)                                                                               \
  {                                                                                                             \
    fill();                                                                                                     \
    __asm__ volatile(#name " %0, " #displacement "(%1)" : : "r"(0xf1e2d3c4b5a69788), "r"(area + 4096) : "memory"); \
    text(#name " " #displacement ":");                                                                          \
    for (int i = -16; i < 24; i++) hex(area[4096 + displacement + i], 2);                                       \
    put('\n');                                                                                                  \
  }
#define STORES(name) \
  STORE(name, 0) STORE(name, 1) STORE(name, 3) STORE(name, 6) STORE(name, -1) STORE(name, -3) STORE(name, -7) \
  STORE(name, 2047) STORE(name, -2048)

/* A store and a load of another width over it, back to back. */
#define FORWARD(store, load, displacement)                                                              \
  {                                                                                                     \
    uint64_t r;                                                                                         \
    fill();                                                                                             \
    __asm__ volatile(#store " %1, 0(%2)\n" #load " %0, " #displacement "(%2)"                           \
                     : "=&r"(r) : "r"(0x8182838485868788), "r"(area + 4096) : "memory");                \
    result(#store " then " #load " " #displacement, r);                                                 \
  }

static void same_register(void) {
  uint64_t pointer[2] = {0x77, 0x88}, base = (uint64_t)pointer;
  __asm__ volatile("ld %0, 8(%0)" : "+r"(base) : : "memory");
  result("ld with rd = rs1", base);
  base = (uint64_t)pointer;
  __asm__ volatile("sd %0, 0(%0)" : : "r"(base) : "memory");
  result("sd with rs1 = rs2", pointer[0] == base);
}

/* The walk of a list: each load's address is the load before. */
static void chase(void) {
  uint64_t *at = (uint64_t *)area;
  const size_t n = 512;
  for (size_t i = 0; i < n; i++) at[i] = (uint64_t)&at[(i + 77) % n];
  uint64_t *p = at, hash = 0;
  for (size_t i = 0; i < 2000; i++) {
    p = (uint64_t *)*p;
    hash = digest(hash, (uint64_t)((char *)p - (char *)at));
  }
  result("pointer chase", hash);
}

void run_tests(void) {
  fill();
  LOADS(lb) LOADS(lbu) LOADS(lh) LOADS(lhu) LOADS(lw) LOADS(lwu) LOADS(ld)
  STORES(sb) STORES(sh) STORES(sw) STORES(sd)
  FORWARD(sd, lb, 7) FORWARD(sd, lhu, 3) FORWARD(sd, lw, 4) FORWARD(sd, ld, 0) FORWARD(sd, ld, 4) FORWARD(sb, ld, 0)
  FORWARD(sh, lw, -1) FORWARD(sw, ld, -4) FORWARD(sw, lwu, 0) FORWARD(sh, lh, 0) FORWARD(sb, lbu, 0)
  same_register();
  chase();
}
