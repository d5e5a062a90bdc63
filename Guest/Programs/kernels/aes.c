/* AES-128 (FIPS 197) with four tables of 1 KiB, in counter mode over 64 KiB a repeat: table loads that depend on bytes
 * of words, and nothing to predict. */
#include "kernels.h"

enum { ROUNDS = 10, SIZE = 64 * 1024 };

static uint8_t box[256];
static uint32_t table[4][256];

static uint32_t load(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }

static uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0)); }

/* The S-box from its definition: inverses in GF(2^8), by powers of the generator 3, and the affine map. */
static void make_tables(void) {
  uint8_t power[256], logarithm[256];
  uint8_t x = 1;
  for (int i = 0; i < 255; i++) {
    power[i] = x;
    logarithm[x] = (uint8_t)i;
    x = (uint8_t)(x ^ twice(x));
  }
  for (int i = 0; i < 256; i++) {
    uint8_t inverse = i ? power[(255 - logarithm[i]) % 255] : 0, s = 0x63;
    for (int k = 0; k < 5; k++) s ^= (uint8_t)(inverse << k | inverse >> (8 - k));
    box[i] = s;
    uint32_t word = (uint32_t)twice(s) << 24 | (uint32_t)s << 16 | (uint32_t)s << 8 | (uint8_t)(twice(s) ^ s);
    for (int k = 0; k < 4; k++) table[k][i] = k ? word >> 8 * k | word << (32 - 8 * k) : word;
  }
}

static uint32_t substitute(uint32_t w) {
  return (uint32_t)box[w >> 24] << 24 | (uint32_t)box[w >> 16 & 255] << 16 | (uint32_t)box[w >> 8 & 255] << 8 | box[w & 255];
}

static void expand(uint32_t key[4 * (ROUNDS + 1)], const uint8_t *from) {
  uint8_t round = 1;
  for (int i = 0; i < 4; i++) key[i] = load(from + 4 * i);
  for (int i = 4; i < 4 * (ROUNDS + 1); i++) {
    uint32_t w = key[i - 1];
    if (i % 4 == 0) {
      w = substitute(w << 8 | w >> 24) ^ (uint32_t)round << 24;
      round = twice(round);
    }
    key[i] = key[i - 4] ^ w;
  }
}

static void encrypt(const uint32_t *key, const uint32_t in[4], uint32_t out[4]) {
  uint32_t a = in[0] ^ key[0], b = in[1] ^ key[1], c = in[2] ^ key[2], d = in[3] ^ key[3];
  for (int round = 1; round < ROUNDS; round++) {
    key += 4;
    uint32_t w = table[0][a >> 24] ^ table[1][b >> 16 & 255] ^ table[2][c >> 8 & 255] ^ table[3][d & 255] ^ key[0];
    uint32_t x = table[0][b >> 24] ^ table[1][c >> 16 & 255] ^ table[2][d >> 8 & 255] ^ table[3][a & 255] ^ key[1];
    uint32_t y = table[0][c >> 24] ^ table[1][d >> 16 & 255] ^ table[2][a >> 8 & 255] ^ table[3][b & 255] ^ key[2];
    uint32_t z = table[0][d >> 24] ^ table[1][a >> 16 & 255] ^ table[2][b >> 8 & 255] ^ table[3][c & 255] ^ key[3];
    a = w, b = x, c = y, d = z;
  }
  key += 4;
  out[0] = substitute((a & 0xff000000) | (b & 0xff0000) | (c & 0xff00) | (d & 0xff)) ^ key[0];
  out[1] = substitute((b & 0xff000000) | (c & 0xff0000) | (d & 0xff00) | (a & 0xff)) ^ key[1];
  out[2] = substitute((c & 0xff000000) | (d & 0xff0000) | (a & 0xff00) | (b & 0xff)) ^ key[2];
  out[3] = substitute((d & 0xff000000) | (a & 0xff0000) | (b & 0xff00) | (c & 0xff)) ^ key[3];
}

static uint64_t run(unsigned repeat) {
  static uint8_t data[SIZE];
  uint32_t key[4 * (ROUNDS + 1)], counter[4], stream[4];
  uint8_t example[16];
  make_tables();

  /* Appendix C.1 of the standard. */
  for (int i = 0; i < 16; i++) example[i] = (uint8_t)i;
  expand(key, example);
  for (uint32_t i = 0; i < 4; i++) counter[i] = 0x00112233 + i * 0x44444444;
  encrypt(key, counter, stream);
  if (stream[0] != 0x69c4e0d8 || stream[3] != 0x70b4c55a) return 0;

  uint64_t hash = 0;
  for (unsigned r = 0; r < repeat; r++) {
    for (int i = 0; i < SIZE; i += 16) {
      counter[3]++;
      encrypt(key, counter, stream);
      for (int k = 0; k < 16; k++) data[i + k] ^= (uint8_t)(stream[k / 4] >> (24 - 8 * (k % 4)));
    }
    hash = mix(hash, (uint64_t)load(data + r * 16 % SIZE) << 32 | load(data + SIZE - 4));
  }
  return hash;
}

const struct kernel aes = {"aes", 500, run};
