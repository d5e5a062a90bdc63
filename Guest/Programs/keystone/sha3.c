/* SHA3-512 (FIPS 202) of whole 64-bit words. */
#include "runtime.h"

enum { LANES = 25, ROUNDS = 24, RATE = (1600 - 2 * 512) / 64 };

static uint64_t rotate(uint64_t word, int by) { return by ? word << by | word >> (64 - by) : word; }

/* FIPS 202, algorithm 5: one bit of a round constant; its register goes on from call to call. */
static int next_bit(uint8_t *lfsr) {
  int bit = *lfsr & 1;
  *lfsr = (uint8_t)(*lfsr << 1 ^ (*lfsr >> 7) * 0x71);
  return bit;
}

/* Lane (x, y) stands at x + 5 y. Rho and pi follow one lane through the others (algorithms 2 and 3). */
static void permute(uint64_t lane[LANES]) {
  uint8_t lfsr = 1;
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t column[5], row[5];
    for (int x = 0; x < 5; x++) column[x] = lane[x] ^ lane[x + 5] ^ lane[x + 10] ^ lane[x + 15] ^ lane[x + 20];
    for (int i = 0; i < LANES; i++) lane[i] ^= column[(i + 4) % 5] ^ rotate(column[(i + 1) % 5], 1);

    uint64_t moved = lane[1];
    for (int t = 0, x = 1, y = 0; t < ROUNDS; t++) {
      int to = (2 * x + 3 * y) % 5;
      x = y, y = to;
      uint64_t next = lane[x + 5 * y];
      lane[x + 5 * y] = rotate(moved, (t + 1) * (t + 2) / 2 % 64);
      moved = next;
    }

    for (int y = 0; y < LANES; y += 5) {
      for (int x = 0; x < 5; x++) row[x] = lane[x + y];
      for (int x = 0; x < 5; x++) lane[x + y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    for (int j = 0; j <= 6; j++)
      if (next_bit(&lfsr)) lane[0] ^= 1ul << ((1 << j) - 1);
  }
}

void sha3_512(uint64_t hash[SHA3_512_BYTES / 8], const uint64_t *message, uint64_t words) {
  uint64_t lane[LANES], filled = 0;
  for (int i = 0; i < LANES; i++) lane[i] = 0;
  for (uint64_t i = 0; i < words; i++) {
    lane[filled++] ^= message[i];
    if (filled == RATE) permute(lane), filled = 0;
  }
  lane[filled] ^= 6; /* the suffix 01, and the first bit of the padding */
  lane[RATE - 1] ^= 1ul << 63;
  permute(lane);
  for (int i = 0; i < SHA3_512_BYTES / 8; i++) hash[i] = lane[i];
}
